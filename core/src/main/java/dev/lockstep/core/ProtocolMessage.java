package dev.lockstep.core;

/// What members of one protocol send each other: one record a message, data only. Each protocol
/// seals its own.
public interface ProtocolMessage {

    /// What it says in a few words, for diagrams: begins with the record's name, and leaves out
    /// what differs between two messages that mean the same.
    default String brief() {
        return getClass().getSimpleName();
    }
}
