package dev.lockstep.testkit.history;

import java.util.List;

/// Which blind writes may have taken effect without a trace.
///
/// When one blind write takes effect, all others that are open may have done so just before it,
/// unseen. Instead of trying every subset, the search notes how far back the last blind write
/// reaches: what was invoked before then may be counted as done once it has to be. In return, of
/// two blind writes that are open at the same time, the second never follows the first directly.
///
/// A write whose session has others that overlap it is left out: those limit when it takes effect.
final class Hiding {

    private static final long NEVER = Long.MIN_VALUE;

    private final Operation[] operations;
    private final boolean[] blind;
    private final boolean[] hideable;
    private final boolean[] hiddenAtFirst;

    /// Whatever was invoked up to then was open at the last blind write or is decided.
    private long reach = NEVER;

    /// What was open at the last decision if that was a blind write that needs to be seen.
    private long unseenReach = NEVER;

    /// When the first of the last blind write and what was decided after it returns: until then all
    /// of them may be thought of as later.
    private long firstReturn = NEVER;

    /// True if nobody will ever see the last decision, so that any like it stood for all.
    private boolean stoodForAll;

    /// All four, before each decision.
    private final long[] reachBefore;

    private final long[] unseenReachBefore;
    private final long[] firstReturnBefore;
    private final boolean[] stoodForAllBefore;

    Hiding(
            SequentialModel model,
            Operation[] operations,
            SessionOrder sessions,
            List<Operation> hidden) {
        this.operations = operations;
        int count = operations.length;
        blind = new boolean[count];
        hideable = new boolean[count];
        hiddenAtFirst = new boolean[count];
        for (int i = 0; i < count; i++) {
            blind[i] = model.isBlindWrite(operations[i]);
            hideable[i] = blind[i] && operations[i].isComplete() && sessions.isFree(i);
            hiddenAtFirst[i] = hideable[i] && contains(hidden, operations[i]);
        }
        reachBefore = new long[count];
        unseenReachBefore = new long[count];
        firstReturnBefore = new long[count];
        stoodForAllBefore = new boolean[count];
    }

    @SuppressWarnings("ReferenceEquality") // Equal operations may be recorded twice.
    private static boolean contains(List<Operation> some, Operation operation) {
        for (Operation one : some) {
            if (one == operation) {
                return true;
            }
        }
        return false;
    }

    /// True if `operation`, which is not decided, may be counted as done.
    boolean mayBeDone(int operation) {
        return hideable[operation]
                && (hiddenAtFirst[operation] || operations[operation].invokedAt() <= reach);
    }

    /// True if `next` would leave the decision before it unseen, although that could as well be
    /// counted as done later: `next` was tried, or something as good, in its place.
    boolean isPointless(int next, boolean isUnread) {
        return blind[next]
                && operations[next].invokedAt() <= unseenReach
                && !(isUnread && stoodForAll);
    }

    /// `operation` takes effect.
    ///
    /// @param bound when the first return comes of those that are not decided
    /// @param isUnread see [#isPointless]
    void decide(int depth, int operation, long bound, boolean isUnread) {
        remember(depth);
        stoodForAll = isUnread;
        if (blind[operation]) {
            reach = bound;
            unseenReach =
                    hideable[operation] || !operations[operation].isComplete() ? bound : NEVER;
            firstReturn = operations[operation].returnedAt();
        } else {
            unseenReach = NEVER;
            firstReturn = Math.min(firstReturn, operations[operation].returnedAt());
        }
    }

    /// Lets whatever comes next leave the last decision unseen, because that has no alternative.
    void needNotBeSeen() {
        unseenReach = NEVER;
    }

    boolean isHideable(int operation) {
        return hideable[operation];
    }

    /// An operation is counted as done long ago.
    ///
    /// @param bound when the first return comes of those that are still not decided
    void hide(int depth, long bound) {
        remember(depth);
        extend(bound);
    }

    /// Moves the last blind write, and all that came since, as far ahead as `bound` and their
    /// returns allow.
    private void extend(long bound) {
        reach = Math.max(reach, Math.min(bound, firstReturn));
    }

    private void remember(int depth) {
        reachBefore[depth] = reach;
        unseenReachBefore[depth] = unseenReach;
        firstReturnBefore[depth] = firstReturn;
        stoodForAllBefore[depth] = stoodForAll;
    }

    void undo(int depth) {
        reach = reachBefore[depth];
        unseenReach = unseenReachBefore[depth];
        firstReturn = firstReturnBefore[depth];
        stoodForAll = stoodForAllBefore[depth];
    }

    /// True if `operation` may be counted as done when all that had to be ordered is.
    boolean mayBeDoneAtTheEnd(int operation) {
        return mayBeDone(operation)
                || (hideable[operation] && operations[operation].invokedAt() <= firstReturn);
    }

    /// How far the last blind write may still move, or the least number if that is no further than
    /// it reaches.
    long slack() {
        return firstReturn > reach ? firstReturn : NEVER;
    }

    boolean isBlind(int operation) {
        return blind[operation];
    }

    boolean isAny() {
        return reach != NEVER;
    }

    /// The larger of `mark` and what tells that `operation`, undecided, may be counted as done.
    long mark(long mark, int operation) {
        Operation one = operations[operation];
        return hideable[operation] && one.invokedAt() <= reach
                ? Math.max(mark, one.invokedAt())
                : mark;
    }
}
