package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;

/// What the replicated state is at one position: equal on all correct replicas that have executed
/// exactly that far.
///
/// @param position everything through here is executed, nothing beyond
/// @param state SHA-256 of what the state machine's frozen state writes
/// @param host SHA-256 of what the host itself replicates: sessions, delivered batches, agreed time
/// @param chain the reply chain
public record StateDigest(long position, Bytes state, Bytes host, long chain) {}
