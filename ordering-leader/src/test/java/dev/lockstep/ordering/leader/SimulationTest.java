package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Thousands of seeded runs with every fault that the protocol promises to survive.
class SimulationTest {

    private static final int SEEDS = Integer.getInteger("leader.seeds", 150);

    /// One entry a frame on links that repeat and reorder comes near it.
    private static final long MOST_STEPS = 2_000_000;

    @Test
    void keepsItsPromisesWhateverHappens() {
        long steps = 0;
        long delivered = 0;
        long terms = 0;
        long histories = 0;
        long first = Long.getLong("leader.seed", 1);
        for (long seed = first; seed < first + SEEDS; seed++) {
            SimCluster cluster = new SimCluster(seed, Rules.CORRECT);
            try {
                cluster.run();
            } catch (AssertionError | RuntimeException thrown) {
                throw new AssertionError(
                        "seed " + seed + " (-Dleader.seed=" + seed + ") " + cluster.profile,
                        thrown);
            }
            assertThat(cluster.steps)
                    .as("members do not flood each other: seed %d, %s", seed, cluster.profile)
                    .isLessThan(MOST_STEPS);
            steps += cluster.steps;
            delivered += cluster.checker.length();
            terms += cluster.checker.terms();
            histories += cluster.histories;
        }
        System.out.printf(
                "%d seeds, %d steps, %d positions, %d terms, %d histories%n",
                SEEDS, steps, delivered, terms, histories);
        assertThat(delivered).isPositive();
        assertThat(terms).isGreaterThan(SEEDS);
        assertThat(histories).isPositive();
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        for (long seed = 1; seed <= 20; seed++) {
            SimCluster once = new SimCluster(seed, Rules.CORRECT);
            once.run();
            SimCluster again = new SimCluster(seed, Rules.CORRECT);
            again.run();
            assertThat(again.digest()).isEqualTo(once.digest());
        }
    }
}
