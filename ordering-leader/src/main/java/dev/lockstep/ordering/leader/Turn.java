package dev.lockstep.ordering.leader;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

/// One step's clocks and outbox, so that the parts of the protocol need not pass them around.
///
/// Everything that is sent goes through [#send], which holds it until the sender's term is durable
/// (§3.8): no part of the protocol can forget that.
final class Turn {

    private final Rules rules;

    /// The step's clocks. Set at its beginning.
    private Now now = new Now(0, 0);

    /// The step's outbox; null between steps.
    private @Nullable Outbox<LeaderMessage, LeaderRecord> out;

    /// The record of the current term, 0 before the first. Set by [Standing] alone.
    private long termSequence;

    Turn(Rules rules) {
        this.rules = rules;
    }

    void begin(Now clocks, Outbox<LeaderMessage, LeaderRecord> outbox) {
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

    /// From now on, everything sent waits for this record.
    void onTermRecord(long sequence) {
        termSequence = sequence;
    }

    void send(ReplicaId to, LeaderMessage message) {
        outbox().sendAfter(to, message, rules.messageAfter(message, termSequence));
    }

    long persist(LeaderRecord record) {
        return outbox().persist(record);
    }

    void emit(Effect<LeaderMessage, LeaderRecord> effect) {
        outbox().emit(effect);
    }

    void refuse(BatchId batch, String reason) {
        outbox().emit(new Effect.Refused<>(batch, reason));
    }

    void setTimer(LeaderTimer timer, long atNanos) {
        outbox().setTimer(timer, atNanos);
    }

    void cancel(LeaderTimer timer) {
        outbox().setTimer(timer, Long.MAX_VALUE);
    }

    private Outbox<LeaderMessage, LeaderRecord> outbox() {
        Outbox<LeaderMessage, LeaderRecord> current = out;
        if (current == null) {
            throw Invariant.broken("effects are emitted during a step");
        }
        return current;
    }
}
