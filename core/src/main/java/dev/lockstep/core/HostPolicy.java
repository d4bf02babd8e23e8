package dev.lockstep.core;

/// The host's rules that differ by fault model. A protocol's provider chooses; the host has a class
/// for each choice and asks nothing about the fault model itself.
///
/// @param replies who answers a client
/// @param history whose delivered history is believed
/// @param members who decides who the members of the next epoch are
/// @param snapshots when snapshots are taken, and whose are believed
public record HostPolicy(Replies replies, History history, Members members, Snapshots snapshots) {

    /// For replicas that fail by stopping only.
    public static final HostPolicy CRASH =
            new HostPolicy(
                    Replies.ENTRY_REPLICA,
                    History.ANY_MEMBER,
                    Members.ORDERED,
                    Snapshots.ANY_MEMBER);

    /// The same, where a configuration authority excludes those that have stopped.
    public static final HostPolicy FAIL_STOP =
            new HostPolicy(
                    Replies.ENTRY_REPLICA,
                    History.ANY_MEMBER,
                    Members.AUTHORITY,
                    Snapshots.ANY_MEMBER);

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

    /// Who decides who the members of the next epoch are.
    public enum Members {
        /// They do themselves: a stop sign that operators ask for is ordered like a command.
        ORDERED,
        /// A configuration authority outside.
        AUTHORITY,
        /// Operators, whose signed word is ordered like a command and makes all members want the
        /// same stop sign.
        SIGNED
    }

    /// When snapshots are taken, whose are believed, and how many must have the same state for it
    /// to be right.
    public enum Snapshots {
        /// Each member takes them at a time of its own, and any member's is believed. The state of
        /// a majority is right.
        ANY_MEMBER,
        /// All take them at the same positions, and one is believed that one member more than may
        /// lie has signed for. So many members' state is right.
        VOUCHED
    }
}
