package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// A simulated host: the engine of one member, its disk, its timers, its connections.
final class SimHost implements Outbox<ByzantineMessage, ByzantineRecord> {

    private static final ByzantineCodec CODEC = new ByzantineCodec();

    private record Held(long after, Effect.Send<ByzantineMessage, ByzantineRecord> send) {}

    private final Surroundings world;
    private final int rank;
    private final ReplicaId id;
    private final boolean isTwin;
    private final Setup setup;
    private final Authentication authentication;

    /// What was written, each with its sequence; those through `durable` survive.
    private final List<ByzantineRecord> disk = new ArrayList<>();

    private long durable;
    private int boot;
    private boolean isUp;
    private boolean hasStopped;
    private boolean hasHalted;
    private final List<HistoryEntry> delivered = new ArrayList<>();
    private @Nullable ByzantineOrdering engine;
    private final long[] timers = new long[ByzantineTimer.values().length];
    private final List<Held> held = new ArrayList<>();
    private final ArrayDeque<Input<ByzantineMessage, ByzantineRecord>> inputs = new ArrayDeque<>();
    private boolean isBusy;
    private boolean isReplaying;
    private long batches;

    SimHost(Surroundings world, int rank, Setup setup, boolean isTwin) {
        this.world = world;
        this.rank = rank;
        this.setup = setup;
        this.id = setup.self();
        this.isTwin = isTwin;
        this.authentication = new Authentication(setup);
    }

    int rank() {
        return rank;
    }

    int boot() {
        return boot;
    }

    boolean isTwin() {
        return isTwin;
    }

    boolean isUp() {
        return isUp;
    }

    boolean hasStopped() {
        return hasStopped;
    }

    boolean hasHalted() {
        return hasHalted;
    }

    long height() {
        return delivered.size();
    }

    List<HistoryEntry> delivered() {
        return delivered;
    }

    ByzantineOrdering engine() {
        ByzantineOrdering current = engine;
        if (current == null) {
            throw new IllegalStateException("replica " + id + " is down");
        }
        return current;
    }

    /// The last safety record on the disk; null if there is none.
    ByzantineRecord.@Nullable Safety durableSafety() {
        for (int i = (int) durable - 1; i >= 0; i--) {
            if (disk.get(i) instanceof ByzantineRecord.Safety safety) {
                return safety;
            }
        }
        return null;
    }

    boolean isDurable(Hash block) {
        for (int i = (int) durable - 1; i >= 0; i--) {
            if (disk.get(i) instanceof ByzantineRecord.Stored stored
                    && stored.block().hash().equals(block)) {
                return true;
            }
        }
        return false;
    }

    // --- life ---

    void start() {
        isUp = true;
        boot++;
        java.util.Arrays.fill(timers, Long.MAX_VALUE);
        delivered.clear();
        hasStopped = false;
        engine = new ByzantineOrdering(setup);
        isReplaying = true;
        input(Input.Restored.nothing());
        for (int i = 0; i < durable && !hasStopped; i++) {
            input(new Input.Replayed<>(i + 1, disk.get(i)));
        }
        isReplaying = false;
        input(new Input.Recovered<>());
    }

    void crash() {
        isUp = false;
        engine = null;
        inputs.clear();
        held.clear();
        while (disk.size() > durable) {
            disk.removeLast();
        }
    }

    // --- inputs ---

    void receive(ReplicaId from, ByzantineMessage message) {
        if (!isUp || !authentication.isGenuine(from, message)) {
            return;
        }
        input(new Input.Received<>(from, message));
    }

    void input(Input<ByzantineMessage, ByzantineRecord> input) {
        if (!isUp) {
            return;
        }
        inputs.addLast(input);
        if (isBusy) {
            return;
        }
        isBusy = true;
        while (!inputs.isEmpty() && isUp) {
            engine().step(now(), inputs.removeFirst(), this);
            if (!isReplaying) {
                world.checker().afterStep(this);
            }
            submit();
        }
        isBusy = false;
    }

    private void submit() {
        // Whether it wants it or not, so that the window is filled.
        if (engine().takesBatch() && world.wantsWork() && inputs.isEmpty()) {
            batches++;
            inputs.addLast(new Input.Submitted<>(world.nextBatch(id, boot, batches)));
        }
    }

    void stop(StopSign sign) {
        input(new Input.StopRequested<>(sign));
    }

    private Now now() {
        return new Now(world.now(), world.now());
    }

    void onTimer(ByzantineTimer timer, long at, int ofBoot) {
        if (isUp && boot == ofBoot && timers[timer.ordinal()] == at) {
            timers[timer.ordinal()] = Long.MAX_VALUE;
            input(new Input.TimerFired<>(timer));
        }
    }

    void onSynced(long through, int ofBoot) {
        if (isUp && boot == ofBoot && through > durable) {
            durable = through;
            List<Held> ready = held.stream().filter(each -> each.after() <= durable).toList();
            held.removeAll(ready);
            ready.forEach(each -> release(each.send()));
            input(new Input.Durable<>(through));
        }
    }

    // --- effects ---

    @Override
    public long persist(ByzantineRecord record) {
        world.checker().onPersist(this, record);
        disk.add(copied(record));
        long sequence = disk.size();
        world.sync(this, sequence, boot);
        return sequence;
    }

    private ByzantineRecord copied(ByzantineRecord record) {
        if (!world.encodes()) {
            return record;
        }
        BytesWriter out = new BytesWriter(256);
        CODEC.encodeRecord(record, out);
        return CODEC.decodeRecord(out.toBytes());
    }

    @Override
    public void emit(Effect<ByzantineMessage, ByzantineRecord> effect) {
        switch (effect) {
            case Effect.Send<ByzantineMessage, ByzantineRecord> send -> {
                if (send.afterSequence() <= durable) {
                    release(send);
                } else {
                    held.add(new Held(send.afterSequence(), send));
                }
            }
            case Effect.Deliver<ByzantineMessage, ByzantineRecord> it -> deliver(it);
            case Effect.SetTimer<ByzantineMessage, ByzantineRecord> it -> {
                ByzantineTimer timer = (ByzantineTimer) it.timer();
                timers[timer.ordinal()] = it.atMonotonicNanos();
                if (it.atMonotonicNanos() != Long.MAX_VALUE) {
                    world.timer(this, timer, it.atMonotonicNanos(), boot);
                }
            }
            case Effect.Validate<ByzantineMessage, ByzantineRecord> it ->
                    inputs.addLast(new Input.Validated<>(it.digest(), world.isValid(it.batch())));
            case Effect.NeedHistory<ByzantineMessage, ByzantineRecord> it ->
                    world.history(this, it.from());
            case Effect.Evidence<ByzantineMessage, ByzantineRecord> it ->
                    world.checker().onEvidence(this, it.about());
            case Effect.Halt<ByzantineMessage, ByzantineRecord> it -> {
                hasHalted = true;
                world.checker().onHalt(this, it.reason());
            }
            case Effect.Stopped<ByzantineMessage, ByzantineRecord> it -> {
                hasStopped = true;
                world.checker().onStopped(this, it.position());
            }
            case Effect.Refused<ByzantineMessage, ByzantineRecord> _ ->
                    world.coverage().count("refused");
            case Effect.Release<ByzantineMessage, ByzantineRecord> _,
                    Effect.Unreadable<ByzantineMessage, ByzantineRecord> _ -> {}
            case Effect.Persist<ByzantineMessage, ByzantineRecord> _,
                    Effect.Readable<ByzantineMessage, ByzantineRecord> _,
                    Effect.Sealed<ByzantineMessage, ByzantineRecord> _,
                    Effect.Suspect<ByzantineMessage, ByzantineRecord> _ ->
                    throw new IllegalStateException("this protocol does not say " + effect);
        }
    }

    private void release(Effect.Send<ByzantineMessage, ByzantineRecord> send) {
        world.send(this, send.to(), send.message());
        if (send.flushToken() != 0) {
            inputs.addLast(new Input.Flushed<>(send.flushToken()));
            if (!isBusy) {
                input(inputs.removeLast());
            }
        }
    }

    private void deliver(Effect.Deliver<ByzantineMessage, ByzantineRecord> it) {
        Bytes anchor = it.anchor();
        delivered.add(new HistoryEntry(it.position(), it.batch(), it.timeNanos(), anchor));
        world.checker().onDelivered(this, it.position(), it.batch(), anchor);
    }

    static Batch batch(ReplicaId origin, int boot, long number, long content) {
        Bytes payload = new BytesWriter(8).putLong(content).toBytes();
        return Batch.of(
                new dev.lockstep.core.BatchId(
                        origin, new Incarnation(1, origin.value()), boot, number),
                0,
                payload);
    }

    Credentials credentials() {
        return setup.credentials();
    }
}
