package dev.lockstep.core;

/// The host's rules that differ by fault model. A protocol's provider chooses; the host has a class
/// for each choice and asks nothing about the fault model itself.
///
/// @param replies who answers a client
/// @param history whose delivered history is believed
public record HostPolicy(Replies replies, History history) {

    /// For replicas that fail by stopping only.
    public static final HostPolicy CRASH =
            new HostPolicy(Replies.ENTRY_REPLICA, History.ANY_MEMBER);

    /// Who answers a client.
    public enum Replies {
        /// The replica that the client is connected to: its word is enough.
        ENTRY_REPLICA,
        /// Every replica: the client counts equal answers.
        EVERY_REPLICA
    }

    /// Whose delivered history is believed.
    public enum History {
        /// Any member's.
        ANY_MEMBER,
        /// Only what its anchors prove.
        PROVEN
    }
}
