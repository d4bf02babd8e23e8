package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ProtocolMessage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// What happened, in words and for diagrams; kept only if somebody wants to see it.
final class Trace {

    /// Of more than this, a diagram lacks the beginning.
    private static final int MOST_HAPPENINGS = 400_000;

    /// Of more than this, the beginning is left out.
    private static final int MOST_LINES = 400_000;

    private final Timeline timeline;
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private final ArrayDeque<Happening> happenings = new ArrayDeque<>();
    private boolean isKept;

    /// How many lines were left out.
    private long forgotten;

    private long numbered;

    /// The message that left last; 0 if that was none.
    private long last;

    Trace(Timeline timeline) {
        this.timeline = timeline;
    }

    void keep() {
        isKept = true;
    }

    /// True if it is worth while to find out what to tell.
    boolean isKept() {
        return isKept;
    }

    void note(Supplier<String> what) {
        if (isKept) {
            if (lines.size() == MOST_LINES) {
                lines.remove();
                forgotten++;
            }
            lines.add("%,12d µs  %s".formatted(timeline.nowNanos() / 1_000, what.get()));
        }
    }

    List<String> lines() {
        List<String> all = new ArrayList<>(lines);
        if (forgotten > 0) {
            all.addFirst("(%,d lines before these are left out)".formatted(forgotten));
        }
        return all;
    }

    /// Everything that was kept, in order.
    List<Happening> happenings() {
        return List.copyOf(happenings);
    }

    private void add(Happening happening) {
        if (happenings.size() == MOST_HAPPENINGS) {
            happenings.remove();
        }
        happenings.add(happening);
    }

    /// Something happens on a line of the diagram.
    void sign(int line, Happening.Sign sign, Supplier<String> text) {
        if (isKept) {
            add(new Happening.Noted(timeline.nowNanos(), line, sign, text.get()));
        }
    }

    /// A message leaves; what it is may be told next.
    ///
    /// @return its number; 0 if nothing is kept
    long sent(int from, int to) {
        if (!isKept) {
            return 0;
        }
        last = ++numbered;
        add(new Happening.Sent(timeline.nowNanos(), last, from, to));
        return last;
    }

    /// There is no connection for what should have left.
    void notSent() {
        last = 0;
    }

    /// What a message is.
    void named(long number, String kind, String label, String text) {
        if (isKept) {
            add(new Happening.Named(timeline.nowNanos(), number, kind, label, text));
        }
    }

    /// What the message is that was sent last.
    void named(ProtocolMessage message) {
        if (isKept && last > 0) {
            String kind = message.getClass().getSimpleName();
            named(last, kind, message.brief(), message.toString());
        }
    }

    void arrived(long number) {
        if (isKept) {
            add(new Happening.Arrived(timeline.nowNanos(), number));
        }
    }

    void lost(long number) {
        if (isKept) {
            add(new Happening.Lost(timeline.nowNanos(), number));
        }
    }

    void paused(int line, long untilNanos) {
        if (isKept) {
            add(new Happening.Paused(timeline.nowNanos(), line, untilNanos));
        }
    }

    void cut(int from, int to) {
        if (isKept) {
            add(new Happening.Cut(timeline.nowNanos(), from, to));
        }
    }

    void mended() {
        if (isKept) {
            add(new Happening.Mended(timeline.nowNanos()));
        }
    }
}
