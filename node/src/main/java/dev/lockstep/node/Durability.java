package dev.lockstep.node;

/// What a replica waits for before it says that a record is durable.
public enum Durability {
    /// The disk has it: it survives the power loss of all machines. The default.
    FSYNC,
    /// The operating system has it: it survives the death of any process.
    OS,
    /// Nothing: records are kept in memory alone. A replica that has stopped comes
    /// back in a new life, with nothing; if all have stopped, everything is gone.
    MEMORY
}
