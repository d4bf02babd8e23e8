package dev.lockstep.ordering.stability;

import dev.lockstep.mutation.MutationScore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import java.io.IOException;
import java.util.Arrays;

/// `./mutation-score stability`.
@EnabledIfSystemProperty(named = "mutation.trials", matches = "[0-9]+")
final class MutationScoreTest {

    @Test
    void writesTheTable() throws IOException {
        new MutationScore()
                .count(
                        "Stability ordering",
                        Arrays.stream(Mutant.values()).map(Mutant::mistake).toList());
    }
}
