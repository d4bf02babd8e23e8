package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.Nullable;

/// Setting B: n = 2t+1 where messages between members that work take at most Δ.
///
/// Every wait is strictly longer than the bound says, and longer by the drift of a clock.
record SyncBound(ByzantineOptions options, Rules rules) implements CommitRule {

    /// Entry skew 1, leader's wait 2, proposal 1, guard 2, VOTE2 1, skew 1, and room for a fetch.
    private static final int VIEW_DELAYS = 14;

    private static final int REPEAT_DELAYS = 4;
    private static final int FETCH_DELAYS = 2;
    private static final int DISTRUST_DELAYS = 10;

    @Override
    public int setting() {
        return 'B';
    }

    @Override
    public int tolerated(int members) {
        return (members - 1) / 2;
    }

    @Override
    public boolean echoesHeaders() {
        return rules.echoes();
    }

    @Override
    public boolean attachesLock() {
        return rules.attachesLock();
    }

    @Override
    public boolean joinsTimeouts() {
        return false;
    }

    @Override
    public boolean abstainsAfterRestart() {
        return true;
    }

    @Override
    public long quitWaitNanos() {
        return waitOf(rules.quitDelays());
    }

    @Override
    public long leaderWaitNanos() {
        return waitOf(rules.leaderDelays());
    }

    @Override
    public boolean isFirstBlockVotable(
            Certificate justify, @Nullable TimeoutCertificate timeouts, Certificate entryLock) {
        boolean coversTimeouts =
                timeouts == null
                        || !rules.comparesWithTimeouts()
                        || !justify.rank().isBelow(timeouts.highest());
        return coversTimeouts
                && (!rules.comparesWithLock() || !justify.rank().isBelow(entryLock.rank()));
    }

    @Override
    public boolean isSecondVoteReady(Guard guard) {
        if (!guard.hasVoted() || guard.isEquivocated()) {
            return false;
        }
        return guard.isSeenByAll() || (!guard.isDistrusted() && hasWaited(guard));
    }

    private boolean hasWaited(Guard guard) {
        return guard.votedAt() != Long.MAX_VALUE && guard.now() >= secondVoteAt(guard.votedAt());
    }

    @Override
    public long secondVoteAt(long votedAt) {
        if (votedAt == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        long wait = options.withDrift(rules.guardDelays() * options.deltaNanos());
        return votedAt + wait + (rules.isGuardStrict() ? 1 : 0);
    }

    @Override
    public long distrustNanos() {
        return DISTRUST_DELAYS * options.deltaNanos();
    }

    /// Without doubling: the bound is known, and members that do harm in a row would only make it
    /// longer for nothing (F4).
    @Override
    public long viewTimeoutNanos(int fruitless) {
        return options.withDrift(VIEW_DELAYS * options.deltaNanos());
    }

    /// The whole time: a member that gives a view up alone, because the connection was lost to it
    /// alone, votes no more in it, and every block would take twice the bound from then on.
    @Override
    public long lostLeaderNanos() {
        return viewTimeoutNanos(0);
    }

    @Override
    public long repeatNanos() {
        return REPEAT_DELAYS * options.deltaNanos();
    }

    @Override
    public long fetchNanos() {
        return FETCH_DELAYS * options.deltaNanos();
    }

    private long waitOf(int delays) {
        return delays == 0 ? 0 : options.withDrift(delays * options.deltaNanos()) + 1;
    }
}
