package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// A host for one protocol instance, as small as the seam allows: carries out effects, holds sends
/// until their record is durable, loses what is not when it crashes.
final class SimMember implements Outbox<LeaderMessage, LeaderRecord> {

    private static final LeaderCodec CODEC = new LeaderCodec();

    private record Held(ReplicaId to, LeaderMessage message, long after) {}

    private record Read(long barrier, long floor) {}

    final ReplicaId id;
    private final SimCluster cluster;

    /// The journal: encoded records, the first having sequence 1.
    private final List<Bytes> journal = new ArrayList<>();

    private int durable;

    /// What the durable part of the journal says is in the log, and what all of it says.
    private SortedMap<Long, BatchId> durableLog = new TreeMap<>();

    private SortedMap<Long, BatchId> fullLog = new TreeMap<>();

    @Nullable Ordering<LeaderMessage, LeaderRecord> ordering;
    int boot;
    long delivered;
    boolean stopped;
    private long clockOffset;
    private long wallOffset;
    private long sequence;
    private long barrier;
    private long syncing;

    /// Until then the process stands still: nothing is handed in.
    private long stalledUntil;

    private final List<Effect<LeaderMessage, LeaderRecord>> effects = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private final long[] timers = new long[LeaderTimer.values().length];
    private final ArrayDeque<Read> reads = new ArrayDeque<>();
    private final ArrayDeque<Read> readable = new ArrayDeque<>();
    private final SortedMap<Long, Bytes> anchors = new TreeMap<>();
    final ArrayDeque<Batch> pending = new ArrayDeque<>();

    SimMember(SimCluster cluster, ReplicaId id) {
        this.cluster = cluster;
        this.id = id;
    }

    boolean isUp() {
        return ordering != null;
    }

    boolean holdsDurably(long index, BatchId batch) {
        return batch.equals(durableLog.get(index));
    }

    boolean holds(long index, BatchId batch) {
        return batch.equals(fullLog.get(index));
    }

    Now now() {
        return new Now(
                cluster.nowNanos + clockOffset,
                1_700_000_000_000_000_000L + cluster.nowNanos + wallOffset);
    }

    void start() {
        boot++;
        stopped = false;
        sequence = 0;
        barrier = 0;
        delivered = 0;
        syncing = 0;
        clockOffset = cluster.random.nextLong(1_000_000_000L);
        wallOffset = cluster.random.nextLong(400_000_000L) - 200_000_000L;
        Arrays.fill(timers, Long.MAX_VALUE);
        durable = journal.size();
        ordering =
                cluster.provider.create(
                        new OrderingContext(
                                id,
                                dev.lockstep.core.Epoch.FIRST,
                                cluster.membership,
                                cluster.membership.idAt(0),
                                new SplittableRandom(cluster.random.nextLong()),
                                cluster.profile.options(),
                                true));
        step(Input.Restored.nothing());
        for (int i = 0; i < journal.size() && ordering != null; i++) {
            step(new Input.Replayed<>(i + 1L, CODEC.decodeRecord(journal.get(i))));
        }
        step(new Input.Recovered<>());
    }

    /// The process dies; of what was not synced, a prefix survives.
    void crash(int survivors) {
        ordering = null;
        while (journal.size() > durable + survivors) {
            journal.removeLast();
        }
        durable = journal.size();
        durableLog = new TreeMap<>();
        for (Bytes record : journal) {
            apply(CODEC.decodeRecord(record), durableLog);
        }
        fullLog = new TreeMap<>(durableLog);
        held.clear();
        reads.clear();
        readable.clear();
        pending.clear();
        anchors.clear();
    }

    @Override
    public String toString() {
        Ordering<LeaderMessage, LeaderRecord> running = ordering;
        return id
                + " up "
                + isUp()
                + " stopped "
                + stopped
                + " delivered "
                + delivered
                + " pending "
                + pending
                + " reads "
                + reads
                + readable
                + (running == null ? "" : running.status().details().read());
    }

    int unsynced() {
        return journal.size() - durable;
    }

    void stall(long nanos) {
        stalledUntil = cluster.nowNanos + nanos;
    }

    boolean isStalled() {
        return cluster.nowNanos < stalledUntil;
    }

    /// Runs `action` now, or once this boot stands still no longer.
    void whenAwake(Runnable action) {
        if (isStalled()) {
            int atBoot = boot;
            cluster.after(
                    stalledUntil - cluster.nowNanos,
                    () -> {
                        if (boot == atBoot) {
                            whenAwake(action);
                        }
                    });
        } else {
            action.run();
        }
    }

    void submit(int payloadBytes) {
        byte[] payload = new byte[payloadBytes];
        cluster.random.nextBytes(payload);
        BatchId name =
                new BatchId(
                        id,
                        cluster.membership
                                .members()
                                .get(cluster.membership.indexOf(id))
                                .incarnation(),
                        boot,
                        ++sequence);
        Batch batch = Batch.of(name, now().wallNanos(), Bytes.wrap(payload));
        cluster.checker.onSubmitted(batch);
        pending.add(batch);
        step(new Input.Submitted<>(batch));
    }

    void read() {
        reads.add(new Read(++barrier, cluster.checker.seenPosition()));
        step(new Input.ReadRequested<>(barrier));
    }

    boolean hasOpenReads() {
        return !reads.isEmpty() || !readable.isEmpty();
    }

    void step(Input<LeaderMessage, LeaderRecord> input) {
        Ordering<LeaderMessage, LeaderRecord> running = ordering;
        if (running == null || stopped) {
            return;
        }
        cluster.steps++;
        running.step(now(), input, this);
        running.status();
        List<Effect<LeaderMessage, LeaderRecord>> emitted = List.copyOf(effects);
        effects.clear();
        for (Effect<LeaderMessage, LeaderRecord> effect : emitted) {
            carryOut(effect);
        }
        if (syncing == 0 && journal.size() > durable) {
            syncing = journal.size();
            int atBoot = boot;
            cluster.after(cluster.syncDelay(), () -> onSynced(atBoot));
        }
    }

    private void onSynced(int atBoot) {
        if (boot != atBoot || !isUp()) {
            return;
        }
        for (int i = durable; i < syncing; i++) {
            apply(CODEC.decodeRecord(journal.get(i)), durableLog);
        }
        durable = (int) syncing;
        syncing = 0;
        for (Held waiting : List.copyOf(held)) {
            if (waiting.after() <= durable) {
                held.remove(waiting);
                transmit(waiting.to(), waiting.message());
            }
        }
        long through = durable;
        whenAwake(() -> step(new Input.Durable<>(through)));
    }

    @Override
    public void emit(Effect<LeaderMessage, LeaderRecord> effect) {
        effects.add(effect);
    }

    @Override
    public long persist(LeaderRecord record) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeRecord(record, out);
        journal.add(out.toBytes());
        apply(record, fullLog);
        return journal.size();
    }

    private static void apply(LeaderRecord record, SortedMap<Long, BatchId> log) {
        switch (record) {
            case LeaderRecord.Entry entry -> {
                log.tailMap(entry.entry().index()).clear();
                log.put(entry.entry().index(), entry.entry().batch().id());
            }
            case LeaderRecord.Truncated truncated -> log.tailMap(truncated.fromIndex()).clear();
            case LeaderRecord.Term _, LeaderRecord.Committed _ -> {}
        }
    }

    private void carryOut(Effect<LeaderMessage, LeaderRecord> effect) {
        cluster.trace(id, effect);
        switch (effect) {
            case Effect.Send<LeaderMessage, LeaderRecord> send -> {
                if (send.afterSequence() <= durable) {
                    transmit(send.to(), send.message());
                } else {
                    held.add(new Held(send.to(), send.message(), send.afterSequence()));
                }
            }
            case Effect.Deliver<LeaderMessage, LeaderRecord> deliver -> onDeliver(deliver);
            case Effect.Readable<LeaderMessage, LeaderRecord> answer -> {
                while (!reads.isEmpty() && reads.getFirst().barrier() <= answer.barrier()) {
                    readable.add(new Read(answer.position(), reads.removeFirst().floor()));
                }
                answerReads();
            }
            case Effect.Unreadable<LeaderMessage, LeaderRecord> answer -> {
                while (!reads.isEmpty() && reads.getFirst().barrier() <= answer.barrier()) {
                    reads.removeFirst();
                }
            }
            case Effect.SetTimer<LeaderMessage, LeaderRecord> timer -> setTimer(timer);
            case Effect.NeedHistory<LeaderMessage, LeaderRecord> need ->
                    cluster.after(cluster.delay(), () -> onNeedHistory(need.from(), boot));
            case Effect.Refused<LeaderMessage, LeaderRecord> refused ->
                    pending.removeIf(batch -> batch.id().equals(refused.batch()));
            case Effect.Stopped<LeaderMessage, LeaderRecord> end -> {
                cluster.checker.onStopped(end.position());
                stopped = true;
                pending.clear();
                reads.clear();
                readable.clear();
            }
            case Effect.Release<LeaderMessage, LeaderRecord> _ -> {}
            case Effect.Persist<LeaderMessage, LeaderRecord> _,
                    Effect.Validate<LeaderMessage, LeaderRecord> _,
                    Effect.Suspect<LeaderMessage, LeaderRecord> _,
                    Effect.Sealed<LeaderMessage, LeaderRecord> _,
                    Effect.Evidence<LeaderMessage, LeaderRecord> _,
                    Effect.Halt<LeaderMessage, LeaderRecord> _ ->
                    throw new AssertionError("unexpected " + effect);
        }
    }

    private void onDeliver(Effect.Deliver<LeaderMessage, LeaderRecord> deliver) {
        Batch batch = deliver.batch();
        cluster.checker.onDelivered(this, deliver.position(), batch, deliver.timeNanos());
        delivered = deliver.position();
        anchors.put(delivered, deliver.anchor());
        if (!pending.isEmpty() && pending.getFirst().id().equals(batch.id())) {
            pending.removeFirst();
        }
        answerReads();
    }

    private void answerReads() {
        while (!readable.isEmpty() && readable.getFirst().barrier() <= delivered) {
            cluster.checker.onRead(readable.removeFirst().floor(), delivered);
        }
    }

    private void setTimer(Effect.SetTimer<LeaderMessage, LeaderRecord> timer) {
        int which = timer.timer().ordinal();
        timers[which] = timer.atMonotonicNanos();
        if (timer.atMonotonicNanos() != Long.MAX_VALUE) {
            long at = Math.max(0, timer.atMonotonicNanos() - clockOffset - cluster.nowNanos);
            int atBoot = boot;
            cluster.after(at, () -> onTimer(which, timer.atMonotonicNanos(), atBoot));
        }
    }

    private void onTimer(int which, long at, int atBoot) {
        if (isStalled()) {
            // After everything that has arrived.
            cluster.after(stalledUntil - cluster.nowNanos + 1, () -> onTimer(which, at, atBoot));
        } else if (boot == atBoot && timers[which] == at) {
            timers[which] = Long.MAX_VALUE;
            step(new Input.TimerFired<>(LeaderTimer.values()[which]));
        }
    }

    private void transmit(ReplicaId to, LeaderMessage message) {
        cluster.checker.onSent(this, message);
        if (message instanceof LeaderMessage.Vote vote && vote.granted()) {
            cluster.checker.onVoteSent(this, to, vote.term());
        }
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeMessage(message, out);
        cluster.transmit(this, to, out.toBytes());
    }

    void onFrame(ReplicaId from, Bytes frame) {
        if (stopped) {
            // The host of a closed epoch answers with history.
            cluster.member(from)
                    .onNeedHistory(cluster.member(from).delivered + 1, cluster.member(from).boot);
            return;
        }
        whenAwake(() -> step(new Input.Received<>(from, CODEC.decodeMessage(frame))));
    }

    private void onNeedHistory(long from, int atBoot) {
        SimMember source = cluster.members.get(cluster.random.nextInt(cluster.members.size()));
        if (boot != atBoot || !isUp() || source.anchors.isEmpty()) {
            return;
        }
        List<HistoryEntry> entries = new ArrayList<>();
        for (long at = from; at <= source.delivered && entries.size() < 400; at++) {
            Bytes anchor = source.anchors.get(at);
            if (anchor == null) {
                break;
            }
            entries.add(
                    new HistoryEntry(
                            at, cluster.checker.agreedAt(at), cluster.checker.timeAt(at), anchor));
        }
        cluster.histories++;
        step(new Input.History<>(entries));
    }
}
