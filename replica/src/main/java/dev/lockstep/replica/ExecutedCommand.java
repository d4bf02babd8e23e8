package dev.lockstep.replica;

/// A command that was executed here, and what came of it.
///
/// @param position where it was executed
/// @param session whose command
/// @param sequence its number in the session
/// @param words what it is, for people: as the service describes it, or its first bytes
/// @param chain the reply chain with its reply
public record ExecutedCommand(
        long position, long session, long sequence, String words, long chain) {}
