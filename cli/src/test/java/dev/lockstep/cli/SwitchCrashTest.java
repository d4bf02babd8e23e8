package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.testkit.simulator.Forecast;
import dev.lockstep.testkit.simulator.Pending;
import dev.lockstep.testkit.simulator.ProtocolChecks;
import dev.lockstep.testkit.simulator.Scenario;
import dev.lockstep.testkit.simulator.SimulatedClient;
import dev.lockstep.testkit.simulator.SimulatedCluster;
import dev.lockstep.testkit.simulator.SimulatedService;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationSetup;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Whoever dies between any two events of a switch, the other order comes about, and nothing that
/// was acknowledged is lost.
///
/// `-Dswitches.stride=1` puts a crash between every pair of events, instead of every so manieth.
class SwitchCrashTest {

    private static final int STRIDE = Integer.getInteger("switches.stride", 31);

    /// Long after the last one of a switch.
    private static final int EVENTS = 260;

    private static final List<String> ORDERS =
            List.of("leader", "logical-clock", "synchronized-clock", "replica-ids");

    /// From one order to another.
    record Switch(String from, String to) {
        @Override
        public String toString() {
            return from + " to " + to;
        }
    }

    static Stream<Switch> switches() {
        return ORDERS.stream()
                .flatMap(
                        from ->
                                ORDERS.stream()
                                        .filter(to -> !to.equals(from))
                                        .map(to -> new Switch(from, to)));
    }

    /// Adds what it is told and replies the sum.
    private static final class Adder implements StateMachine {
        private long sum;

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            sum += command.getInt();
            reply.putLong(sum);
        }

        @Override
        public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
            reply.putLong(sum);
        }

        @Override
        public FrozenState snapshot() {
            long frozen = sum;
            return out -> new DataOutputStream(out).writeLong(frozen);
        }

        @Override
        public void restore(InputStream in) throws IOException {
            sum = new DataInputStream(in).readLong();
        }
    }

    private static SimulatedClient.Typed<Integer, Long> adder(SimulatedCluster cluster) {
        return cluster.client()
                .typed(
                        number -> ByteBuffer.allocate(4).putInt(number).array(),
                        bytes -> ByteBuffer.wrap(bytes).getLong());
    }

    /// One run: a switch begins, so many events pass, and a replica dies, of its power or of
    /// something else.
    private record Interrupted(Switch change, int events, int victim, boolean losesPower)
            implements Scenario {

        @Override
        public void play(SimulatedCluster cluster) {
            SimulatedClient.Typed<Integer, Long> adder = adder(cluster);
            adder.send(1);
            cluster.awaitQuiet();
            cluster.runFor(Duration.ofMillis(100));
            cluster.members().beginToSwitch(change.to());
            List<Pending> pending = new ArrayList<>();
            pending.add(adder.begin(2));
            cluster.runEvents(events);
            if (losesPower) {
                cluster.loseUnsyncedWrites(victim);
            } else {
                cluster.crash(victim);
            }
            pending.add(adder.begin(3));
            cluster.runFor(Duration.ofMillis(30));
            cluster.restart(victim);
            cluster.members().awaitChange();
            assertThat(cluster.members().order()).isEqualTo(change.to());
            assertThat(adder.send(4)).isEqualTo(10);
            pending.forEach(Pending::await);
        }
    }

    @ParameterizedTest
    @MethodSource("switches")
    void whoeverDiesBetweenAnyTwoEventsItComesAbout(Switch change) {
        int runs = 0;
        for (int victim = 1; victim <= 3; victim++) {
            for (int events = victim; events < EVENTS; events += STRIDE) {
                for (boolean losesPower : new boolean[] {true, false}) {
                    run(new Interrupted(change, events, victim, losesPower));
                    runs++;
                }
            }
        }
        System.out.println(runs + " runs with a crash in the midst of a switch from " + change);
    }

    private static void run(Interrupted scenario) {
        SimulationSetup setup =
                SimulationSetup.of(scenario.change().from())
                        .withSwitches()
                        .withReplicas(3)
                        .withChecks(ProtocolChecks.all(ProtocolChecks.installed()))
                        .withService(SimulatedService.of(Adder::new))
                        .withScenario(scenario, Forecast.CALM);
        try {
            var _ = Simulation.run(setup, 1 + scenario.events());
        } catch (SimulationFailure failure) {
            throw new AssertionError(scenario + ": " + failure.getMessage(), failure);
        }
    }
}
