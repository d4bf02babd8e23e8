package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.testkit.simulator.ServiceCall.Function;

import org.junit.jupiter.api.Test;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/// What only a broken machine, disk or request can violate, each with exactly its sentence; what a
/// broken protocol violates stands in [ToySimulationTest].
class BrokenPartsTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long SEEDS = 10;

    private static SimulationSetup setup(SimulatedService service) {
        return ToyChecks.setup(ToyFault.NONE).withReplicas(3).withService(service);
    }

    private static void assertFailsWith(String promise, SimulatedService service) {
        assertThat(SimulationRunner.of(setup(service)).run(1, SEEDS).failures())
                .singleElement()
                .asString()
                .contains(promise);
    }

    /// Endless recursion is a bug like any other, and has a seed.
    @Test
    void aMachineThatUsesUpTheStackFailsTheRun() {
        assertFailsWith(
                "java.lang.StackOverflowError",
                CountingMachine.SERVICE.withMachine(
                        () ->
                                new CountingMachine() {
                                    @Override
                                    public void apply(
                                            CommandContext context,
                                            ByteBuffer command,
                                            ReplyBuffer reply) {
                                        throw new StackOverflowError();
                                    }
                                }));
    }

    /// A replica whose state differs although its replies do not: it keeps what others drop.
    private static final class KeepsRejects extends CountingMachine {
        private final boolean isOdd;
        private long rejects;

        KeepsRejects(boolean isOdd) {
            this.isOdd = isOdd;
        }

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            super.apply(context, command, reply);
            rejects += isOdd ? 1 : 0;
        }

        @Override
        public FrozenState snapshot() {
            byte[] state = ByteBuffer.allocate(16).putLong(count).putLong(rejects).array();
            return out -> out.write(state);
        }

        @Override
        public void restore(InputStream in) throws IOException {
            super.restore(in);
            rejects = new DataInputStream(in).readLong();
        }
    }

    @Test
    void statesAreEqual() {
        AtomicInteger made = new AtomicInteger();
        assertFailsWith(
                "states are equal at equal positions",
                CountingMachine.SERVICE.withMachine(
                        () -> new KeepsRejects(made.getAndIncrement() % 2 == 0)));
    }

    /// A replica whose state differs for a while, and not in the end.
    private static final class Strays extends CountingMachine {
        private final boolean isOdd;

        Strays(boolean isOdd) {
            this.isOdd = isOdd;
        }

        @Override
        public FrozenState snapshot() {
            boolean strays = isOdd && count > 20 && count < 40;
            byte[] state = ByteBuffer.allocate(8).putLong(count + (strays ? 1 : 0)).array();
            return out -> out.write(state);
        }
    }

    @Test
    void statesAreEqualAllTheTime() {
        AtomicInteger made = new AtomicInteger();
        assertFailsWith(
                "states are equal at equal positions",
                CountingMachine.SERVICE.withMachine(
                        () -> new Strays(made.getAndIncrement() % 2 == 0)));
    }

    /// A machine with a deadline that makes no difference, and one of three never tells it.
    private static final class MissesDeadline extends CountingMachine {
        private static final byte ARM = 100;

        private boolean isDeaf;
        private long deadlineNanos = Long.MAX_VALUE;

        MissesDeadline(boolean isDeaf) {
            this.isDeaf = isDeaf;
        }

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            if (command.get(command.position()) == ARM) {
                // When all clients have said their last.
                deadlineNanos = Math.min(deadlineNanos, context.timeNanos() + 9 * SECOND);
            }
            super.apply(context, command, reply);
        }

        @Override
        public long nextDeadlineNanos() {
            return isDeaf ? Long.MAX_VALUE : deadlineNanos;
        }

        @Override
        public void onDeadline(CommandContext context) {
            deadlineNanos = Long.MAX_VALUE;
        }

        /// The machine that runs alone afterwards is a sound one.
        @Override
        public void restore(InputStream in) throws IOException {
            super.restore(in);
            isDeaf = false;
        }
    }

    private static final class ArmsInTheEnd implements Requests {
        @Override
        public byte[] command(RandomGenerator random) {
            return new byte[] {1};
        }

        @Override
        public byte[] lastCommand(RandomGenerator random) {
            return new byte[] {MissesDeadline.ARM};
        }
    }

    @Test
    void deadlinesAreMetAtEqualPositions() {
        AtomicInteger made = new AtomicInteger();
        assertFailsWith(
                "states are equal at equal positions",
                SimulatedService.of(
                        () -> new MissesDeadline(made.getAndIncrement() % 2 == 0),
                        ArmsInTheEnd::new));
    }

    /// Every replica alike answers a write with what was written instead of what was there.
    private static final class RepliesWhatWasWritten implements StateMachine {
        private final SimService sound = new SimService();

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            ServiceCall call = ServiceCall.decode(command.duplicate());
            sound.apply(context, command, reply);
            if (call.function() == Function.WRITE) {
                reply.clear();
                reply.putLong(call.first());
            }
        }

        @Override
        public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
            sound.query(context, query, reply);
        }

        @Override
        public FrozenState snapshot() {
            return sound.snapshot();
        }

        @Override
        public void restore(InputStream in) throws IOException {
            sound.restore(in);
        }

        @Override
        public long nextDeadlineNanos() {
            return sound.nextDeadlineNanos();
        }

        @Override
        public void onDeadline(CommandContext context) {
            sound.onDeadline(context);
        }
    }

    @Test
    void theHistoryIsLinearizable() {
        assertFailsWith(
                "the clients' history is not linearizable",
                SimRequests.SERVICE.withMachine(RepliesWhatWasWritten::new));
    }

    /// Counts, and once something too large for any replica.
    private static final class OneTooLarge implements Requests {
        private final Requests sound = new CountingMachine.Counts();
        private boolean isOver;

        @Override
        public byte[] command(RandomGenerator random) {
            if (isOver) {
                return sound.command(random);
            }
            isOver = true;
            return new byte[ReplicaLimits.DEFAULT.requestBytes()];
        }
    }

    @Test
    void nothingIsRefused() {
        assertFailsWith(
                "was refused: ", SimulatedService.of(CountingMachine::new, OneTooLarge::new));
    }

    /// A byte changes in a record that was synced long ago.
    private static void damage(SimDisk disk) {
        String first = disk.list().stream().filter(name -> name.endsWith(".seg")).findFirst().get();
        try (StoredFile file = disk.open(first)) {
            long middle = file.size() / 2;
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(middle, one);
            one.put(0, (byte) (one.get(0) ^ 1)).flip();
            file.write(middle, one);
            file.force();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void journalsAreNotDamaged() {
        int found = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Simulation simulation = new Simulation(setup(CountingMachine.SERVICE), seed);
            World world = simulation.world();
            SimNode node = world.nodes.get(1);
            world.timeline.after(
                    3 * SECOND,
                    () -> {
                        if (node.isUp()) {
                            node.crash(false);
                            damage(node.disk());
                            node.start();
                        }
                    });
            try {
                simulation.run();
            } catch (SimulationFailure failure) {
                // The last records of all look like a torn write, and what they held is missed.
                String sentence = String.valueOf(failure.getMessage());
                assertThat(sentence)
                        .containsAnyOf(
                                "replica 2 finds its journal damaged",
                                "replica 2 keeps what it acknowledged");
                found += sentence.contains("damaged") ? 1 : 0;
            }
        }
        assertThat(found).isPositive();
    }
}
