package dev.lockstep.ordering.stability;

import dev.lockstep.core.Effect;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/// One step's clocks and outbox, so that the parts of the protocol need not pass them around, and
/// what waits for the journal.
final class Turn {

    private record Waiting(long sequence, Runnable action) {}

    /// The step's clocks. Set at its beginning.
    private Now now = new Now(0, 0);

    /// The step's outbox; null between steps.
    private @Nullable Outbox<StabilityMessage, StabilityRecord> out;

    /// What is done when the journal is durable that far; sequences ascend.
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    private long durable;

    /// The last record written or replayed.
    private long last;

    void begin(Now clocks, Outbox<StabilityMessage, StabilityRecord> outbox) {
        now = clocks;
        out = outbox;
    }

    void end() {
        out = null;
    }

    Now now() {
        return now;
    }

    long monotonicNanos() {
        return now.monotonicNanos();
    }

    void onReplayed(long sequence) {
        last = sequence;
        durable = sequence;
    }

    /// Everything written through here survives.
    long durable() {
        return durable;
    }

    void onDurable(long sequence) {
        durable = Math.max(durable, sequence);
        while (!waiting.isEmpty() && waiting.getFirst().sequence() <= durable) {
            waiting.removeFirst().action().run();
        }
    }

    /// Does something in the step in which the last record written so far becomes durable; at once
    /// if it is.
    void afterSync(Runnable action) {
        if (last <= durable) {
            action.run();
        } else {
            waiting.addLast(new Waiting(last, action));
        }
    }

    void send(ReplicaId to, StabilityMessage message, long afterSequence) {
        outbox().sendAfter(to, message, afterSequence);
    }

    long persist(StabilityRecord record) {
        last = outbox().persist(record);
        return last;
    }

    void emit(Effect<StabilityMessage, StabilityRecord> effect) {
        outbox().emit(effect);
    }

    void setTimer(StabilityTimer timer, long atNanos) {
        outbox().setTimer(timer, atNanos);
    }

    private Outbox<StabilityMessage, StabilityRecord> outbox() {
        Outbox<StabilityMessage, StabilityRecord> current = out;
        if (current == null) {
            throw Invariant.broken("effects are emitted during a step");
        }
        return current;
    }
}
