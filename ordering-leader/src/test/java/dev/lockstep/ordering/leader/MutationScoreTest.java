package dev.lockstep.ordering.leader;

import dev.lockstep.mutation.Mistake;
import dev.lockstep.mutation.MutationScore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// `./mutation-score leader`.
@EnabledIfSystemProperty(named = "mutation.trials", matches = "[0-9]+")
final class MutationScoreTest {

    @Test
    void writesTheTable() throws IOException {
        new MutationScore()
                .count(
                        "Leader ordering",
                        Arrays.stream(Mutant.values()).map(MutationScoreTest::mistake).toList());
    }

    /// With what has, as a schedule of its own, the mistakes that need one.
    private static Mistake mistake(Mutant mutant) {
        String otherwise =
                mutant == Mutant.CUTS_NOTHING_BELOW_ITS_SNAPSHOT
                        ? "by its own schedule in `ReplayAfterSnapshotTest`: entries form a chain"
                        : "";
        return new Mistake(mutant.name(), List.of(mutant.setup()), otherwise);
    }
}
