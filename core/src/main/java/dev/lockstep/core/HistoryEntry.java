package dev.lockstep.core;

import dev.lockstep.core.wire.Bytes;

/// One delivered position, as another member's host read it from its journal.
///
/// @param timeNanos agreed time, as it was delivered
/// @param anchor the protocol's own proof or state at this position
public record HistoryEntry(long position, Batch batch, long timeNanos, Bytes anchor) {}
