package dev.lockstep.core.port;

/// A record that is in a journal's place and cannot be read any more.
///
/// @param sequence its place
/// @param identity what is still known of it
public record LostRecord(long sequence, RecordIdentity identity) {}
