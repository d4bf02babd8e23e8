package dev.lockstep.ordering.byzantine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;

/// Clusters with an adversary, in both settings: everything of §10 holds.
///
/// `-Dsimulation.seeds=N` and `-Dsimulation.first=N` choose others than the first of each.
class SimulationTest {

    private static final long FIRST = Long.getLong("simulation.first", 1);
    private static final long SEEDS = Long.getLong("simulation.seeds", 100);
    private static final String ONLY = System.getProperty("simulation.only", "");

    static List<Profile> profiles() {
        return Profiles.ALL.stream().filter(p -> p.name().startsWith(ONLY)).toList();
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void keepsEveryPromise(Profile profile) {
        Coverage coverage = new Coverage();
        long start = System.nanoTime();
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            World.run(profile, Rules.CORRECT, List.of(), coverage, seed);
        }
        long millis = (System.nanoTime() - start) / 1_000_000;
        System.out.printf(
                "%s, %d seeds from %d, %d ms: %s%n",
                profile.name(), SEEDS, FIRST, millis, coverage);
        if (SEEDS >= 100) {
            for (String what : Profiles.expected(profile)) {
                assertThat(coverage.of(what)).as(what).isPositive();
            }
        }
    }
}
