package dev.lockstep.ordering.byzantine;

import java.util.TreeMap;
import java.util.TreeSet;

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

    /// True while the view's time runs.
    private boolean isRunning;

    /// When it began to run, and when it is up; mean nothing while it does not run.
    private long beganAt;

    private long endsAt;

    /// What the view's timer is set to; `Long.MAX_VALUE` if it is not.
    private long timerAt = Long.MAX_VALUE;

    /// Whose connections have been there, by rank.
    private final TreeSet<Integer> met = new TreeSet<>();

    /// Whose connections are known not to be there, by rank.
    private final TreeSet<Integer> away = new TreeSet<>();

    /// Whose connections broke and are not back, and when that was.
    private final TreeMap<Integer, Long> lost = new TreeMap<>();

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

    void onPeerBack(int member) {
        met.add(member);
        away.remove(member);
        lost.remove(member);
    }

    /// One that was never there may be starting.
    void onPeerLost(int member) {
        away.add(member);
        if (met.contains(member)) {
            lost.putIfAbsent(member, turn.monotonicNanos());
        }
    }

    /// A leader whose connection broke has most likely ended, so it gets a part of the time only.
    /// One that comes back has what is left of all of it, and not more: else it would only have to
    /// come again and again.
    ///
    /// While too few members are connected for another view there is no point in giving this one
    /// up: whoever does so alone votes no more in it, though it goes on.
    ///
    /// @param isWork something is to be committed in the view
    /// @param leader who leads the view
    void advance(boolean isWork, int leader) {
        boolean isNeeded = isWork && setup.size() - away.size() >= setup.quorum();
        if (isNeeded && (!isRunning || isSpent)) {
            beganAt = turn.monotonicNanos();
            endsAt = beganAt + setup.commitRule().viewTimeoutNanos(fruitless);
        }
        isRunning = isNeeded;
        isSpent = false;
        long at = isNeeded ? endsAt : Long.MAX_VALUE;
        Long lostAt = lost.get(leader);
        if (isNeeded && lostAt != null) {
            at = Math.min(at, Math.max(beganAt, lostAt) + setup.commitRule().lostLeaderNanos());
        }
        if (at != timerAt) {
            timerAt = at;
            turn.setTimer(ByzantineTimer.VIEW, at);
        }
    }

    void onTimer() {
        isRunning = false;
        timerAt = Long.MAX_VALUE;
    }
}
