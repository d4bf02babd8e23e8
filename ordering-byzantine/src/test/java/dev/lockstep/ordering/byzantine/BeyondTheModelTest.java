package dev.lockstep.ordering.byzantine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.TreeMap;

/// With more faults than are tolerated agreement breaks, in runs that are otherwise the same: what
/// the other tests do not find, they could have found. Where a replica learns of it, it halts.
///
/// `-Dcontrols.seeds=N` looks at that many seeds of each instead of stopping at the first.
class BeyondTheModelTest {

    private static final int COUNTED = Integer.getInteger("controls.seeds", 0);
    private static final int SEEDS = COUNTED > 0 ? COUNTED : 400;

    @Test
    void two_liars_of_four_break_agreement() {
        assertThat(broken(Profile.partialSync(4, 2))).isPositive();
    }

    @Test
    void a_liar_and_a_broken_bound_break_agreement() {
        assertThat(broken(Profile.syncBound(3, 1).breakingDelta())).isPositive();
    }

    @Test
    void a_liar_and_a_slow_member_of_three_break_agreement() {
        assertThat(broken(Profile.syncBound(3, 1).slow(1))).isPositive();
    }

    /// In how many runs two replicas committed different blocks, or one halted because it saw that.
    private static int broken(Profile profile) {
        int broken = 0;
        long runs = 0;
        TreeMap<String, Integer> byRule = new TreeMap<>();
        Coverage coverage = new Coverage();
        for (long seed = 1; seed <= SEEDS && (broken == 0 || COUNTED > 0); seed++) {
            runs++;
            try {
                World.run(profile, Rules.CORRECT, List.of(), coverage, seed);
            } catch (Violation violation) {
                byRule.merge(violation.rule(), 1, Integer::sum);
                broken += violation.rule().equals("I1") ? 1 : 0;
            }
        }
        System.out.printf(
                "%s: %d runs, %d without agreement, %d halts, %s%n",
                profile.name(), runs, broken, coverage.of("halts"), byRule);
        return broken;
    }
}
