package dev.lockstep.ordering.byzantine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.replica.BrokenReplicas;
import dev.lockstep.testkit.simulator.Exercised;
import dev.lockstep.testkit.simulator.Lie;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/// Whole clusters of which t replicas lie: in replies, in history, in snapshots, in what they
/// order; with every fault of the common simulator. All promises are kept to clients and by the
/// others.
///
/// `-Dsimulation.seeds=N` and `-Dsimulation.first=N` choose others than the first 6 of each row.
class LiarsSimulationTest {

    private static final long FIRST = Long.getLong("simulation.first", 1);
    private static final long SEEDS = Long.getLong("simulation.seeds", 6);

    /// In so many runs everything happens.
    private static final long MANY_SEEDS = 200;

    /// Lies that are told to who is behind.
    private static final Set<Lie> TO_LAGGARDS =
            EnumSet.of(
                    Lie.ALTERED_HISTORY,
                    Lie.CUT_HISTORY,
                    Lie.OTHER_HISTORY,
                    Lie.ENDLESS_HISTORY,
                    Lie.BAD_CHUNKS,
                    Lie.BAD_SNAPSHOTS,
                    Lie.STALE_SNAPSHOTS,
                    Lie.SLOW_SNAPSHOTS,
                    Lie.CORRUPT_STATE);

    /// What an honest replica holds against who lies so, sooner or later.
    private static final Map<Lie, String> HELD =
            Map.of(
                    Lie.FALSE_CHECKPOINTS, "held:evidence",
                    Lie.CORRUPT_STATE, "held:digests",
                    Lie.WRONG_DIGESTS, "held:digests");

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
    void t_liars_of_any_kind_break_no_promise(Row row) {
        SimulationSetup setup =
                row.setup().withLiars(SimulationSetup.AS_MANY_AS_MAY, EnumSet.allOf(Lie.class));
        print(row + " with liars", run(setup, SEEDS));
    }

    @ParameterizedTest
    @EnumSource
    void who_is_behind_gets_there_among_t_liars(Row row) {
        SimulationSetup setup =
                row.forgetful().withLiars(SimulationSetup.AS_MANY_AS_MAY, TO_LAGGARDS);
        print(row + " with liars and laggards", run(setup, SEEDS));
    }

    @ParameterizedTest
    @EnumSource
    void each_lie_alone_is_told_and_breaks_no_promise(Lie lie) {
        SimulationSetup setup = Row.A4.forgetful().withLiars(1, EnumSet.of(lie));
        Exercised exercised = run(setup, SEEDS).exercised();
        if (SEEDS < MANY_SEEDS && TO_LAGGARDS.contains(lie)) {
            // Nobody may have asked for it in so few runs.
            return;
        }
        assertThat(exercised.malice("lied:" + lie.word())).as(lie.word()).isPositive();
        String held = HELD.get(lie);
        if (held != null) {
            assertThat(exercised.malice(held)).as(lie.word() + ": " + held).isPositive();
        }
    }

    // -- what it takes to break one: the simulator sees it

    private static void isSeenToFail(SimulationSetup setup, long seeds) {
        assertThatThrownBy(() -> run(setup, seeds)).isInstanceOf(SimulationFailure.class);
    }

    @Test
    void one_liar_too_many_is_believed_by_clients() {
        isSeenToFail(Row.A4.setup().withLiars(2, EnumSet.of(Lie.WRONG_RESULTS)), 20);
    }

    @Test
    void clients_that_count_one_less_believe_one_liar() {
        SimulationSetup setup =
                Row.A4
                        .setup(new OneLess(new ByzantineProvider()))
                        .withLiars(1, EnumSet.of(Lie.WRONG_RESULTS));
        isSeenToFail(setup, 20);
    }

    @Test
    void requests_that_nobody_checks_are_forged() {
        SimulationSetup setup =
                Row.A4
                        .setup()
                        .withLiars(1, EnumSet.of(Lie.FORGED_REQUESTS))
                        .withProduct(BrokenReplicas.BELIEVES_ANY_PROOF);
        isSeenToFail(setup, 20);
    }

    @Test
    void history_that_proves_nothing_is_another() {
        Rules believes =
                new Row.Forgetful() {
                    @Override
                    boolean provesHistory() {
                        return false;
                    }
                };
        SimulationSetup setup =
                Row.A4
                        .setup(new ByzantineProvider(believes))
                        .withLiars(1, EnumSet.of(Lie.ALTERED_HISTORY, Lie.OTHER_HISTORY));
        isSeenToFail(setup, 100);
    }

    @Test
    void a_journal_of_which_nothing_is_let_go_is_too_large() {
        SimulationSetup setup = Row.A4.setup().withProduct(BrokenReplicas.KEEPS_ALL_OF_ITS_JOURNAL);
        isSeenToFail(setup, 100);
    }
}
