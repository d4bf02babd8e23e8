package dev.lockstep.ordering.byzantine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Each broken rule is noticed: by random runs, or by a schedule of its own.
///
/// `-Dmutants.seeds=N` looks at that many seeds of each, and says how many of them notice.
class MutantsTest {

    private static final int COUNTED = Integer.getInteger("mutants.seeds", 0);
    private static final int SEEDS = COUNTED > 0 ? COUNTED : 3000;

    @ParameterizedTest
    @EnumSource
    void isCaught(Mutant mutant) {
        Consumer<Rules> schedule = mutant.schedule();
        if (schedule != null) {
            show(schedule, mutant.rules());
        }
        if (schedule == null || COUNTED > 0) {
            int caught = search(mutant);
            assertThat(schedule != null || caught > 0)
                    .as("%s caught in %d seeds", mutant, SEEDS)
                    .isTrue();
        }
    }

    private static void show(Consumer<Rules> schedule, Rules broken) {
        assertThatThrownBy(() -> schedule.accept(broken)).isInstanceOf(Violation.class);
        schedule.accept(Rules.CORRECT);
    }

    private static int search(Mutant mutant) {
        TreeMap<String, Integer> byRule = new TreeMap<>();
        int caught = 0;
        long firstCaught = 0;
        long start = COUNTED > 0 ? 1 : mutant.firstSeed();
        for (long seed = start; seed < start + SEEDS && (caught == 0 || COUNTED > 0); seed++) {
            try {
                World.run(mutant.profile(), mutant.rules(), List.of(), new Coverage(), seed);
            } catch (RuntimeException violation) {
                String rule = violation instanceof Violation known ? known.rule() : "invariant";
                byRule.merge(rule, 1, Integer::sum);
                firstCaught = caught == 0 ? seed : firstCaught;
                caught++;
            }
        }
        System.out.printf(
                "%s: first at seed %d from %d, caught %d times, %s%n",
                mutant, firstCaught, start, caught, byRule);
        return caught;
    }
}
