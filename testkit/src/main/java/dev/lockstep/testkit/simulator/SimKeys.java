package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

/// Symbolic signatures: a number that everybody can compute and only who has the key does. A liar
/// of the simulator signs in no other's name.
final class SimKeys {

    private SimKeys() {}

    /// What a replica signs with.
    static Credentials of(ClusterId cluster, ReplicaId replica) {
        return new Credentials(
                cluster,
                content -> sign(replica, content),
                (signer, content, signature) -> signature.equals(sign(signer, content)));
    }

    private static Bytes sign(ReplicaId replica, Bytes content) {
        return new BytesWriter(Long.BYTES).putLong(mark(replica.value(), content)).toBytes();
    }

    /// The same of any who signs.
    ///
    /// @param signer a number of its own
    static long mark(int signer, Bytes content) {
        long mark = 0x9E3779B97F4A7C15L * (signer + 1L);
        int size = content.size();
        int i = 0;
        for (; i + Long.BYTES <= size; i += Long.BYTES) {
            mark = mix(mark ^ content.getLong(i));
        }
        for (; i < size; i++) {
            mark = mix(mark ^ content.getByte(i));
        }
        return mark;
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 32)) * 0xD6E8FEB86659FD93L;
        return (mixed ^ (mixed >>> 29)) * 0x9FB21C651E98DF25L;
    }
}
