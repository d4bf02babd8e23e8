package dev.lockstep.testkit.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// What happened, in words; kept only if somebody wants to read it.
final class Trace {

    private final Timeline timeline;
    private final List<String> lines = new ArrayList<>();
    private boolean isKept;

    Trace(Timeline timeline) {
        this.timeline = timeline;
    }

    void keep() {
        isKept = true;
    }

    void note(Supplier<String> what) {
        if (isKept) {
            lines.add("%,12d µs  %s".formatted(timeline.nowNanos() / 1_000, what.get()));
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
