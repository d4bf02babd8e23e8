package dev.lockstep.core.port;

import dev.lockstep.core.wire.Bytes;

/// One record as it is read back.
///
/// @param sequence its place in the journal
/// @param kind the host's tag
/// @param epoch the epoch it was written in
/// @param content head and body together
public record JournalRecord(long sequence, int kind, long epoch, Bytes content) {}
