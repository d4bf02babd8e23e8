package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.Nullable;

/// Setting A: n = 3t+1 under partial synchrony.
record PartialSync(ByzantineOptions options, Rules rules) implements CommitRule {

    private static final int MAX_DOUBLINGS = 8;

    /// This part of a view's time is left to a leader whose connection broke.
    private static final int LOST_LEADER_PART = 10;

    @Override
    public int setting() {
        return 'A';
    }

    @Override
    public int tolerated(int members) {
        return (members - 1) / 3;
    }

    @Override
    public boolean echoesHeaders() {
        return false;
    }

    @Override
    public boolean attachesLock() {
        return false;
    }

    @Override
    public boolean joinsTimeouts() {
        return true;
    }

    @Override
    public boolean abstainsAfterRestart() {
        return false;
    }

    @Override
    public long quitWaitNanos() {
        return 0;
    }

    @Override
    public long leaderWaitNanos() {
        return 0;
    }

    /// A voter's own lock does not count: the certificate of n-t timeouts has one of every lock
    /// that can matter, and a lock that nobody else has must not stop the view.
    @Override
    public boolean isFirstBlockVotable(
            Certificate justify, @Nullable TimeoutCertificate timeouts, Certificate entryLock) {
        return timeouts == null
                || !rules.comparesWithTimeouts()
                || !justify.rank().isBelow(timeouts.highest());
    }

    @Override
    public boolean isSecondVoteReady(Guard guard) {
        return true;
    }

    @Override
    public long secondVoteAt(long votedAt) {
        return Long.MAX_VALUE;
    }

    @Override
    public long distrustNanos() {
        return 0;
    }

    @Override
    public long viewTimeoutNanos(int fruitless) {
        return options.viewTimeoutNanos() << Math.min(fruitless, MAX_DOUBLINGS);
    }

    @Override
    public long lostLeaderNanos() {
        return Math.max(1, options.viewTimeoutNanos() / LOST_LEADER_PART);
    }

    @Override
    public long repeatNanos() {
        return Math.max(1, options.viewTimeoutNanos() / 2);
    }

    @Override
    public long fetchNanos() {
        return Math.max(1, options.viewTimeoutNanos() / 8);
    }
}
