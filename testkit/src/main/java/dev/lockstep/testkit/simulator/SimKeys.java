package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.replica.Trust;
import dev.lockstep.replica.Wish;

import org.jspecify.annotations.Nullable;

/// Symbolic signatures: a number that everybody can compute and only who has the key does. A liar
/// of the simulator signs in no other's name.
final class SimKeys {

    /// The only operator that a simulated cluster has.
    static final int OPERATOR = 1;

    private static final int KEY_BYTES = Integer.BYTES + Long.BYTES;

    /// No replica has this number.
    private static final Bytes OPERATORS_KEY = key(0, 1);

    private SimKeys() {}

    /// A key that a replica has had since an epoch.
    static Bytes keyOf(ReplicaId replica, long sinceEpoch) {
        return key(replica.value(), sinceEpoch);
    }

    private static Bytes key(int owner, long sinceEpoch) {
        return new BytesWriter(KEY_BYTES).putInt(owner).putLong(sinceEpoch).toBytes();
    }

    /// The key by which a member is known in the epoch that this sign began; null if it is none.
    static @Nullable Bytes keyIn(StopSign begun, ReplicaId replica) {
        int rank = begun.members().indexOf(replica);
        if (rank < 0) {
            return null;
        }
        return begun.keys().isEmpty() ? keyOf(replica, 1) : begun.keys().get(rank);
    }

    /// What a replica signs with and tells the others by, in any epoch.
    static Trust.Members members(ClusterId cluster, ReplicaId replica) {
        return begun ->
                new Credentials(
                        cluster,
                        content -> {
                            Bytes own = keyIn(begun, replica);
                            return sign(own == null ? keyOf(replica, 1) : own, content);
                        },
                        (signer, content, signature) -> {
                            Bytes key = keyIn(begun, signer);
                            return key != null && signature.equals(sign(key, content));
                        });
    }

    /// Tells the operator's signatures.
    static Trust.Operators operators() {
        return new Trust.Operators() {
            @Override
            public boolean isGenuine(int operator, Bytes content, Bytes signature) {
                return operator == OPERATOR && signature.equals(sign(OPERATORS_KEY, content));
            }

            @Override
            public boolean isKey(Bytes key) {
                return key.size() == KEY_BYTES;
            }
        };
    }

    /// What the operator wishes for.
    static Wish wish(ClusterId cluster, StopSign sign) {
        Bytes content = Wish.signedBytes(cluster, OPERATOR, sign);
        return new Wish(sign, OPERATOR, sign(OPERATORS_KEY, content));
    }

    /// The same, said to be the operator's by a replica that lies.
    static Wish forgedWish(ClusterId cluster, StopSign sign, ReplicaId liar) {
        Bytes content = Wish.signedBytes(cluster, OPERATOR, sign);
        return new Wish(sign, OPERATOR, sign(keyOf(liar, 1), content));
    }

    static Bytes sign(Bytes key, Bytes content) {
        long mark = mark(key.getInt(0), content) ^ mix(key.getLong(Integer.BYTES));
        return new BytesWriter(Long.BYTES).putLong(mix(mark)).toBytes();
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
