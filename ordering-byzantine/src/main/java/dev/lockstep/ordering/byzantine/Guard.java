package dev.lockstep.ordering.byzantine;

/// All that a second vote may depend on beyond its lock (§4.5).
///
/// @param hasVoted this member cast its first vote for the block
/// @param isEquivocated the view's leader is known to have proposed two blocks for one place
/// @param isSeenByAll all members cast their first vote for the block, or for one after it
/// @param isDistrusted the host has seen the bound on delays broken a moment ago
/// @param votedAt when the first vote had left for all members; `Long.MAX_VALUE` before
/// @param now the moment at which everything that had arrived by it is taken in
record Guard(
        boolean hasVoted,
        boolean isEquivocated,
        boolean isSeenByAll,
        boolean isDistrusted,
        long votedAt,
        long now) {}
