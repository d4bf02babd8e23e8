package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.Exercised.Deed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The simulator finds nothing in a sound protocol and something in every unsound one.
class ToySimulationTest {

    private static final long SEEDS = Long.getLong("simulation.seeds", 200);

    /// Whatever is in it, this many seeds show it.
    private static final long SEEDS_TO_FIND = 200;

    @Test
    void aSoundProtocolKeepsEveryPromise() {
        SimulationSummary summary =
                SimulationRunner.of(ToyChecks.setup(ToyFault.NONE)).run(1, SEEDS);
        if (!summary.failures().isEmpty()) {
            throw summary.failures().getFirst();
        }
        assertThat(summary.seeds()).isEqualTo(SEEDS);
        assertThat(summary.exercised().missing())
                .as(
                        "the toy lets no record go, so that only who heals is ever behind its journal; its members stay")
                .containsExactly(
                        Deed.JOURNALS_SHORTENED,
                        Deed.CHANGES_BEGUN,
                        Deed.CHANGES_REFUSED,
                        Deed.EPOCHS,
                        Deed.MEMBERS_TAKEN_IN,
                        Deed.MEMBERS_GONE,
                        Deed.DISKS_LOST,
                        Deed.DAMAGED_DISKS_GIVEN_UP,
                        Deed.CLIENTS_LED_ON);
        assertThat(summary.exercised().count(Deed.BATCHES_REPEATED)).isZero();
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        long other = 0;
        for (long seed = 1; seed <= 5; seed++) {
            SimulationReport once = Simulation.run(ToyChecks.setup(ToyFault.NONE), seed);
            SimulationReport again = Simulation.run(ToyChecks.setup(ToyFault.NONE), seed);
            assertThat(again.digest()).isEqualTo(once.digest()).isNotEqualTo(other);
            assertThat(again.events()).isEqualTo(once.events());
            assertThat(again.exercised().byName()).isEqualTo(once.exercised().byName());
            other = once.digest();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ACKNOWLEDGES_BEFORE_DURABLE, keeps what it acknowledged",
        "SENDS_BEFORE_DURABLE, agreement at position",
        "DELIVERS_BEFORE_DURABLE, agreement at position",
        "NUMBERS_TWICE, the toy numbers a batch once",
        "NUMBERS_OUT_OF_TURN, nothing is held back when nothing is asked for",
        "EQUIVOCATES, agreement at position",
        "INVENTS, only what was submitted is delivered",
        "READS_WITHOUT_ASKING, a read sees what was acknowledged before it",
        "TIME_GOES_BACK, agreed time never goes back",
        "TIME_STANDS_STILL, has met its deadlines",
        "FORGETS_A_POSITION, agreement at position",
        "NEVER_REPEATS, nothing is held back when nothing is asked for",
        "NEVER_CATCHES_UP, in a healthy cluster all ends",
        "PREFERS_ANOTHER, an idle healthy cluster keeps its leader",
        "HOLDS_BACK, nothing is held back when nothing is asked for",
        "HALTS, halted: it is tired",
        "ACCUSES, holds evidence about an honest replica",
    })
    void anUnsoundProtocolIsCaught(ToyFault fault, String promise) {
        for (long seed = 1; seed <= SEEDS_TO_FIND; seed++) {
            try {
                Simulation.run(ToyChecks.setup(fault), seed);
            } catch (SimulationFailure failure) {
                if (String.valueOf(failure.getMessage()).contains(promise)) {
                    return;
                }
            }
        }
        throw new AssertionError(
                fault + " did not break '" + promise + "' within " + SEEDS_TO_FIND + " seeds");
    }
}
