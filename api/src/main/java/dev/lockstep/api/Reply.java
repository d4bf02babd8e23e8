package dev.lockstep.api;

/// The answer to a command or query.
///
/// @param bytes what the state machine wrote; the receiver owns the array
/// @param position where in the total order the command was executed, or the state that was read
public record Reply(byte[] bytes, long position) {}
