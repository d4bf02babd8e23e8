package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.wire.Bytes;

/// One member's part in a timeout certificate: its lock when it gave a view up.
///
/// @param member its rank among the members
record TimeoutClaim(int member, Rank highRank, Hash highHash, Bytes signature) {}
