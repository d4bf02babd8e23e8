package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lockstep.testkit.simulator.Exercised.Deed;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Many seeds, and what is told of them.
class SimulationRunnerTest {

    private static final SimulationSetup SOUND = ToyChecks.setup(ToyFault.NONE);

    @Test
    void threadsChangeNothing() {
        SimulationSummary one = SimulationRunner.of(SOUND).run(1, 10);
        SimulationSummary three = SimulationRunner.of(SOUND).withThreads(3).run(1, 10);
        assertThat(one.seeds()).isEqualTo(10);
        assertThat(three.seeds()).isEqualTo(10);
        assertThat(three.digest()).isEqualTo(one.digest());
        assertThat(three.events()).isEqualTo(one.events());
        assertThat(three.operations()).isEqualTo(one.operations());
        assertThat(three.exercised().byName()).isEqualTo(one.exercised().byName());
        assertThat(SimulationRunner.of(SOUND).run(2, 11).digest()).isNotEqualTo(one.digest());
    }

    @Test
    void itStopsAtTheFirstFailureUnlessMoreAreWanted() {
        SimulationRunner runner = SimulationRunner.of(ToyChecks.setup(ToyFault.HOLDS_BACK));
        SimulationSummary first = runner.run(1, 30);
        assertThat(first.failures()).hasSize(1);
        long seed = first.failures().getFirst().seed();
        assertThat(first.seeds()).isEqualTo(seed).isLessThan(30);
        SimulationSummary more = runner.withMostFailures(3).withThreads(2).run(1, 30);
        assertThat(more.failures().size()).isBetween(3, 4);
        assertThat(more.failures()).extracting(SimulationFailure::seed).isSorted();
        assertThat(more.failures().getFirst().seed()).isEqualTo(seed);
    }

    @Test
    void aFailureNamesSeedAndEventAndComesAgain() {
        SimulationSetup setup = ToyChecks.setup(ToyFault.ACCUSES);
        SimulationFailure failure = SimulationRunner.of(setup).run(1, 30).failures().getFirst();
        assertThat(failure)
                .hasMessageStartingWith(
                        "seed " + failure.seed() + ", event " + failure.events() + ", at ")
                .hasMessageContaining("evidence");
        assertThat(failure.events()).isPositive();
        List<String> lines = Simulation.trace(setup, failure.seed()).lines();
        assertThat(lines).last().isEqualTo(failure.getMessage());
        assertThat(lines).hasSizeGreaterThan(10);
    }

    @Test
    void progressIsToldAfterEverySeed() {
        List<Long> told = new ArrayList<>();
        SimulationRunner.of(SOUND).withProgress(sum -> told.add(sum.seeds())).run(5, 8);
        assertThat(told).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void oneReplicaAndManyAreSimulated() {
        for (int replicas : new int[] {1, 2, 9}) {
            SimulationReport report = Simulation.run(SOUND.withReplicas(replicas), 3);
            assertThat(report.replicas()).isEqualTo(replicas);
            assertThat(report.operations()).isPositive();
        }
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        SimulationRunner runner = SimulationRunner.of(SOUND);
        assertThatIllegalArgumentException().isThrownBy(() -> runner.withThreads(0));
        assertThatIllegalArgumentException().isThrownBy(() -> runner.withMostFailures(0));
        assertThatIllegalArgumentException().isThrownBy(() -> SOUND.withReplicas(10));
    }

    @Test
    void countsAddUp() {
        Exercised one = new Exercised();
        one.note(Deed.CRASHES);
        one.noteReceived(ToyMessage.Ask.class);
        Exercised other = new Exercised();
        other.note(Deed.CRASHES, 2);
        other.note(Deed.PAUSES);
        other.noteReceived(ToyMessage.Ask.class);
        other.noteReceived(ToyMessage.Answer.class);
        Exercised sum = one.plus(other);
        assertThat(sum.count(Deed.CRASHES)).isEqualTo(3);
        assertThat(sum.byName())
                .containsEntry("crashes", 3L)
                .containsEntry("pauses", 1L)
                .containsEntry("torn-tails", 0L)
                .containsEntry("received:Ask", 2L)
                .containsEntry("received:Answer", 1L)
                .containsEntry("received:Forward", 0L);
        assertThat(sum.unheard())
                .contains("received:Forward", "received:Missing")
                .doesNotContain("received:Ask", "received:Answer");
        assertThat(one.count(Deed.CRASHES)).isEqualTo(1);
        assertThat(other.byName()).containsEntry("received:Ask", 1L);
        assertThat(sum.missing()).contains(Deed.TORN_TAILS).doesNotContain(Deed.CRASHES);
    }
}
