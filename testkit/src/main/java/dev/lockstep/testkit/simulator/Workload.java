package dev.lockstep.testkit.simulator;

import dev.lockstep.client.Completion;
import dev.lockstep.client.Outcome;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.testkit.history.HistoryRecorder;
import dev.lockstep.testkit.history.Operation;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;

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
    private final Requests requests;
    private final @Nullable HistoryWords words;
    private final HistoryRecorder recorder;

    /// Lives whose session has ended.
    private final Set<Long> over = new TreeSet<>();

    /// Clients whose last command was executed.
    private final Set<Integer> finished = new TreeSet<>();

    private boolean isFinishing;

    /// @param words how the history puts requests; null if none is kept
    Workload(World world, Chance chance, Requests requests, @Nullable HistoryWords words) {
        this.world = world;
        this.chance = chance;
        this.requests = requests;
        this.words = words;
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
        byte @Nullable [] query =
                chance.happens(world.weather.load().queries())
                        ? requests.query(chance.random())
                        : null;
        if (query != null) {
            query(life, query, patience);
        } else {
            command(life, requests.command(chance.random()), patience, () -> {});
        }
    }

    private void command(SimClient.Life life, byte[] command, long patience, Runnable whenDone) {
        long number = world.reference.issue(command, life.number());
        HistoryRecorder.@Nullable Call recorded = record(life.number(), command);
        long floor = world.reference.seenVersion();
        life.begun();
        long now = world.nowNanos();
        Asked asked = new Asked(life, command, number, recorded);
        invoked(asked);
        Completion completion =
                (outcome, _, bytes, offset, length) -> {
                    life.ended();
                    world.trace.note(() -> life + " learns: " + describe(asked) + " " + outcome);
                    learnt(asked, outcome);
                    onCommand(asked, outcome, Bytes.wrap(bytes, offset, length), floor);
                    if (outcome == Outcome.OK || outcome == Outcome.SERVICE_FAILURE) {
                        whenDone.run();
                    }
                };
        life.engine().command(now, world.reference.sent(number), now + patience, completion);
        life.settle();
    }

    private HistoryRecorder.@Nullable Call record(long session, byte[] request) {
        HistoryWords.@Nullable Word word = words == null ? null : words.word(request);
        return word == null
                ? null
                : recorder.invoke(session, word.key(), word.function(), word.argument());
    }

    /// @param number the command's; 0 for a query
    /// @param recorded what becomes of it in the history, if that has a word for it
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Asked(
            SimClient.Life life,
            byte[] request,
            long number,
            HistoryRecorder.@Nullable Call recorded) {}

    private void onCommand(Asked asked, Outcome outcome, Bytes reply, long floor) {
        switch (outcome) {
            case OK -> {
                int size = reply.size() - WitnessedMachine.VERSION_BYTES;
                Bytes ofMachine = reply.slice(0, size);
                long version = reply.asByteBuffer().getLong(size);
                world.exercised.note(Deed.COMMANDS_ACKNOWLEDGED);
                world.reference.onDone(asked.number(), ofMachine, version, floor);
                asked.life().saw(version);
                returned(asked, ofMachine);
            }
            case SERVICE_FAILURE -> {
                world.exercised.note(Deed.SERVICE_FAILURES);
                world.reference.onFailed(asked.number());
            }
            case UNKNOWN -> world.exercised.note(Deed.UNKNOWN_OUTCOMES);
            case REFUSED, OVERLOADED, UNAVAILABLE, SESSION_EXPIRED -> {
                world.exercised.note(Deed.REFUSED_OUTCOMES);
                world.reference.onWithoutEffect(asked.number());
                if (asked.recorded() != null) {
                    asked.recorded().hadNoEffect();
                }
                if (outcome == Outcome.REFUSED) {
                    throw new Violation(describe(asked) + " was refused: " + text(reply));
                }
            }
        }
        if (outcome == Outcome.SESSION_EXPIRED) {
            over.add(asked.life().number());
        }
    }

    private void returned(Asked asked, Bytes reply) {
        if (asked.recorded() != null && words != null) {
            asked.recorded().returned(words.result(asked.request(), reply.asByteBuffer()));
        }
    }

    private void invoked(Asked asked) {
        world.trace.sign(world.lineOf(asked.life()), Sign.INVOKE, () -> describe(asked));
    }

    private void learnt(Asked asked, Outcome outcome) {
        world.trace.sign(
                world.lineOf(asked.life()), Sign.LEARN, () -> outcome + ": " + describe(asked));
    }

    private String describe(Asked asked) {
        return requests.describe(asked.request());
    }

    private static String text(Bytes sentence) {
        return StandardCharsets.UTF_8.decode(sentence.asByteBuffer()).toString();
    }

    private void query(SimClient.Life life, byte[] query, long patience) {
        Freshness freshness =
                switch (chance.below(5)) {
                    case 0 -> Freshness.SESSION;
                    case 1 -> Freshness.LOCAL;
                    default -> Freshness.LINEARIZABLE;
                };
        boolean isJudged = freshness == Freshness.LINEARIZABLE;
        Asked asked = new Asked(life, query, 0, isJudged ? record(0, query) : null);
        invoked(asked);
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
                    learnt(asked, outcome);
                    Bytes reply = Bytes.wrap(bytes, offset, length);
                    if (outcome == Outcome.OK) {
                        onRead(asked, freshness, reply, floor);
                        return;
                    }
                    if (outcome == Outcome.SERVICE_FAILURE) {
                        throw new Violation("a query throws nothing: " + describe(asked));
                    }
                    if (asked.recorded() != null) {
                        asked.recorded().hadNoEffect();
                    }
                };
        life.engine().query(now, Bytes.wrap(query), freshness, now + patience, completion);
        life.settle();
    }

    private void onRead(Asked asked, Freshness freshness, Bytes reply, long floor) {
        int size = reply.size() - WitnessedMachine.ANSWER_BYTES;
        ByteBuffer witnessed = reply.asByteBuffer();
        long version = witnessed.getLong(size);
        Bytes ofMachine = Bytes.wrap(reply.slice(0, size).toByteArray());
        Reference.Read read =
                new Reference.Read(
                        version,
                        witnessed.getLong(size + 8),
                        witnessed.getLong(size + 16),
                        Bytes.wrap(asked.request()),
                        ofMachine);
        world.reference.onRead(read, floor);
        world.reference.onSeen(version);
        asked.life().saw(version);
        world.exercised.note(
                switch (freshness) {
                    case LINEARIZABLE -> Deed.LINEARIZABLE_READS;
                    case SESSION -> Deed.SESSION_READS;
                    case LOCAL -> Deed.LOCAL_READS;
                });
        returned(asked, ofMachine);
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
            byte[] last = requests.lastCommand(chance.random());
            command(life, last, 20 * SECOND, () -> finished.add(life.index()));
        }
        world.timeline.after(50 * MS, () -> finish(client));
    }

    boolean isFinished() {
        return finished.size() == world.clients.size();
    }
}
