package dev.lockstep.ordering.byzantine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.replica.BrokenReplicas;
import dev.lockstep.testkit.simulator.Lie;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.EnumSet;
import java.util.Set;

/// Whole clusters whose members change while t of them lie, with every fault of the common
/// simulator: members are added, removed and replaced, get other keys, and lose their disks.
///
/// `-Dsimulation.seeds=N` and `-Dsimulation.first=N` choose others than the first 6 of each row.
class ChangesSimulationTest {

    private static final long FIRST = Long.getLong("simulation.first", 1);
    private static final long SEEDS = Long.getLong("simulation.seeds", 6);

    private static SimulationSummary run(SimulationSetup setup, long seeds) {
        SimulationSummary summary =
                SimulationRunner.of(setup)
                        .withThreads(Integer.getInteger("simulation.threads", 1))
                        .run(FIRST, FIRST + seeds - 1);
        if (!summary.failures().isEmpty()) {
            throw summary.failures().getFirst();
        }
        return summary;
    }

    private static void print(String what, SimulationSummary summary) {
        System.out.printf(
                "%s: %d seeds, %,d events, %d operations%n%s%n",
                what,
                summary.seeds(),
                summary.events(),
                summary.operations(),
                summary.exercised().byName());
    }

    @ParameterizedTest
    @EnumSource
    void members_change_while_all_work(Row row) {
        print(row + " with changes", run(row.changing(), SEEDS));
    }

    @ParameterizedTest
    @EnumSource
    void members_change_while_some_lie(Row row) {
        SimulationSetup setup =
                row.changing().withLiars(SimulationSetup.AS_MANY_AS_MAY, liesOf(row));
        print(row + " with changes and liars", run(setup, SEEDS));
    }

    /// Among 2t+1 a liar may be the only one that has what an honest member has, and contradict its
    /// snapshot: who is behind then stays there (docs/byzantine.md, what is not there).
    private static Set<Lie> liesOf(Row row) {
        Set<Lie> lies = EnumSet.allOf(Lie.class);
        if (row == Row.B3 || row == Row.B5) {
            lies.removeAll(EnumSet.of(Lie.CORRUPT_STATE, Lie.FALSE_CHECKPOINTS));
        }
        return lies;
    }

    // -- what it takes to break it: the simulator sees it

    private static void isSeenToBegin(SimulationSetup setup) {
        assertThatThrownBy(() -> run(setup.withLiars(1, EnumSet.of(Lie.FORGED_WISHES)), 20))
                .isInstanceOf(SimulationFailure.class)
                .hasMessageContaining("an epoch begins as an operator has signed");
    }

    @Test
    void a_wish_that_no_operator_has_signed_begins_an_epoch() {
        isSeenToBegin(Row.A4.changing().withProduct(BrokenReplicas.BELIEVES_ANY_WISH));
    }

    @Test
    void a_stop_sign_that_nobody_wishes_for_begins_an_epoch() {
        Rules votesForAny =
                new Rules() {
                    @Override
                    boolean votesForAnySign() {
                        return true;
                    }
                };
        isSeenToBegin(Row.A4.changing(new ByzantineProvider(votesForAny)));
    }
}
