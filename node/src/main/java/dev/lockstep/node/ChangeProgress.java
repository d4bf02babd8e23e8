package dev.lockstep.node;

/// How far a change of the cluster has come.
///
/// @param phase what is waited for
/// @param learnerPosition how far the newcomer is; 0 if there is none, or it is not heard of
/// @param clusterPosition how far the cluster is
/// @param sentence the same in words
public record ChangeProgress(
        Phase phase, long learnerPosition, long clusterPosition, String sentence) {

    /// What is waited for, in this order.
    public enum Phase {
        /// Something is missing that may still come: a newcomer that is not heard of, a majority.
        WAITING,
        /// The newcomer does not have all of the history yet.
        CATCHING_UP,
        /// The stop sign is being ordered.
        ORDERING,
        /// The next epoch is there, and not yet a majority in it.
        SETTLING
    }
}
