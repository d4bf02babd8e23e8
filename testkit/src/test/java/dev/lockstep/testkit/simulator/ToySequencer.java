package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.Timer;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/// The least protocol that keeps every promise as long as everybody comes back: the lowest member
/// numbers what it gets, and never stops being the one who does.
///
/// A batch is forwarded until it is delivered. The sequencer persists it at the next position and
/// sends it on once that is durable; followers persist it and acknowledge once that is durable; it
/// is delivered when a majority, the sequencer among them, has it. Why that is right: what is
/// durable at the sequencer never changes, and nobody else knows more than it. It may therefore
/// count everything that survived its own crash as committed, and must, since it does not remember
/// how much it had told the others; a follower waits until it is told.
final class ToySequencer implements Ordering<ToyMessage, ToyRecord> {

    private static final long TICK_NANOS = 25_000_000L;

    /// No more is repeated, or sent to who lacks it, at once.
    private static final int MOST_AT_ONCE = 32;

    enum Alarm implements Timer {
        TICK
    }

    private record Placed(long sequence, long timeNanos, Batch batch) {}

    /// What has been numbered of one member: of its last process, through which sequence.
    private record Through(int boot, long sequence) {}

    private final OrderingContext context;
    private final ToyFault fault;
    private final ReplicaId sequencer;
    private final int self;

    /// Tells this life's questions apart from those of former ones.
    private final long boot;

    /// By position, from 1.
    private final List<Placed> log = new ArrayList<>();

    private long durable;
    private long committed;
    private long delivered;

    /// The sequencer's: by member, what it has durable.
    private final long[] acknowledged;

    /// The sequencer's: by member, what of its batches is in the log.
    private final TreeMap<ReplicaId, Through> numbered = new TreeMap<>();

    /// A follower's: submitted here and not yet delivered.
    private final TreeMap<BatchId, Batch> outstanding = new TreeMap<>();

    /// A follower's: the highest barrier that is not answered, or 0.
    private long barrier;

    /// A follower's: what it has asked for since the last tick.
    private long askedFrom;

    private long ticks;
    private boolean isLeaving;

    ToySequencer(OrderingContext context, ToyFault fault) {
        this.context = context;
        this.fault = fault;
        this.sequencer = context.members().idAt(0);
        this.self = context.members().indexOf(context.self());
        this.boot = context.random().nextLong();
        this.acknowledged = new long[context.members().size()];
    }

    private boolean is(ToyFault mistake) {
        return fault == mistake;
    }

    private boolean isSequencer() {
        return self == 0;
    }

    private long last() {
        return log.size();
    }

    private Placed at(long position) {
        return log.get((int) position - 1);
    }

    @Override
    public void step(
            Now now, Input<ToyMessage, ToyRecord> input, Outbox<ToyMessage, ToyRecord> out) {
        switch (input) {
            // The records of what is delivered follow all the same: this protocol releases none.
            case Input.Restored<ToyMessage, ToyRecord> restored -> delivered = restored.position();
            case Input.Replayed<ToyMessage, ToyRecord> replayed -> onReplayed(replayed, out);
            case Input.Recovered<ToyMessage, ToyRecord> _ -> onRecovered(now, out);
            case Input.Submitted<ToyMessage, ToyRecord> submitted ->
                    onSubmitted(now, submitted.batch(), out);
            case Input.Received<ToyMessage, ToyRecord> received ->
                    onReceived(now, received.from(), received.message(), out);
            case Input.Durable<ToyMessage, ToyRecord> reached -> onDurable(reached.sequence(), out);
            case Input.TimerFired<ToyMessage, ToyRecord> _ -> onTick(now, out);
            case Input.ReadRequested<ToyMessage, ToyRecord> read ->
                    onReadRequested(read.barrier(), out);
            case Input.Leaving<ToyMessage, ToyRecord> _ -> isLeaving = true;
            default -> {}
        }
    }

    private void onReplayed(
            Input.Replayed<ToyMessage, ToyRecord> replayed, Outbox<ToyMessage, ToyRecord> out) {
        ToyRecord record = replayed.record();
        if (record.position() <= last()) {
            // Numbered a second time: only a faulty one has written that.
            log.subList((int) record.position() - 1, log.size()).clear();
        }
        place(new Placed(replayed.sequence(), record.timeNanos(), record.batch()));
        onDurable(replayed.sequence(), out);
    }

    private void onRecovered(Now now, Outbox<ToyMessage, ToyRecord> out) {
        if (isSequencer()) {
            if (is(ToyFault.FORGETS_A_POSITION) && last() > 0) {
                Placed forgotten = log.removeLast();
                BatchId id = forgotten.batch().id();
                numbered.put(id.origin(), new Through(id.boot(), id.sequence() - 1));
                durable--;
            }
            committed = last();
            deliver(out);
        }
        onTick(now, out);
    }

    private void onTick(Now now, Outbox<ToyMessage, ToyRecord> out) {
        ticks++;
        out.setTimer(Alarm.TICK, now.monotonicNanos() + TICK_NANOS);
        if (isSequencer()) {
            tellProgress(out);
            return;
        }
        askedFrom = 0;
        out.send(sequencer, new ToyMessage.Acknowledge(durable));
        if (barrier > 0) {
            out.send(sequencer, new ToyMessage.Ask(boot, barrier));
        }
        if (!is(ToyFault.NEVER_REPEATS)) {
            outstanding.values().stream()
                    .limit(MOST_AT_ONCE)
                    .forEach(batch -> out.send(sequencer, new ToyMessage.Forward(batch)));
        }
        misbehave(out);
    }

    private void misbehave(Outbox<ToyMessage, ToyRecord> out) {
        if (is(ToyFault.HOLDS_BACK)) {
            out.sendAfter(sequencer, new ToyMessage.Acknowledge(0), Long.MAX_VALUE);
        }
        if (is(ToyFault.HALTS) && delivered > 10) {
            out.emit(new Effect.Halt<>("it is tired", Bytes.EMPTY));
        }
        if (is(ToyFault.ACCUSES) && delivered > 10) {
            out.emit(new Effect.Evidence<>(sequencer, Bytes.EMPTY));
        }
    }

    private void onSubmitted(Now now, Batch batch, Outbox<ToyMessage, ToyRecord> out) {
        if (isSequencer()) {
            order(now, batch, out);
        } else {
            outstanding.put(batch.id(), batch);
            out.send(sequencer, new ToyMessage.Forward(batch));
        }
    }

    private void onReceived(
            Now now, ReplicaId from, ToyMessage message, Outbox<ToyMessage, ToyRecord> out) {
        switch (message) {
            case ToyMessage.Forward forward -> order(now, forward.batch(), out);
            case ToyMessage.Ordered ordered -> take(ordered, out);
            case ToyMessage.Progress progress -> {
                committed = Math.max(committed, progress.committed());
                deliver(out);
                if (progress.last() > last()) {
                    askForMissing(out);
                }
            }
            case ToyMessage.Acknowledge acknowledge -> {
                int peer = context.members().indexOf(from);
                acknowledged[peer] = Math.max(acknowledged[peer], acknowledge.through());
                commit(out);
            }
            case ToyMessage.Missing missing -> {
                long end = Math.min(last(), missing.from() + MOST_AT_ONCE - 1);
                for (long position = missing.from(); position <= end; position++) {
                    sendOrdered(from, position, out);
                }
            }
            case ToyMessage.Ask ask ->
                    out.send(from, new ToyMessage.Answer(ask.boot(), ask.barrier(), committed));
            case ToyMessage.Answer answer -> {
                if (answer.boot() == boot) {
                    out.emit(new Effect.Readable<>(answer.barrier(), answer.position()));
                    barrier = answer.barrier() >= barrier ? 0 : barrier;
                }
            }
        }
    }

    /// The sequencer numbers a batch, if it is the next of its origin: otherwise it comes again.
    private void order(Now now, Batch batch, Outbox<ToyMessage, ToyRecord> out) {
        BatchId id = batch.id();
        Through known = numbered.getOrDefault(id.origin(), new Through(0, 0));
        long before = id.boot() == known.boot() ? known.sequence() : 0;
        boolean isTwice = id.boot() < known.boot() || id.sequence() <= before;
        boolean isEarly = id.sequence() > before + 1;
        if ((isTwice && !is(ToyFault.NUMBERS_TWICE))
                || (isEarly && !is(ToyFault.NUMBERS_OUT_OF_TURN))) {
            return;
        }
        append(now, batch, out);
        if (is(ToyFault.INVENTS) && last() % 20 == 0) {
            BatchId invented = new BatchId(id.origin(), id.incarnation(), 1_000, last());
            append(now, Batch.of(invented, 0, Bytes.EMPTY), out);
        }
    }

    private void append(Now now, Batch batch, Outbox<ToyMessage, ToyRecord> out) {
        long before = log.isEmpty() ? Long.MIN_VALUE : log.getLast().timeNanos();
        long timeNanos = Math.max(before, now.wallNanos());
        if (is(ToyFault.TIME_GOES_BACK)) {
            timeNanos = now.wallNanos();
        } else if (is(ToyFault.TIME_STANDS_STILL)) {
            timeNanos = SimClock.BEGINNING_NANOS;
        }
        long sequence = out.persist(new ToyRecord(last() + 1, timeNanos, batch));
        place(new Placed(sequence, timeNanos, batch));
        for (int i = 1; i < acknowledged.length; i++) {
            sendOrdered(context.members().idAt(i), last(), out);
        }
        if (is(ToyFault.DELIVERS_BEFORE_DURABLE)) {
            committed = last();
            durable = last();
            deliver(out);
        }
    }

    private void sendOrdered(ReplicaId to, long position, Outbox<ToyMessage, ToyRecord> out) {
        Placed placed = at(position);
        Batch batch = placed.batch();
        if (is(ToyFault.EQUIVOCATES) && to.equals(context.members().members().getLast().id())) {
            BatchId other =
                    new BatchId(
                            sequencer,
                            context.members().members().getFirst().incarnation(),
                            BatchId.PROTOCOL_BOOT,
                            position);
            batch = Batch.of(other, 0, Bytes.EMPTY);
        }
        out.sendAfter(
                to,
                new ToyMessage.Ordered(position, placed.timeNanos(), batch),
                is(ToyFault.SENDS_BEFORE_DURABLE) ? 0 : placed.sequence());
    }

    private void place(Placed placed) {
        log.add(placed);
        BatchId id = placed.batch().id();
        if (id.boot() != BatchId.PROTOCOL_BOOT) {
            Through known = numbered.getOrDefault(id.origin(), new Through(0, 0));
            if (id.boot() > known.boot() || id.sequence() > known.sequence()) {
                numbered.put(id.origin(), new Through(id.boot(), id.sequence()));
            }
        }
    }

    /// A follower takes the next position; anything else is asked for.
    private void take(ToyMessage.Ordered ordered, Outbox<ToyMessage, ToyRecord> out) {
        if (ordered.position() > last() + 1) {
            askForMissing(out);
        }
        if (ordered.position() != last() + 1) {
            return;
        }
        long sequence =
                out.persist(
                        new ToyRecord(ordered.position(), ordered.timeNanos(), ordered.batch()));
        place(new Placed(sequence, ordered.timeNanos(), ordered.batch()));
        out.sendAfter(
                sequencer,
                new ToyMessage.Acknowledge(ordered.position()),
                is(ToyFault.ACKNOWLEDGES_BEFORE_DURABLE) ? 0 : sequence);
    }

    private void askForMissing(Outbox<ToyMessage, ToyRecord> out) {
        if (askedFrom != last() + 1 && !is(ToyFault.NEVER_CATCHES_UP)) {
            askedFrom = last() + 1;
            out.send(sequencer, new ToyMessage.Missing(askedFrom));
        }
    }

    private void onDurable(long sequence, Outbox<ToyMessage, ToyRecord> out) {
        while (durable < last() && at(durable + 1).sequence() <= sequence) {
            durable++;
        }
        if (isSequencer()) {
            commit(out);
        }
        deliver(out);
    }

    private void commit(Outbox<ToyMessage, ToyRecord> out) {
        acknowledged[0] = durable;
        long[] sorted = acknowledged.clone();
        Arrays.sort(sorted);
        long reached = Math.min(durable, sorted[sorted.length - context.members().majority()]);
        if (reached > committed) {
            committed = reached;
            deliver(out);
            tellProgress(out);
        }
    }

    private void tellProgress(Outbox<ToyMessage, ToyRecord> out) {
        for (int i = 1; i < acknowledged.length; i++) {
            out.send(context.members().idAt(i), new ToyMessage.Progress(committed, durable));
        }
    }

    private void deliver(Outbox<ToyMessage, ToyRecord> out) {
        while (delivered < Math.min(committed, durable)) {
            delivered++;
            Placed next = at(delivered);
            outstanding.remove(next.batch().id());
            out.emit(new Effect.Deliver<>(delivered, next.batch(), next.timeNanos(), Bytes.EMPTY));
        }
    }

    private void onReadRequested(long asked, Outbox<ToyMessage, ToyRecord> out) {
        if (isSequencer() || is(ToyFault.READS_WITHOUT_ASKING)) {
            out.emit(new Effect.Readable<>(asked, isSequencer() ? committed : delivered));
        } else {
            barrier = asked;
            out.send(sequencer, new ToyMessage.Ask(boot, asked));
        }
    }

    @Override
    public OrderingStatus status() {
        @Nullable ReplicaId entry = isLeaving && isSequencer() ? null : sequencer;
        if (is(ToyFault.PREFERS_ANOTHER) && ticks % 10 == 0) {
            entry = context.self();
        }
        return new OrderingStatus(entry, true, TreeMap::new);
    }
}
