package dev.lockstep.ordering.stability;

import dev.lockstep.core.Effect;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/// One step's clocks and outbox, and what waits for the journal.
final class FailStopStep {

    private record Waiting(long sequence, Runnable action) {}

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private Now now = new Now(0, 0);
    private @Nullable Outbox<FailStopMessage, FailStopRecord> out;

    /// Everything written through here survives.
    private long durable;

    /// The last record written or replayed.
    private long last;

    void begin(Now clocks, Outbox<FailStopMessage, FailStopRecord> outbox) {
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

    long durable() {
        return durable;
    }

    void onReplayed(long sequence) {
        last = sequence;
        durable = sequence;
    }

    void onDurable(long sequence) {
        durable = Math.max(durable, sequence);
        while (!waiting.isEmpty() && waiting.getFirst().sequence() <= durable) {
            waiting.removeFirst().action().run();
        }
    }

    /// Does something once all that is written so far is durable.
    void afterSync(Runnable action) {
        if (last <= durable) {
            action.run();
        } else {
            waiting.addLast(new Waiting(last, action));
        }
    }

    long persist(FailStopRecord record) {
        last = outbox().persist(record);
        return last;
    }

    void send(ReplicaId to, FailStopMessage message, long afterSequence) {
        outbox().sendAfter(to, message, afterSequence);
    }

    void emit(Effect<FailStopMessage, FailStopRecord> effect) {
        outbox().emit(effect);
    }

    void setTimer(FailStopTimer timer, long atNanos) {
        outbox().setTimer(timer, atNanos);
    }

    private Outbox<FailStopMessage, FailStopRecord> outbox() {
        Outbox<FailStopMessage, FailStopRecord> current = out;
        if (current == null) {
            throw Invariant.broken("effects are emitted during a step");
        }
        return current;
    }
}
