package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.wire.Bytes;

/// A header with the first vote of its view's leader, which is what makes it a proposal.
record Echo(Header header, Bytes leaderVote1) {}
