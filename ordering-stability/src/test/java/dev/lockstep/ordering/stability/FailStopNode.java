package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.Timer;
import dev.lockstep.core.authority.AuthorityView;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// A replica of a simulated fail-stop cluster: the engines of its epochs, its disk, and what a host
/// does around them.
final class FailStopNode {

    /// One record: of the protocol, or the beginning of an epoch.
    private record Written(
            long sequence, long epoch, @Nullable Bytes content, @Nullable StopSign begins) {}

    /// Everything through a position.
    private record Snapshot(StopSign sign, List<HistoryEntry> log, long sequence) {
        Snapshot {
            log = List.copyOf(log);
        }
    }

    private record Held(ReplicaId to, Bytes bytes, long epoch, long after) {}

    private final FailStopWorld world;
    private final FailStopProvider provider;
    private final ReplicaId id;

    // On disk.
    private final List<Written> disk = new ArrayList<>();
    private @Nullable Snapshot snapshot;
    private int boot;

    // In memory.
    private boolean isAlive;
    private boolean isReplaying;
    private long lastSequence;
    private long durableThrough;
    private StopSign sign;
    private @Nullable StopSign nextSign;
    private long nextSequence;
    private @Nullable Ordering<FailStopMessage, FailStopRecord> engine;
    private final List<HistoryEntry> log = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private final TreeMap<Integer, Long> timers = new TreeMap<>();
    private final ArrayDeque<Input<FailStopMessage, FailStopRecord>> inputs = new ArrayDeque<>();
    private boolean isBusy;
    private final List<Batch> unfinished = new ArrayList<>();
    private final TreeMap<Long, Long> reads = new TreeMap<>();
    private long batches;
    private long barriers;
    private long wallSkew;
    private @Nullable AuthorityView view;

    FailStopNode(FailStopWorld world, FailStopProvider provider, ReplicaId id, StopSign first) {
        this.world = world;
        this.provider = provider;
        this.id = id;
        this.sign = first;
    }

    Member member() {
        return new Member(id, new Incarnation(1, id.value()));
    }

    ReplicaId id() {
        return id;
    }

    boolean isAlive() {
        return isAlive;
    }

    boolean isMember() {
        return sign.members().contains(id);
    }

    long epoch() {
        return sign.next().value();
    }

    /// The epoch that it has begun and will not forget; 0 if it has begun none since it started.
    long begun() {
        return engine == null ? 0 : epoch();
    }

    /// What the engine tells of itself.
    String details() {
        Ordering<FailStopMessage, FailStopRecord> present = engine;
        return present == null ? "" : present.status().details().read() + " " + now();
    }

    List<HistoryEntry> log() {
        return log;
    }

    int unfinished() {
        return unfinished.size();
    }

    boolean hasReads() {
        return !reads.isEmpty();
    }

    void skew(long nanos) {
        wallSkew = nanos;
    }

    private Now now() {
        return new Now(world.now(), Math.max(1, world.now() + wallSkew + 1_000_000_000_000L));
    }

    // --- life ---

    void start() {
        isAlive = true;
        boot++;
        batches = 0;
        view = null;
        sign = world.first();
        nextSign = null;
        log.clear();
        Snapshot base = snapshot;
        if (base != null) {
            sign = base.sign();
            log.addAll(base.log());
        }
        isReplaying = true;
        List<Written> records = new ArrayList<>(disk);
        lastSequence = base == null ? 0 : base.sequence();
        open();
        for (Written record : records) {
            replay(record);
        }
        isReplaying = false;
        durableThrough = lastSequence;
        StopSign begins = nextSign;
        if (begins != null) {
            nextSequence = write(null, begins);
        } else {
            input(new Input.Recovered<>());
        }
    }

    private void replay(Written record) {
        StopSign begins = record.begins();
        lastSequence = Math.max(lastSequence, record.sequence());
        if (begins != null) {
            if (begins.next().value() <= epoch()) {
                return;
            }
            if (!begins.equals(nextSign)) {
                throw FailStopGhost.fail(
                        "the journal of "
                                + id
                                + " begins "
                                + begins
                                + ", and replay has "
                                + nextSign);
            }
            sign = begins;
            nextSign = null;
            open();
        } else if (record.epoch() == epoch() && engine != null) {
            Bytes content = record.content();
            if (content != null) {
                input(
                        new Input.Replayed<>(
                                record.sequence(), provider.codec().decodeRecord(content)));
            }
        }
    }

    void crash() {
        isAlive = false;
        engine = null;
        inputs.clear();
        held.clear();
        timers.clear();
        unfinished.clear();
        reads.clear();
        long kept = durableThrough + world.chance().nextInt(4);
        disk.removeIf(record -> record.sequence() > kept);
    }

    private void open() {
        OrderingContext context =
                new OrderingContext(
                        id,
                        sign.next(),
                        sign.members(),
                        sign.firstLeader(),
                        world.chance(),
                        world.options(),
                        isMember());
        engine = provider.create(context);
        timers.clear();
        HistoryEntry last = log.isEmpty() ? null : log.getLast();
        input(
                last == null
                        ? Input.Restored.nothing()
                        : new Input.Restored<>(
                                last.position(), last.timeNanos(), last.anchor(), List.of()));
    }

    private void begin(StopSign begins) {
        sign = begins;
        nextSign = null;
        open();
        input(new Input.Recovered<>());
        for (Batch batch : List.copyOf(unfinished)) {
            input(new Input.Submitted<>(batch));
        }
    }

    // --- disk ---

    private long write(@Nullable Bytes content, @Nullable StopSign begins) {
        lastSequence++;
        disk.add(new Written(lastSequence, epoch(), content, begins));
        long sequence = lastSequence;
        int atBoot = boot;
        world.after(
                100_000L + world.chance().nextInt(world.diskNanos()),
                () -> {
                    if (isAlive && boot == atBoot) {
                        onDurable(sequence);
                    }
                });
        return sequence;
    }

    private void onDurable(long sequence) {
        if (sequence <= durableThrough) {
            return;
        }
        durableThrough = sequence;
        List<Held> ready = held.stream().filter(each -> each.after() <= sequence).toList();
        held.removeAll(ready);
        ready.forEach(each -> world.carry(id, each.to(), each.epoch(), each.bytes()));
        input(new Input.Durable<>(sequence));
        StopSign begins = nextSign;
        if (begins != null && sequence >= nextSequence) {
            begin(begins);
        }
    }

    /// Takes a snapshot of all that is durable here.
    void snapshot() {
        if (engine == null || log.isEmpty() || nextSign != null || durableThrough < lastSequence) {
            return;
        }
        snapshot = new Snapshot(sign, log, durableThrough);
        input(new Input.SnapshotDurable<>(log.size(), Bytes.EMPTY));
    }

    // --- what comes ---

    void submit() {
        BatchId batchId = new BatchId(id, new Incarnation(1, id.value()), boot, ++batches);
        Batch batch = Batch.of(batchId, now().wallNanos(), Bytes.EMPTY);
        world.ghost().onSubmitted(batchId);
        unfinished.add(batch);
        if (engine != null) {
            input(new Input.Submitted<>(batch));
        }
    }

    void read() {
        if (engine != null && isMember()) {
            reads.put(++barriers, world.ghost().highest());
            input(new Input.ReadRequested<>(barriers));
        }
    }

    void receive(ReplicaId from, long epoch, Bytes bytes) {
        if (isAlive && engine != null && isMember() && epoch == epoch()) {
            input(new Input.Received<>(from, provider.codec().decodeMessage(bytes)));
        }
    }

    void history(List<HistoryEntry> entries) {
        if (isAlive && engine != null) {
            input(new Input.History<>(entries));
        }
    }

    void onView(AuthorityView heard) {
        view = heard;
        if (!isAlive || engine == null || !isMember()) {
            return;
        }
        long active = heard.active().next().value();
        StopSign pending = heard.pending();
        if (active == epoch() && pending != null) {
            input(new Input.Wedged<>(pending, heard.attempt()));
        } else if (active == epoch() + 1) {
            input(new Input.Installed<>(heard.active(), heard.activeAttempt()));
        } else if (active > epoch() + 1) {
            input(new Input.Installed<>(heard.active(), -1));
        }
    }

    /// True if it follows the epoch that the authority has begun, and is not its member.
    boolean isUpToDate() {
        AuthorityView heard = view;
        return engine != null
                && heard != null
                && !isMember()
                && heard.active().next().value() == epoch();
    }

    /// Fires what is due.
    void duty() {
        if (!isAlive) {
            return;
        }
        for (Integer ordinal : new TreeSet<>(timers.keySet())) {
            Long at = timers.get(ordinal);
            if (at != null && at <= world.now()) {
                timers.remove(ordinal);
                input(new Input.TimerFired<>(FailStopTimer.values()[ordinal]));
            }
        }
        AuthorityView heard = view;
        boolean isBehind = heard != null && heard.active().next().value() > epoch();
        if (engine != null && (!isMember() || isBehind) && world.chance().nextInt(20) == 0) {
            world.fetchHistory(this, log.size() + 1);
        }
    }

    // --- the engine ---

    private void input(Input<FailStopMessage, FailStopRecord> first) {
        inputs.add(first);
        if (isBusy) {
            return;
        }
        isBusy = true;
        try {
            Input<FailStopMessage, FailStopRecord> input = inputs.poll();
            while (input != null) {
                step(input);
                input = inputs.poll();
            }
        } finally {
            isBusy = false;
        }
    }

    private void step(Input<FailStopMessage, FailStopRecord> input) {
        Ordering<FailStopMessage, FailStopRecord> present = engine;
        if (present == null) {
            return;
        }
        List<Effect<FailStopMessage, FailStopRecord>> effects = new ArrayList<>();
        present.step(
                isReplaying ? new Now(0, 0) : now(),
                input,
                new Outbox<>() {
                    @Override
                    public void emit(Effect<FailStopMessage, FailStopRecord> effect) {
                        effects.add(effect);
                    }

                    @Override
                    public long persist(FailStopRecord record) {
                        if (isReplaying) {
                            throw FailStopGhost.fail("nothing is written in replay: " + record);
                        }
                        BytesWriter out = new BytesWriter(256);
                        provider.codec().encodeRecord(record, out);
                        return write(out.toBytes(), null);
                    }
                });
        for (Effect<FailStopMessage, FailStopRecord> effect : effects) {
            carryOut(effect);
        }
    }

    private void carryOut(Effect<FailStopMessage, FailStopRecord> effect) {
        switch (effect) {
            case Effect.Send<FailStopMessage, FailStopRecord> send -> send(send);
            case Effect.Deliver<FailStopMessage, FailStopRecord> it -> {
                if (it.position() != log.size() + 1L) {
                    throw FailStopGhost.fail(
                            id + " delivers " + it.position() + " after " + log.size());
                }
                log.add(new HistoryEntry(it.position(), it.batch(), it.timeNanos(), it.anchor()));
                world.ghost()
                        .onDelivered(id, it.position(), it.batch(), it.timeNanos(), it.anchor());
                unfinished.removeIf(batch -> batch.id().equals(it.batch().id()));
            }
            case Effect.Stopped<FailStopMessage, FailStopRecord> stopped -> {
                world.ghost().onStopped(stopped.sign(), stopped.position());
                world.note("epochs");
                engine = null;
                nextSign = stopped.sign();
                reads.clear();
                if (!isReplaying) {
                    nextSequence = write(null, stopped.sign());
                }
            }
            case Effect.Readable<FailStopMessage, FailStopRecord> readable -> {
                var covered = reads.headMap(readable.barrier(), true);
                for (long least : covered.values()) {
                    if (readable.position() < least) {
                        throw FailStopGhost.fail(
                                id
                                        + " reads at "
                                        + readable.position()
                                        + " what had come to "
                                        + least);
                    }
                    world.note("reads");
                }
                covered.clear();
            }
            case Effect.Unreadable<FailStopMessage, FailStopRecord> unreadable ->
                    reads.headMap(unreadable.barrier(), true).clear();
            case Effect.SetTimer<FailStopMessage, FailStopRecord> set -> {
                Timer timer = set.timer();
                timers.put(timer.ordinal(), set.atMonotonicNanos());
            }
            case Effect.NeedHistory<FailStopMessage, FailStopRecord> need ->
                    world.fetchHistory(this, need.from());
            case Effect.Suspect<FailStopMessage, FailStopRecord> suspect ->
                    world.suspect(id, suspect.peer());
            case Effect.Sealed<FailStopMessage, FailStopRecord> sealed ->
                    world.sealed(id, sealed.next(), sealed.attempt());
            case Effect.Release<FailStopMessage, FailStopRecord> release -> {
                world.note("releases");
                disk.removeIf(record -> record.sequence() <= release.throughSequence());
            }
            case Effect.Refused<FailStopMessage, FailStopRecord> refused ->
                    unfinished.removeIf(batch -> batch.id().equals(refused.batch()));
            default -> throw FailStopGhost.fail("unexpected: " + effect);
        }
    }

    private void send(Effect.Send<FailStopMessage, FailStopRecord> send) {
        BytesWriter out = new BytesWriter(256);
        provider.codec().encodeMessage(send.message(), out);
        world.note(send.message().body().getClass().getSimpleName());
        if (send.afterSequence() <= durableThrough) {
            world.carry(id, send.to(), epoch(), out.toBytes());
        } else {
            held.add(new Held(send.to(), out.toBytes(), epoch(), send.afterSequence()));
        }
    }
}
