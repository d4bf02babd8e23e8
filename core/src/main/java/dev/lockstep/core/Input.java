package dev.lockstep.core;

import dev.lockstep.core.wire.Bytes;

import java.util.List;

/// What a host hands to a protocol, one a step.
public sealed interface Input<M extends ProtocolMessage, R extends ProtocolRecord> {

    /// The first input: the state that journal records follow.
    ///
    /// @param position everything through here is executed and in the snapshot; 0 without one
    /// @param timeNanos agreed time at that position
    /// @param anchor what the protocol delivered with that position; empty at 0
    /// @param delivered of every origin's boot the last batch that was delivered through there
    record Restored<M extends ProtocolMessage, R extends ProtocolRecord>(
            long position, long timeNanos, Bytes anchor, List<BatchId> delivered)
            implements Input<M, R> {
        public Restored {
            delivered = List.copyOf(delivered);
        }

        /// The state in which every cluster begins.
        public static <M extends ProtocolMessage, R extends ProtocolRecord>
                Restored<M, R> nothing() {
            return new Restored<>(0, 0, Bytes.EMPTY, List.of());
        }
    }

    /// A record that survived the last boot, in the order of sequences. It is durable.
    record Replayed<M extends ProtocolMessage, R extends ProtocolRecord>(long sequence, R record)
            implements Input<M, R> {}

    /// There are no more records: take part.
    record Recovered<M extends ProtocolMessage, R extends ProtocolRecord>()
            implements Input<M, R> {}

    /// This replica admitted a batch that is to be ordered. The protocol delivers it at some
    /// position, refuses it, or is stopped before.
    record Submitted<M extends ProtocolMessage, R extends ProtocolRecord>(Batch batch)
            implements Input<M, R> {}

    /// A message from another member, of this epoch.
    record Received<M extends ProtocolMessage, R extends ProtocolRecord>(ReplicaId from, M message)
            implements Input<M, R> {}

    /// All records through `sequence` are durable.
    record Durable<M extends ProtocolMessage, R extends ProtocolRecord>(long sequence)
            implements Input<M, R> {}

    /// A timer's time has come. It is not set any more.
    record TimerFired<M extends ProtocolMessage, R extends ProtocolRecord>(Timer timer)
            implements Input<M, R> {}

    /// Somebody wants to read: answer with a position that covers every command acknowledged before
    /// this input, or with `Unreadable`. Barriers ascend within a boot.
    record ReadRequested<M extends ProtocolMessage, R extends ProtocolRecord>(long barrier)
            implements Input<M, R> {}

    /// Order this stop sign and end the epoch.
    record StopRequested<M extends ProtocolMessage, R extends ProtocolRecord>(StopSign sign)
            implements Input<M, R> {}

    /// The configuration authority wants the epoch to end (fail-stop only): take part in nothing
    /// any more, and agree with the members that go on what the epoch ends with. May come again.
    ///
    /// @param next the epoch that is to begin
    /// @param attempt ascends within the epoch: an attempt takes the place of those before
    record Wedged<M extends ProtocolMessage, R extends ProtocolRecord>(StopSign next, long attempt)
            implements Input<M, R> {}

    /// The configuration authority has ended the epoch (fail-stop only), with what this attempt
    /// came to. May come again, and to members that had no part in the attempt.
    record Installed<M extends ProtocolMessage, R extends ProtocolRecord>(
            StopSign next, long attempt) implements Input<M, R> {}

    /// The transport saw the connection to a peer end, or could not make one. A hint, not a fact.
    record PeerLost<M extends ProtocolMessage, R extends ProtocolRecord>(ReplicaId peer)
            implements Input<M, R> {}

    /// There is a new connection to a peer; what was sent on the old one may be lost.
    record PeerBack<M extends ProtocolMessage, R extends ProtocolRecord>(ReplicaId peer)
            implements Input<M, R> {}

    /// Delivered history from another member, ascending without gaps, in answer to
    /// [Effect.NeedHistory]; may overlap what is known.
    record History<M extends ProtocolMessage, R extends ProtocolRecord>(List<HistoryEntry> entries)
            implements Input<M, R> {
        public History {
            entries = List.copyOf(entries);
        }
    }

    /// The host's verdict on a payload, in answer to [Effect.Validate].
    record Validated<M extends ProtocolMessage, R extends ProtocolRecord>(
            Bytes digest, boolean valid) implements Input<M, R> {}

    /// The host suspects whoever is responsible for progress, or the network.
    record Suspected<M extends ProtocolMessage, R extends ProtocolRecord>(Suspicion what)
            implements Input<M, R> {}

    /// This replica is about to stop in good order and would like its duties taken over.
    record Leaving<M extends ProtocolMessage, R extends ProtocolRecord>() implements Input<M, R> {}

    /// This replica will be slow for a while and would like others to take its duties over. It goes
    /// on taking part, and may get them back at any time.
    record HandOver<M extends ProtocolMessage, R extends ProtocolRecord>() implements Input<M, R> {}

    /// A snapshot of everything through `position` is durable here.
    record SnapshotDurable<M extends ProtocolMessage, R extends ProtocolRecord>(
            long position, Bytes digest) implements Input<M, R> {}

    /// A send that asked for it was flushed to its connection (see [Effect.Send]).
    record Flushed<M extends ProtocolMessage, R extends ProtocolRecord>(long token)
            implements Input<M, R> {}
}
