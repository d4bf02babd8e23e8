package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.wire.Bytes;

/// One signature of a certificate.
///
/// @param rank the signer's among the members
record Endorsement(int rank, Bytes signature) {}
