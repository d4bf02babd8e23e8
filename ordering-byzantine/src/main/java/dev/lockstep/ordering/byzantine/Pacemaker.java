package dev.lockstep.ordering.byzantine;

/// How long a view may go without a commit, and whether that time runs (§4.8).
final class Pacemaker {

    /// After so many commits the patience that fruitless views have brought halves.
    private static final int COMMITS_TO_HALVE = 64;

    private final Setup setup;
    private final Turn turn;

    /// Views without a commit, less what commits since then have made good.
    private int fruitless;

    private int commits;
    private boolean hasCommitted;

    /// True while the view's timer is set.
    private boolean isRunning;

    /// True if the timer is to begin anew, if it is still needed at all.
    private boolean isSpent;

    Pacemaker(Setup setup, Turn turn) {
        this.setup = setup;
        this.turn = turn;
    }

    void onEnter() {
        isSpent = true;
        hasCommitted = false;
    }

    void onLeave() {
        if (!hasCommitted) {
            fruitless++;
        }
    }

    void onCommit() {
        isSpent = true;
        hasCommitted = true;
        commits++;
        if (commits % COMMITS_TO_HALVE == 0) {
            fruitless /= 2;
        }
    }

    /// @param isNeeded something is to be committed in the view
    void advance(boolean isNeeded) {
        if (isNeeded && (!isRunning || isSpent)) {
            isRunning = true;
            long timeout = setup.commitRule().viewTimeoutNanos(fruitless);
            turn.setTimer(ByzantineTimer.VIEW, turn.monotonicNanos() + timeout);
        } else if (!isNeeded && isRunning) {
            isRunning = false;
            turn.cancel(ByzantineTimer.VIEW);
        }
        isSpent = false;
    }

    void onTimer() {
        isRunning = false;
    }
}
