package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The part of [OnlineChecker] that checks one key.
final class OnlineKey {

    /// So many times the size of a piece may be held before it is cut while something is open.
    private static final int PATIENCE = 4;

    private static final int MOST_ENDS = 256;

    private final SequentialModel model;
    private final OnlineChecker.Limits limits;
    private final Frontier frontier;

    /// Since the last cut, by invocation.
    private final List<OnlineChecker.Call> held = new ArrayList<>();

    /// How many of them have no outcome yet.
    private int open;

    /// How many must be held before another cut is tried while something is open.
    private int enough;

    private boolean isGivenUp;

    /// What came of a step: how many results were checked, how many never will be, and what is
    /// wrong.
    record Progress(int checked, int unchecked, @Nullable Window violation) {
        static final Progress NONE = new Progress(0, 0, null);
    }

    OnlineKey(SequentialModel model, OnlineChecker.Limits limits) {
        this.model = model;
        this.limits = limits;
        this.enough = patience();
        this.frontier = new Frontier(model, limits.mostConfigurations(), MOST_ENDS);
    }

    boolean isGivenUp() {
        return isGivenUp;
    }

    int held() {
        return held.size() + frontier.open().size();
    }

    void invoked(OnlineChecker.Call call) {
        held.add(call);
        open++;
    }

    /// An operation's outcome is there, or that there will be none.
    Progress ended(long now) {
        open--;
        if (open == 0 && held.size() >= limits.piece()) {
            return cut(held.size(), now);
        }
        if (held.size() < Math.min(limits.mostHeld(), enough)) {
            return Progress.NONE;
        }
        int settled = settled();
        if (settled >= limits.piece()) {
            return cut(settled, held.get(settled).invokedAt());
        }
        if (held.size() < limits.mostHeld()) {
            return Progress.NONE;
        }
        abandon(held.get(settled));
        return new Progress(0, 1, null);
    }

    Progress finish(long now) {
        for (OnlineChecker.Call call : held) {
            if (call.isOpen()) {
                abandon(call);
            }
        }
        return cut(held.size(), now);
    }

    private int patience() {
        return PATIENCE * limits.piece();
    }

    private void abandon(OnlineChecker.Call call) {
        call.abandon();
        open--;
    }

    /// How many are held before the first that is open.
    private int settled() {
        int settled = 0;
        while (settled < held.size() && !held.get(settled).isOpen()) {
            settled++;
        }
        return settled;
    }

    private Progress cut(int count, long moment) {
        List<Operation> piece = OnlineChecker.operations(held.subList(0, count));
        int returned = (int) piece.stream().filter(Operation::isComplete).count();
        return switch (frontier.advance(piece, moment)) {
            case DONE -> {
                held.subList(0, count).clear();
                enough = patience();
                int before = held.size();
                boolean isTooMuch =
                        frontier.open().stream().filter(one -> !one.isComplete()).count()
                                > limits.mostUnknown();
                yield new Progress(returned, isTooMuch ? giveUp(before) : 0, null);
            }
            case VIOLATED ->
                    new Progress(
                            0,
                            0,
                            WindowFinder.ofPiece(
                                    model, frontier, piece, limits.mostConfigurations()));
            case TOO_MANY -> {
                // There may be fewer ways at a later moment, best at one when nothing is open.
                enough = held.size() + patience();
                yield held.size() < limits.mostHeld() && open > 0
                        ? Progress.NONE
                        : new Progress(0, giveUp(held.size()), null);
            }
        };
    }

    private int giveUp(int lost) {
        isGivenUp = true;
        held.clear();
        frontier.forget();
        return lost;
    }
}
