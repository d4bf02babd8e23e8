package dev.lockstep.testkit.simulator;

import dev.lockstep.client.Completion;
import dev.lockstep.client.Outcome;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.testkit.history.HistoryRecorder;
import dev.lockstep.testkit.history.Operation;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.ServiceCall.Function;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What clients ask for, and what they learn.
final class Workload {

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;

    private final World world;
    private final Chance chance;
    private final HistoryRecorder recorder;

    /// Lives whose session has ended.
    private final Set<Long> over = new TreeSet<>();

    /// Clients whose last command was executed.
    private final Set<Integer> finished = new TreeSet<>();

    private boolean isFinishing;
    private long writes;

    Workload(World world, Chance chance) {
        this.world = world;
        this.chance = chance;
        this.recorder = new HistoryRecorder(world::nowNanos);
    }

    List<Operation> history() {
        return recorder.operations();
    }

    /// True if a life has nothing to live for.
    boolean isOver(SimClient.Life life) {
        return over.contains(life.number());
    }

    /// A client issues its next operation after a while, and so on.
    void begin(SimClient client) {
        client.life().wake(chance.below(20 * MS));
        next(client);
    }

    private void next(SimClient client) {
        world.timeline.after(
                chance.around(world.weather.load().thinkNanos()),
                () -> {
                    if (!isFinishing) {
                        SimClient.Life life = client.life();
                        if (life.pending() < world.weather.load().pipeline()) {
                            issue(life);
                        }
                        next(client);
                    }
                });
    }

    private void issue(SimClient.Life life) {
        boolean isHasty = chance.happens(world.weather.load().impatience());
        long patience =
                isHasty ? chance.anywhere(MS, 100 * MS) : chance.between(SECOND, 4 * SECOND);
        if (chance.happens(world.weather.load().queries())) {
            query(life, patience);
        } else {
            command(life, draw(), patience, () -> {});
        }
    }

    private ServiceCall draw() {
        long number = world.reference.nextNumber();
        int counter = chance.below(ServiceCall.FIRST_REGISTER);
        int register = ServiceCall.FIRST_REGISTER + counter;
        return switch (chance.below(20)) {
            case 0 -> new ServiceCall(Function.RANDOM, 0, number, 0, 0);
            case 1 -> new ServiceCall(Function.LATER, 0, number, chance.below(2 * SECOND), 0);
            case 2 -> new ServiceCall(Function.BOOM, 0, number, 0, 0);
            case 3, 4, 5, 6 -> new ServiceCall(Function.WRITE, register, number, ++writes, 0);
            case 7, 8, 9 -> {
                long old = Math.max(0, writes - chance.below(3));
                yield new ServiceCall(Function.CAS, register, number, old, ++writes);
            }
            default -> new ServiceCall(Function.ADD, counter, number, 1 + chance.below(9), 0);
        };
    }

    private void command(SimClient.Life life, ServiceCall call, long patience, Runnable whenDone) {
        world.reference.onIssued(call, life.number());
        HistoryRecorder.@Nullable Call recorded = record(life.number(), call);
        long floor = world.reference.seenVersion();
        life.begun();
        long now = world.nowNanos();
        Completion completion =
                (outcome, _, bytes, offset, length) -> {
                    life.ended();
                    ByteBuffer reply = ByteBuffer.wrap(bytes, offset, length);
                    world.trace.note(() -> life + " learns: " + call + " " + outcome);
                    onCommand(new Told(life, call, outcome, recorded), reply, floor);
                    if (outcome == Outcome.OK) {
                        whenDone.run();
                    }
                };
        life.engine().command(now, call.encode(), now + patience, completion);
        life.settle();
    }

    private HistoryRecorder.@Nullable Call record(long session, ServiceCall call) {
        return call.isOfHistory()
                ? recorder.invoke(session, "key " + call.key(), call.word(), call.argument())
                : null;
    }

    private record Told(
            SimClient.Life life,
            ServiceCall call,
            Outcome outcome,
            HistoryRecorder.@Nullable Call recorded) {}

    private void onCommand(Told told, ByteBuffer reply, long floor) {
        ServiceCall call = told.call();
        switch (told.outcome()) {
            case OK -> {
                long value = reply.getLong();
                long version = reply.getLong();
                world.exercised.note(Deed.COMMANDS_ACKNOWLEDGED);
                world.reference.onDone(call.number(), value, version, floor);
                told.life().saw(version);
                if (told.recorded() != null) {
                    told.recorded().returned(call.result(value));
                }
            }
            case SERVICE_FAILURE -> {
                world.exercised.note(Deed.SERVICE_FAILURES);
                Violation.check(
                        call.function() == Function.BOOM,
                        call + " failed: " + StandardCharsets.UTF_8.decode(reply));
            }
            case UNKNOWN -> world.exercised.note(Deed.UNKNOWN_OUTCOMES);
            case REFUSED, OVERLOADED, UNAVAILABLE, SESSION_EXPIRED -> {
                world.exercised.note(Deed.REFUSED_OUTCOMES);
                world.reference.onWithoutEffect(call.number());
                if (told.recorded() != null) {
                    told.recorded().hadNoEffect();
                }
                Violation.check(
                        told.outcome() != Outcome.REFUSED,
                        call + " was refused: " + StandardCharsets.UTF_8.decode(reply));
            }
        }
        if (told.outcome() == Outcome.SESSION_EXPIRED) {
            over.add(told.life().number());
        }
    }

    private void query(SimClient.Life life, long patience) {
        ServiceCall call = new ServiceCall(Function.READ, chance.below(ServiceCall.KEYS), 0, 0, 0);
        Freshness freshness =
                switch (chance.below(5)) {
                    case 0 -> Freshness.SESSION;
                    case 1 -> Freshness.LOCAL;
                    default -> Freshness.LINEARIZABLE;
                };
        boolean isJudged = freshness == Freshness.LINEARIZABLE;
        HistoryRecorder.@Nullable Call recorded = isJudged ? record(0, call) : null;
        long floor =
                switch (freshness) {
                    case LINEARIZABLE -> world.reference.seenVersion();
                    case SESSION -> life.seenVersion();
                    case LOCAL -> 0;
                };
        life.begun();
        long now = world.nowNanos();
        Completion completion =
                (outcome, _, bytes, offset, length) -> {
                    life.ended();
                    if (outcome == Outcome.OK) {
                        ByteBuffer reply = ByteBuffer.wrap(bytes, offset, length);
                        onRead(new Read(life, call, freshness, recorded), reply, floor);
                    } else if (recorded != null) {
                        recorded.hadNoEffect();
                    }
                };
        life.engine().query(now, Bytes.wrap(call.encode()), freshness, now + patience, completion);
        life.settle();
    }

    private record Read(
            SimClient.Life life,
            ServiceCall call,
            Freshness freshness,
            HistoryRecorder.@Nullable Call recorded) {}

    private void onRead(Read read, ByteBuffer reply, long floor) {
        long value = reply.getLong();
        long version = reply.getLong();
        world.reference.onRead(read.call(), value, version, floor);
        world.reference.onSeen(version);
        read.life().saw(version);
        world.exercised.note(
                switch (read.freshness()) {
                    case LINEARIZABLE -> Deed.LINEARIZABLE_READS;
                    case SESSION -> Deed.SESSION_READS;
                    case LOCAL -> Deed.LOCAL_READS;
                });
        if (read.recorded() != null) {
            read.recorded().returned(read.call().result(value));
        }
    }

    /// The faults are over: every client waits for what it has asked for, then asks for one thing
    /// more, which must come about.
    void finish() {
        isFinishing = true;
        world.clients.forEach(this::finish);
    }

    private void finish(SimClient client) {
        if (finished.contains(client.life().index())) {
            return;
        }
        SimClient.Life life = client.life();
        if (life.pending() == 0) {
            long number = world.reference.nextNumber();
            ServiceCall last = new ServiceCall(Function.LATER, 0, number, 300 * MS, 0);
            command(life, last, 20 * SECOND, () -> finished.add(life.index()));
        }
        world.timeline.after(50 * MS, () -> finish(client));
    }

    boolean isFinished() {
        return finished.size() == world.clients.size();
    }
}
