package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Input;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.Suspicion;
import dev.lockstep.core.Timer;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// One protocol instance and the interpreter of its effects.
///
/// Effects are collected during a step and carried out after it returns. What they raise in turn is
/// queued and stepped after that: nothing re-enters a step, and nothing overtakes.
final class Engine<M extends ProtocolMessage, R extends ProtocolRecord> {

    /// Below this a batch's payload is copied into the frame, which is cheaper than a second
    /// buffer.
    private static final int SHARED_PAYLOAD_BYTES = 2_048;

    /// More timers than any protocol has.
    private static final int MAX_TIMERS = 64;

    /// A message that waits for the journal.
    private record Held<M>(
            ReplicaId to, M message, long afterSequence, long flushToken, long arrival) {}

    /// Where a protocol puts its effects.
    private final class Collected implements Outbox<M, R> {
        @Override
        public void emit(Effect<M, R> effect) {
            Invariant.check(stepping, "effects are emitted within a step");
            effects.add(effect);
        }

        @Override
        public long persist(R record) {
            Invariant.check(stepping, "effects are emitted within a step");
            return append(record, false);
        }

        @Override
        public long persistLazily(R record) {
            Invariant.check(stepping, "effects are emitted within a step");
            return append(record, true);
        }
    }

    /// Where messages go that were checked.
    private final class Checked implements Arrivals.Target<M> {
        @Override
        public void onGenuine(Now now, ReplicaId from, M message) {
            handIn(now, from, message);
        }

        @Override
        public void onForged(ReplicaId from) {
            listener.onForged(from);
        }
    }

    private final Ordering<M, R> ordering;
    private final ProtocolCodec<M, R> codec;
    private final long epoch;
    private final Journal journal;
    private final PeerPort peers;
    private final ReplicaListener listener;
    private final EngineEvents events;

    /// Messages whose signatures are being checked; null where nobody signs.
    private final @Nullable Arrivals<M> arrivals;

    private final Outbox<M, R> outbox = new Collected();

    /// Inputs that were raised while effects were carried out, in order.
    private final ArrayDeque<Input<M, R>> raised = new ArrayDeque<>();

    /// The effects of the current step; empty between steps.
    private final List<Effect<M, R>> effects = new ArrayList<>();

    /// The protocol has come to its end in this step; null otherwise.
    private Effect.@Nullable Stopped<M, R> stopped;

    /// True within a step of the protocol.
    private boolean stepping;

    /// True while inputs are worked off; more of them then wait in `raised`.
    private boolean busy;

    /// True before [#recovered]: the journal is being read and takes nothing.
    private boolean replaying = true;

    /// The first input, until it is handed in.
    private Input.@Nullable Restored<M, R> restored = Input.Restored.nothing();

    /// Nothing is stepped any more.
    private boolean halted;

    /// Messages that wait for the journal; the one that needs the least first.
    private final PriorityQueue<Held<M>> held =
            new PriorityQueue<>(
                    Comparator.<Held<M>>comparingLong(Held::afterSequence)
                            .thenComparingLong(Held::arrival));

    private long heldSoFar;

    /// Nothing is sent before this record is durable.
    private long silentUntil;

    /// By the timer's ordinal: when it fires; `Long.MAX_VALUE` where it is not set.
    private final long[] timerAt = new long[MAX_TIMERS];

    private final @Nullable Timer[] timers = new @Nullable Timer[MAX_TIMERS];

    /// Timers seen so far have ordinals below this.
    private int timerCount;

    private final BytesWriter writer = new BytesWriter(1_024);

    private Engine(
            OrderingProvider<M, R> provider,
            OrderingContext context,
            Journal journal,
            PeerPort peers,
            ReplicaListener listener,
            PendingChecks checks,
            EngineEvents events) {
        this.ordering = provider.create(context);
        this.codec = provider.codec();
        this.epoch = context.epoch().value();
        this.journal = journal;
        this.peers = peers;
        this.listener = listener;
        this.events = events;
        this.arrivals =
                provider.authenticity(context)
                        .map(authenticity -> new Arrivals<>(authenticity, checks, new Checked()))
                        .orElse(null);
        java.util.Arrays.fill(timerAt, Long.MAX_VALUE);
    }

    static <M extends ProtocolMessage, R extends ProtocolRecord> Engine<M, R> create(
            OrderingProvider<M, R> provider,
            OrderingContext context,
            Journal journal,
            PeerPort peers,
            ReplicaListener listener,
            PendingChecks checks,
            EngineEvents events) {
        return new Engine<>(provider, context, journal, peers, listener, checks, events);
    }

    OrderingStatus status() {
        return ordering.status();
    }

    int heldSends() {
        return held.size();
    }

    /// Hands in a record that survived the last boot.
    void replay(JournalRecord written) {
        Invariant.check(replaying, "records are replayed before recovery ends");
        Now never = new Now(0, 0);
        start(never);
        R record = codec.decodeRecord(written.content());
        noteBatch(record, written.sequence());
        input(never, new Input.Replayed<>(written.sequence(), record));
    }

    /// The journal takes records; the protocol takes part.
    ///
    /// @param afterSequence nothing is sent before this record is durable
    void recovered(Now now, long afterSequence) {
        Invariant.check(replaying, "recovery ends once");
        start(now);
        replaying = false;
        silentUntil = afterSequence;
        input(now, new Input.Recovered<>());
    }

    /// Hands in what comes before all records, once.
    void start(Now now) {
        Input.Restored<M, R> first = restored;
        if (first != null) {
            restored = null;
            input(now, first);
        }
    }

    /// The state of a snapshot, or of the end of the epoch before, comes before all records.
    void restore(long position, long timeNanos, Bytes anchor, List<BatchId> delivered) {
        Invariant.check(restored != null, "a state comes before the records that follow it");
        restored = new Input.Restored<>(position, timeNanos, anchor, delivered);
    }

    /// A snapshot of everything through its position is durable, and will stay so until two later
    /// ones are.
    void snapshotDurable(Now now, SnapshotDescription snapshot) {
        input(now, new Input.SnapshotDurable<>(snapshot.position(), snapshot.digest()));
    }

    /// Hands in the content of a protocol frame.
    void receive(Now now, ReplicaId from, Bytes content) {
        M message = codec.decodeMessage(content);
        if (arrivals == null) {
            handIn(now, from, message);
        } else if (ordering.isNeeded(from, message)) {
            arrivals.add(now, from, message);
        }
    }

    private void handIn(Now now, ReplicaId from, M message) {
        listener.onReceived(from, message);
        input(now, new Input.Received<>(from, message));
    }

    void peerLost(Now now, ReplicaId peer) {
        input(now, new Input.PeerLost<>(peer));
    }

    void peerBack(Now now, ReplicaId peer) {
        input(now, new Input.PeerBack<>(peer));
    }

    void flushed(Now now, long token) {
        input(now, new Input.Flushed<>(token));
    }

    /// The host's verdict on a payload that another member wants to have ordered.
    void validated(Now now, Bytes digest, boolean isValid) {
        input(now, new Input.Validated<>(digest, isValid));
    }

    void suspected(Now now, Suspicion what) {
        input(now, new Input.Suspected<>(what));
    }

    void submit(Now now, Batch batch) {
        input(now, new Input.Submitted<>(batch));
    }

    void requestRead(Now now, long barrier) {
        input(now, new Input.ReadRequested<>(barrier));
    }

    void history(Now now, List<HistoryEntry> entries) {
        input(now, new Input.History<>(entries));
    }

    void requestStop(Now now, StopSign sign) {
        input(now, new Input.StopRequested<>(sign));
    }

    /// The configuration authority wants the epoch to end.
    void wedged(Now now, StopSign next, long attempt) {
        input(now, new Input.Wedged<>(next, attempt));
    }

    /// The configuration authority has ended the epoch.
    void installed(Now now, StopSign next, long attempt) {
        input(now, new Input.Installed<>(next, attempt));
    }

    void leaving(Now now) {
        input(now, new Input.Leaving<>());
    }

    void handOver(Now now) {
        input(now, new Input.HandOver<>());
    }

    /// Sends what waited for the journal, then tells the protocol.
    void durable(Now now, long sequence) {
        listener.onDurable(sequence);
        while (true) {
            Held<M> next = held.peek();
            if (next == null || next.afterSequence() > sequence) {
                break;
            }
            held.remove();
            send(now, next.to(), next.message(), next.afterSequence(), next.flushToken());
        }
        input(now, new Input.Durable<>(sequence));
    }

    /// Fires every timer that is due, the earliest first, but none whose time is after the arrival
    /// of
    /// a message that was not handed in yet. One that is set again meanwhile, even to
    /// a time that has come, fires in the next duty cycle at the earliest.
    void fireTimers(Now now) {
        long until = Math.min(now.monotonicNanos(), lastTimerNanos());
        if (earliestTimerNanos() > until) {
            return;
        }
        long[] due = timerAt.clone();
        while (!halted) {
            int earliest = 0;
            for (int i = 1; i < timerCount; i++) {
                earliest = due[i] < due[earliest] ? i : earliest;
            }
            Timer timer = timers[earliest];
            if (timer == null || due[earliest] > until) {
                return;
            }
            boolean unchanged = timerAt[earliest] == due[earliest];
            due[earliest] = Long.MAX_VALUE;
            if (unchanged) {
                timerAt[earliest] = Long.MAX_VALUE;
                input(now, new Input.TimerFired<>(timer));
            }
        }
    }

    /// No timer of a later time may fire: messages that came before it wait to be checked.
    private long lastTimerNanos() {
        long oldest = arrivals == null ? Long.MAX_VALUE : arrivals.oldestNanos();
        return oldest == Long.MAX_VALUE ? oldest : oldest - 1;
    }

    /// `Long.MAX_VALUE` also while the next timer waits for a check, after which the driver calls
    /// anyway.
    long nextTimerNanos() {
        long earliest = earliestTimerNanos();
        return earliest > lastTimerNanos() ? Long.MAX_VALUE : earliest;
    }

    private long earliestTimerNanos() {
        long earliest = Long.MAX_VALUE;
        for (int i = 0; i < timerCount; i++) {
            earliest = Math.min(earliest, timerAt[i]);
        }
        return halted ? Long.MAX_VALUE : earliest;
    }

    void halt() {
        halted = true;
        raised.clear();
        held.clear();
    }

    private void input(Now now, Input<M, R> first) {
        if (halted) {
            return;
        }
        if (busy) {
            raised.add(first);
            return;
        }
        busy = true;
        Input<M, R> input = first;
        while (input != null && !halted) {
            stepping = true;
            ordering.step(now, input, outbox);
            stepping = false;
            for (int i = 0; i < effects.size() && !halted; i++) {
                carryOut(now, effects.get(i));
            }
            effects.clear();
            Effect.Stopped<M, R> end = stopped;
            if (end != null && !halted) {
                stopped = null;
                events.onStopped(now, end.sign(), end.position());
            }
            input = raised.poll();
        }
        busy = false;
    }

    private void carryOut(Now now, Effect<M, R> effect) {
        switch (effect) {
            case Effect.Send<M, R> send -> sendOrHold(now, send);
            case Effect.Persist<M, R> _ ->
                    throw Invariant.broken("records are persisted through the outbox");
            case Effect.Deliver<M, R> deliver ->
                    events.onDeliver(
                            now,
                            deliver.position(),
                            deliver.batch(),
                            deliver.timeNanos(),
                            deliver.anchor());
            case Effect.Refused<M, R> refused ->
                    events.onRefused(refused.batch(), refused.reason());
            case Effect.Readable<M, R> readable ->
                    events.onReadable(readable.barrier(), readable.position());
            case Effect.Unreadable<M, R> unreadable ->
                    events.onUnreadable(now, unreadable.barrier());
            case Effect.SetTimer<M, R> set -> setTimer(set.timer(), set.atMonotonicNanos());
            case Effect.NeedHistory<M, R> need -> events.onNeedHistory(now, need.from());
            case Effect.Suspect<M, R> suspect -> {
                listener.onSuspect(suspect.peer());
                events.onSuspect(now, suspect.peer());
            }
            case Effect.Sealed<M, R> sealed -> {
                listener.onSealed(sealed.next(), sealed.attempt());
                events.onSealed(now, sealed.next(), sealed.attempt());
            }
            case Effect.Release<M, R> release -> {
                listener.onRelease(release.throughSequence());
                events.onRelease(release.throughSequence());
            }
            case Effect.Evidence<M, R> evidence ->
                    listener.onEvidence(evidence.about(), evidence.proof());
            case Effect.Halt<M, R> halt -> events.onHalt(now, halt.reason());
            // What the step sends tells the others of the end: it goes first.
            case Effect.Stopped<M, R> end -> stopped = end;
            case Effect.Validate<M, R> validate ->
                    events.onValidate(
                            now, validate.digest(), validate.proposer(), validate.batch());
        }
    }

    private void sendOrHold(Now now, Effect.Send<M, R> send) {
        long afterSequence = Math.max(send.afterSequence(), silentUntil);
        if (afterSequence <= journal.durableThrough()) {
            send(now, send.to(), send.message(), afterSequence, send.flushToken());
        } else {
            held.add(
                    new Held<>(
                            send.to(),
                            send.message(),
                            afterSequence,
                            send.flushToken(),
                            heldSoFar++));
        }
    }

    private void send(Now now, ReplicaId to, M message, long afterSequence, long flushToken) {
        Invariant.check(
                afterSequence <= journal.durableThrough(),
                "a message leaves after what it depends on is durable",
                afterSequence);
        writer.clear();
        PeerFrames.begin(PeerFrames.PROTOCOL, epoch, writer);
        codec.encodeMessage(message, writer);
        int size = writer.size();
        Bytes body = writer.tail();
        boolean isOnItsWay =
                body.size() < SHARED_PAYLOAD_BYTES
                        ? peers.send(to, writer.toBytes(), Bytes.EMPTY, flushToken)
                        : peers.send(to, Bytes.wrap(writer.head().toByteArray()), body, flushToken);
        listener.onSent(to, message, size);
        if (!isOnItsWay && flushToken != 0) {
            // Nothing waits to be written to a peer that is not connected.
            input(now, new Input.Flushed<>(flushToken));
        }
    }

    private long append(R record, boolean isLazy) {
        Invariant.check(!replaying, "nothing is persisted while the journal is replayed");
        writer.clear();
        codec.encodeRecord(record, writer);
        Bytes head = writer.head();
        Bytes tail = writer.tail();
        long sequence =
                isLazy
                        ? journal.appendLazily(RecordKind.PROTOCOL, epoch, head, tail)
                        : journal.append(RecordKind.PROTOCOL, epoch, head, tail);
        noteBatch(record, sequence);
        listener.onPersisted(sequence, record);
        return sequence;
    }

    private void noteBatch(R record, long sequence) {
        Batch batch = record.batch();
        if (batch != null) {
            events.onBatchPersisted(batch.id(), sequence);
        }
    }

    private void setTimer(Timer timer, long atNanos) {
        int index = timer.ordinal();
        Invariant.check(index >= 0 && index < MAX_TIMERS, "timers are numbered densely", index);
        timers[index] = timer;
        timerAt[index] = atNanos;
        timerCount = Math.max(timerCount, index + 1);
    }
}
