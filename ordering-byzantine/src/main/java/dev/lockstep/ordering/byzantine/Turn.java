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
    private final boolean fencesProposals;

    /// The step's clocks. Set at its beginning.
    private Now now = new Now(0, 0);

    /// The step's outbox; null between steps.
    private @Nullable Outbox<ByzantineMessage, ByzantineRecord> out;

    /// Everything written through here survives.
    private long durable;

    /// The last record written or replayed that something said later rests on.
    private long last;

    /// The record that says in which view this member is.
    private long fence;

    /// The last token given to a send.
    private long token;

    Turn(Rules rules) {
        this.waitsForDisk = rules.syncsBeforeSpeaking();
        this.fencesProposals = rules.fencesProposals();
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

    /// Writes down what nobody rests on: what it says can be found out again.
    void persistLazily(ByzantineRecord record) {
        var _ = outbox().persistLazily(record);
    }

    /// The last record says that this member is in another view.
    void fence() {
        fence = last;
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
        return sendTracked(to, message, last);
    }

    /// The same when it is durable that this member is in the view that it is in, whatever was
    /// written since.
    long sendFenced(ReplicaId to, ByzantineMessage message) {
        return sendTracked(to, message, fencesProposals ? fence : 0);
    }

    private long sendTracked(ReplicaId to, ByzantineMessage message, long afterSequence) {
        token++;
        emit(new Effect.Send<>(to, message, waitsForDisk ? afterSequence : 0, token));
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
