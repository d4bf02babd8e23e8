package dev.lockstep.core;

/// Where a protocol puts the effects of a step. Valid during the step only.
public interface Outbox<M extends ProtocolMessage, R extends ProtocolRecord> {

    /// Emits any effect but [Effect.Persist].
    void emit(Effect<M, R> effect);

    /// Appends a record to the journal and returns its sequence: ascending from the last record
    /// replayed. The journal's sequences are dense, but records of the host itself may lie between
    /// those of a protocol.
    long persist(R record);

    /// The same of a record for which nothing waits: it may become durable later than what is
    /// appended with [#persist] only, together with what comes after it.
    default long persistLazily(R record) {
        return persist(record);
    }

    /// Sends at once, depending on no write.
    default void send(ReplicaId to, M message) {
        emit(new Effect.Send<>(to, message, 0, 0));
    }

    /// Sends once the journal is durable through `afterSequence`.
    default void sendAfter(ReplicaId to, M message, long afterSequence) {
        emit(new Effect.Send<>(to, message, afterSequence, 0));
    }

    /// Sets a timer, replacing its former time; `Long.MAX_VALUE` cancels it.
    default void setTimer(Timer timer, long atMonotonicNanos) {
        emit(new Effect.SetTimer<>(timer, atMonotonicNanos));
    }
}
