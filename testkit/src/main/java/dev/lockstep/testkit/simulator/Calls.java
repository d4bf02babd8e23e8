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
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Puts requests on their way and judges what clients learn of them.
final class Calls {

    /// Hears what becomes of a request, once.
    interface Learner {
        /// The outcome is known.
        ///
        /// @param reply the machine's own, or a sentence if there is none; valid during the call
        void learn(Outcome outcome, Bytes reply);
    }

    private final World world;
    private final Requests requests;
    private final @Nullable HistoryWords words;
    private final HistoryRecorder recorder;

    /// Lives whose session has ended.
    private final Set<Long> over = new TreeSet<>();

    /// @param words how the history puts requests; null if none is kept
    Calls(World world, Requests requests, @Nullable HistoryWords words) {
        this.world = world;
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

    /// @param number the command's; 0 for a query
    /// @param recorded what becomes of it in the history, if that has a word for it
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Asked(
            SimClient.Life life,
            byte[] request,
            long number,
            HistoryRecorder.@Nullable Call recorded) {}

    /// A client issues a command.
    ///
    /// @param patience after which its outcome is unknown
    void command(SimClient.Life life, byte[] command, long patience, Learner learner) {
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
                    world.trace.note(() -> life + " learns: " + describe(command) + " " + outcome);
                    learnt(asked, outcome);
                    Bytes reply = Bytes.wrap(bytes, offset, length);
                    onCommand(asked, outcome, reply, floor);
                    learner.learn(outcome, outcome == Outcome.OK ? ofMachine(reply) : reply);
                };
        life.engine().command(now, world.reference.sent(number), now + patience, completion);
        life.settle();
    }

    private static Bytes ofMachine(Bytes reply) {
        return reply.slice(0, reply.size() - WitnessedMachine.VERSION_BYTES);
    }

    private HistoryRecorder.@Nullable Call record(long session, byte[] request) {
        HistoryWords.@Nullable Word word = words == null ? null : words.word(request);
        return word == null
                ? null
                : recorder.invoke(session, word.key(), word.function(), word.argument());
    }

    private void onCommand(Asked asked, Outcome outcome, Bytes reply, long floor) {
        switch (outcome) {
            case OK -> {
                Bytes ofMachine = ofMachine(reply);
                long version = reply.asByteBuffer().getLong(ofMachine.size());
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
        world.trace.sign(world.lineOf(asked.life()), Sign.INVOKE, () -> describe(asked.request()));
    }

    private void learnt(Asked asked, Outcome outcome) {
        world.trace.sign(
                world.lineOf(asked.life()),
                Sign.LEARN,
                () -> outcome + ": " + describe(asked.request()));
    }

    /// A request in words.
    String describe(byte[] request) {
        return requests.describe(request);
    }

    /// A client asks a query.
    ///
    /// @param patience after which it is not answered any more
    void query(
            SimClient.Life life,
            byte[] query,
            Freshness freshness,
            long patience,
            Learner learner) {
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
                        learner.learn(outcome, onRead(asked, freshness, reply, floor));
                        return;
                    }
                    if (outcome == Outcome.SERVICE_FAILURE) {
                        throw new Violation("a query throws nothing: " + describe(query));
                    }
                    if (asked.recorded() != null) {
                        asked.recorded().hadNoEffect();
                    }
                    learner.learn(outcome, reply);
                };
        life.engine().query(now, Bytes.wrap(query), freshness, now + patience, completion);
        life.settle();
    }

    private Bytes onRead(Asked asked, Freshness freshness, Bytes reply, long floor) {
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
        return ofMachine;
    }
}
