package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

/// Symbolic signatures: a number that only who has the key can compute, and everybody check.
final class Keys {

    static final ClusterId CLUSTER = new ClusterId(7, 11);

    private Keys() {}

    static Credentials of(ReplicaId replica) {
        return of(replica, CLUSTER);
    }

    static Credentials of(ReplicaId replica, ClusterId cluster) {
        return new Credentials(
                cluster,
                content -> sign(replica, content),
                (signer, content, signature) -> signature.equals(sign(signer, content)));
    }

    private static Bytes sign(ReplicaId replica, Bytes content) {
        long mark = 0x9E3779B97F4A7C15L * (replica.value() + 1);
        int size = content.size();
        int i = 0;
        for (; i + Long.BYTES <= size; i += Long.BYTES) {
            mark = mix(mark ^ content.getLong(i));
        }
        for (; i < size; i++) {
            mark = mix(mark ^ content.getByte(i));
        }
        return new BytesWriter(Long.BYTES).putLong(mark).toBytes();
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 32)) * 0xD6E8FEB86659FD93L;
        return (mixed ^ (mixed >>> 29)) * 0x9FB21C651E98DF25L;
    }
}
