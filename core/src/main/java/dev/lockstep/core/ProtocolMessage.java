package dev.lockstep.core;

/// What members of one protocol send each other: one record a message, data only. Each protocol
/// seals its own.
public interface ProtocolMessage {}
