package dev.lockstep.core;

import dev.lockstep.core.wire.Bytes;

/// What a protocol wants done, carried out by its host after the step.
public sealed interface Effect<M extends ProtocolMessage, R extends ProtocolRecord> {

    /// Send to another member.
    ///
    /// @param afterSequence hold the message until the journal is durable that far; 0 for at once
    /// @param flushToken if not 0, hand in [Input.Flushed] when the bytes were given to the kernel
    record Send<M extends ProtocolMessage, R extends ProtocolRecord>(
            ReplicaId to, M message, long afterSequence, long flushToken) implements Effect<M, R> {}

    /// Append to the journal; emitted by [Outbox#persist] alone, which has assigned the sequence.
    record Persist<M extends ProtocolMessage, R extends ProtocolRecord>(long sequence, R record)
            implements Effect<M, R> {}

    /// Execute the batch at this position, the next after the last delivered.
    ///
    /// @param timeNanos agreed time: never less than at the position before
    /// @param anchor what the protocol wants back to resume or prove from here
    record Deliver<M extends ProtocolMessage, R extends ProtocolRecord>(
            long position, Batch batch, long timeNanos, Bytes anchor) implements Effect<M, R> {}

    /// A submitted batch is not ordered and never will be.
    record Refused<M extends ProtocolMessage, R extends ProtocolRecord>(
            BatchId batch, String reason) implements Effect<M, R> {}

    /// Whoever waits for the barrier may read once `position` is executed. Covers all earlier
    /// barriers too.
    record Readable<M extends ProtocolMessage, R extends ProtocolRecord>(
            long barrier, long position) implements Effect<M, R> {}

    /// The barrier and all earlier ones cannot be answered now: ask again.
    record Unreadable<M extends ProtocolMessage, R extends ProtocolRecord>(long barrier)
            implements Effect<M, R> {}

    /// The epoch has ended: `position` is its last, this object gets no more inputs. Before it
    /// emits this, a protocol persists whatever makes the replay of its records come to the same
    /// end.
    record Stopped<M extends ProtocolMessage, R extends ProtocolRecord>(
            StopSign sign, long position) implements Effect<M, R> {}

    /// Set a timer on the monotonic clock, replacing its former time; `Long.MAX_VALUE` cancels.
    record SetTimer<M extends ProtocolMessage, R extends ProtocolRecord>(
            Timer timer, long atMonotonicNanos) implements Effect<M, R> {}

    /// Fetch delivered history from position `from` on, or a snapshot, from any member.
    record NeedHistory<M extends ProtocolMessage, R extends ProtocolRecord>(long from)
            implements Effect<M, R> {}

    /// Judge a payload that another member wants to have ordered, and answer with
    /// [Input.Validated].
    ///
    /// @param digest what the answer is to name
    /// @param proposer the member that wants it
    record Validate<M extends ProtocolMessage, R extends ProtocolRecord>(
            Bytes digest, ReplicaId proposer, Batch batch) implements Effect<M, R> {}

    /// A member seems faulty (fail-stop: the authority is told).
    record Suspect<M extends ProtocolMessage, R extends ProtocolRecord>(ReplicaId peer)
            implements Effect<M, R> {}

    /// The members that go on durably hold what the epoch ends with in this attempt of the
    /// configuration authority's (fail-stop: the authority is told, and decides whether it counts).
    record Sealed<M extends ProtocolMessage, R extends ProtocolRecord>(StopSign next, long attempt)
            implements Effect<M, R> {}

    /// Records through `throughSequence` are needed no more.
    record Release<M extends ProtocolMessage, R extends ProtocolRecord>(long throughSequence)
            implements Effect<M, R> {}

    /// Proof that a member misbehaved.
    record Evidence<M extends ProtocolMessage, R extends ProtocolRecord>(
            ReplicaId about, Bytes proof) implements Effect<M, R> {}

    /// This replica must not go on.
    record Halt<M extends ProtocolMessage, R extends ProtocolRecord>(String reason, Bytes proof)
            implements Effect<M, R> {}
}
