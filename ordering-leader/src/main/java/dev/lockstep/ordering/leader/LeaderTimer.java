package dev.lockstep.ordering.leader;

import dev.lockstep.core.Timer;

/// What leader ordering waits for.
enum LeaderTimer implements Timer {
    /// A follower or candidate has heard of no leader; a leader looks for its majority.
    ELECTION,
    /// A leader has been silent.
    HEARTBEAT,
    /// A commit was told to nobody yet.
    COMMIT_NOTICE,
    /// Something that was sent to the leader has not shown any effect.
    RETRY,
    /// The successor should have taken over.
    TRANSFER
}
