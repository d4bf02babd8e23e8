package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.testkit.simulator.Exercised.Deed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Services of others: sound ones pass, and of unsound ones each mistake has a sentence.
class SimulatedServiceTest {

    private static final long SEEDS = 25;

    private static SimulationSetup setup(SimulatedService service) {
        return ToyChecks.setup(ToyFault.NONE).withReplicas(3).withService(service);
    }

    @Test
    void aCounterAndABankKeepTheirPromises() {
        for (SimulatedService service : List.of(CountingMachine.SERVICE, BankMachine.SERVICE)) {
            SimulationSummary summary =
                    SimulationRunner.of(setup(service)).run(1, SEEDS).requireNoFailure();
            assertThat(summary.operations()).isGreaterThan(100 * SEEDS);
            assertThat(summary.exercised().count(Deed.LINEARIZABLE_READS)).isPositive();
        }
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        SimulationReport once = Simulation.run(setup(BankMachine.SERVICE), 7);
        SimulationReport again = Simulation.run(setup(BankMachine.SERVICE), 7);
        assertThat(again.digest()).isEqualTo(once.digest());
        assertThat(Simulation.run(setup(CountingMachine.SERVICE), 7).digest())
                .isNotEqualTo(once.digest());
    }

    @Test
    void aServiceNeedNotHaveQueries() {
        SimulatedService service =
                SimulatedService.of(
                        CountingMachine::new,
                        () -> random -> new byte[] {(byte) random.nextInt(9)});
        SimulationReport report = Simulation.run(setup(service), 3);
        assertThat(report.operations()).isPositive();
        assertThat(report.exercised().count(Deed.LINEARIZABLE_READS)).isZero();
    }

    @Test
    void requestsAreToldAsTextOrAsBytes() {
        assertThat(CallText.of(CallText.bytes("set x 5"))).isEqualTo("'set x 5'");
        assertThat(CallText.of(new byte[] {1, (byte) 0xff})).isEqualTo("[01ff]");
        assertThat(CallText.of(new byte[0])).isEqualTo("[]");
        assertThat(CallText.of(new byte[1000])).endsWith("00]… of 1000 bytes");
    }

    @Test
    void anUnknownOrderIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SimulationSetup.of("alphabetical"))
                .withMessageContaining("there is no order 'alphabetical'");
    }

    private static final String CHANGED_BY_QUERY =
            "\nlikely because a query changes the state, which only commands may: '?'";

    /// @param promise the sentence that the first failure must hold
    private record Mistake(String name, Supplier<? extends StateMachine> machine, String promise) {
        @Override
        public String toString() {
            return name;
        }
    }

    @SuppressWarnings("UnusedMethod") // By name, below.
    private static Stream<Mistake> mistakes() {
        return Stream.of(
                new Mistake("identity hash", OrderedByIdentity::new, "replicas do the same"),
                new Mistake("static", SharesAStatic::new, "replicas do the same"),
                new Mistake("wrong", Forgetful::new, "its own promises at version"),
                new Mistake("clock", ReadsAClock::new, "a machine alone does the same"),
                new Mistake("hidden", ChangesInQueries::new, "states are equal"),
                new Mistake("counts", CountsInQueries::new, "replicas do the same"),
                new Mistake("snapshot", WritesLess::new, "a snapshot restores what it was taken"),
                new Mistake("restored", ForgetsOnceRestored::new, "what a machine alone comes to"),
                new Mistake("deaf", IsDeafOnceRestored::new, "replicas do the same"),
                new Mistake("throws", Throws::new, "its own promises at version"),
                new Mistake("query throws", ThrowsInQueries::new, "a query throws nothing"),
                new Mistake("deadline throws", ThrowsAtDeadline::new, "a deadline throws nothing"),
                new Mistake("deadline stays", KeepsDeadline::new, "that was met is over"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsNamed(Mistake mistake) {
        SimulatedService service = CountingMachine.SERVICE.withMachine(mistake.machine());
        SimulationSummary summary = SimulationRunner.of(setup(service)).run(1, SEEDS);
        assertThat(summary.failures()).singleElement().asString().contains(mistake.promise());
        boolean isByQuery = mistake.name().equals("hidden") || mistake.name().equals("counts");
        assertThat(summary.failures().getFirst().getMessage().contains(CHANGED_BY_QUERY))
                .isEqualTo(isByQuery);
    }

    /// Objects in a map by identity come in another order in every process, or in this one's next
    /// machine.
    private static final class OrderedByIdentity extends CountingMachine {
        private final IdentityHashMap<Object, Integer> parts = new IdentityHashMap<>();

        OrderedByIdentity() {
            for (int i = 0; i < 16; i++) {
                parts.put(new Object(), i);
            }
        }

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            super.apply(context, command, reply);
            reply.clear();
            long first = new ArrayList<>(parts.values()).getFirst();
            reply.putLong(count).putLong(first);
        }
    }

    /// All replicas of a test, and one replica of a process, count together.
    private static final class SharesAStatic extends CountingMachine {
        private static final AtomicLong ALL = new AtomicLong();

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            count = ALL.addAndGet(command.get());
            reply.putLong(count);
        }
    }

    /// Every replica forgets the same.
    private static final class Forgetful extends CountingMachine {
        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            super.apply(context, command, reply);
            count -= count % 100 == 42 ? 1 : 0;
        }
    }

    /// Only in queries, which no other replica repeats.
    private static final class ReadsAClock extends CountingMachine {
        @Override
        public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
            reply.putLong(System.nanoTime());
        }
    }

    private static final class CountsInQueries extends CountingMachine {
        @Override
        public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
            super.query(context, query, reply);
            count++;
        }
    }

    private static final class ChangesInQueries extends CountingMachine {
        private long queries;

        @Override
        public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
            super.query(context, query, reply);
            queries++;
        }

        @Override
        public FrozenState snapshot() {
            long frozen = queries;
            return out -> new DataOutputStream(out).writeLong(frozen);
        }
    }

    private static final class WritesLess extends CountingMachine {
        @Override
        public void restore(InputStream in) throws IOException {
            super.restore(in);
            count &= 0xff;
        }
    }

    /// No reply shows what it forgets.
    private static final class ForgetsOnceRestored extends CountingMachine {
        private boolean isRestored;
        private long commands;

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            super.apply(context, command, reply);
            commands += isRestored ? 0 : 1;
        }

        @Override
        public FrozenState snapshot() {
            byte[] state = ByteBuffer.allocate(16).putLong(count).putLong(commands).array();
            return out -> out.write(state);
        }

        @Override
        public void restore(InputStream in) throws IOException {
            super.restore(in);
            commands = new DataInputStream(in).readLong();
            isRestored = true;
        }
    }

    private static final class Throws extends CountingMachine {
        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            super.apply(context, command, reply);
            if (count % 100 == 42) {
                throw new IllegalStateException("42");
            }
        }
    }

    private static final class ThrowsInQueries extends CountingMachine {
        @Override
        public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
            throw new IllegalStateException("no");
        }
    }

    /// A deadline a second after the first command.
    private abstract static class HasDeadline extends CountingMachine {
        long deadlineNanos = Long.MAX_VALUE;

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            super.apply(context, command, reply);
            deadlineNanos = Math.min(deadlineNanos, context.timeNanos() + 1_000_000_000L);
        }

        @Override
        public long nextDeadlineNanos() {
            return deadlineNanos;
        }
    }

    private static final class ThrowsAtDeadline extends HasDeadline {
        @Override
        public void onDeadline(CommandContext context) {
            throw new IllegalStateException("not now");
        }
    }

    private static final class IsDeafOnceRestored extends HasDeadline {
        private boolean isRestored;
        private boolean isDeaf;

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            super.apply(context, command, reply);
            isDeaf = isRestored;
        }

        @Override
        public long nextDeadlineNanos() {
            return isDeaf ? Long.MAX_VALUE : super.nextDeadlineNanos();
        }

        @Override
        public void onDeadline(CommandContext context) {
            deadlineNanos = Long.MAX_VALUE;
        }

        @Override
        public FrozenState snapshot() {
            byte[] state = ByteBuffer.allocate(16).putLong(count).putLong(deadlineNanos).array();
            return out -> out.write(state);
        }

        @Override
        public void restore(InputStream in) throws IOException {
            super.restore(in);
            deadlineNanos = new DataInputStream(in).readLong();
            isRestored = true;
        }
    }

    private static final class KeepsDeadline extends HasDeadline {
        @Override
        public void onDeadline(CommandContext context) {
            count++;
        }
    }
}
