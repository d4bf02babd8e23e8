package dev.lockstep.net.keys;

import dev.lockstep.core.ReplicaId;

/// Whose a key is.
///
/// @param role what it is
/// @param number a replica's, 1 to 65,535, or a client's or operator's, which people choose, from 1
public record KeyOwner(Role role, int number) implements Comparable<KeyOwner> {

    /// Replicas, clients and operators have numbers of their own.
    public enum Role {
        /// A member of the cluster, now or later.
        REPLICA("replica"),
        /// Whoever sends requests.
        CLIENT("client"),
        /// Whoever says which replicas are members.
        OPERATOR("operator");

        private final String word;

        Role(String word) {
            this.word = word;
        }

        /// How it is written.
        public String word() {
            return word;
        }
    }

    public KeyOwner {
        int most = role == Role.REPLICA ? ReplicaId.MAX_VALUE : Integer.MAX_VALUE;
        if (number < 1 || number > most) {
            throw new IllegalArgumentException(
                    "the number of a %s is from 1 to %d, not %d"
                            .formatted(role.word, most, number));
        }
    }

    /// The replica with this number.
    public static KeyOwner replica(ReplicaId id) {
        return new KeyOwner(Role.REPLICA, id.value());
    }

    /// The client with this number.
    public static KeyOwner client(int number) {
        return new KeyOwner(Role.CLIENT, number);
    }

    /// The operator with this number.
    public static KeyOwner operator(int number) {
        return new KeyOwner(Role.OPERATOR, number);
    }

    @Override
    public int compareTo(KeyOwner other) {
        int byRole = role.compareTo(other.role);
        return byRole != 0 ? byRole : Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return role.word + " " + number;
    }
}
