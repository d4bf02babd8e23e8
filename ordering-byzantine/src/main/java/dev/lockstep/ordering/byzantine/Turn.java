package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Effect;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/// One step's clocks and outbox, and what waits for the journal.
final class Turn {

    private record Waiting(long sequence, Runnable action) {}

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final boolean waitsForDisk;

    /// The step's clocks. Set at its beginning.
    private Now now = new Now(0, 0);

    /// The step's outbox; null between steps.
    private @Nullable Outbox<ByzantineMessage, ByzantineRecord> out;

    /// Everything written through here survives.
    private long durable;

    /// The last record written or replayed.
    private long last;

    /// The last token given to a send.
    private long token;

    Turn(Rules rules) {
        this.waitsForDisk = rules.syncsBeforeSpeaking();
    }

    void begin(Now clocks, Outbox<ByzantineMessage, ByzantineRecord> outbox) {
        now = clocks;
        out = outbox;
    }

    void end() {
        out = null;
    }

    long monotonicNanos() {
        return now.monotonicNanos();
    }

    long wallNanos() {
        return now.wallNanos();
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

    /// Does something in the step in which the last record written so far becomes durable; at once
    /// if it is.
    void afterSync(Runnable action) {
        if (last <= durable || !waitsForDisk) {
            action.run();
        } else {
            waiting.addLast(new Waiting(last, action));
        }
    }

    long persist(ByzantineRecord record) {
        last = outbox().persist(record);
        return last;
    }

    /// Sends when everything written so far is durable: what a member says, it can stand by
    /// whatever happens to it.
    void send(ReplicaId to, ByzantineMessage message) {
        outbox().sendAfter(to, message, waitsForDisk ? last : 0);
    }

    /// The same, and reports when the bytes have left.
    ///
    /// @return the token of that report
    long sendTracked(ReplicaId to, ByzantineMessage message) {
        token++;
        emit(new Effect.Send<>(to, message, waitsForDisk ? last : 0, token));
        return token;
    }

    void emit(Effect<ByzantineMessage, ByzantineRecord> effect) {
        outbox().emit(effect);
    }

    void setTimer(ByzantineTimer timer, long atNanos) {
        outbox().setTimer(timer, atNanos);
    }

    void cancel(ByzantineTimer timer) {
        outbox().setTimer(timer, Long.MAX_VALUE);
    }

    private Outbox<ByzantineMessage, ByzantineRecord> outbox() {
        Outbox<ByzantineMessage, ByzantineRecord> current = out;
        if (current == null) {
            throw Invariant.broken("effects are emitted during a step");
        }
        return current;
    }
}
