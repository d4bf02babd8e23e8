package dev.lockstep.node;

/// Which thread writes and syncs the journal.
public enum JournalThreading {
    /// The replica's own while it is idle and the disk is quick, another one otherwise. The
    /// default.
    ADAPTIVE,
    /// The replica's own, always.
    INLINE,
    /// Another one, always.
    THREADED
}
