package dev.lockstep.ordering.leader;

import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Counts the seeds that the simulator needs to notice each [Mutant]: `./mutation-score` runs it.
///
/// Trial `t` has the seeds from `t * 1,000,000` on, the same for every mutant. A mutant's last
/// trial is the one with which it has had `mutation.total` seeds.
@EnabledIfSystemProperty(named = "mutation.trials", matches = "[0-9]+")
final class MutationScoreTest {

    private static final int TRIALS = Integer.getInteger("mutation.trials", 20);
    private static final int MOST_SEEDS = Integer.getInteger("mutation.seeds", 2_000);
    private static final long MOST_IN_ALL = Long.getLong("mutation.total", Long.MAX_VALUE);
    private static final int THREADS = Integer.getInteger("mutation.threads", 2);
    private static final String ONLY = System.getProperty("mutation.only", "");
    private static final long TRIAL_STRIDE = 1_000_000;

    /// What has, as a schedule of its own, the mistakes that need one.
    private static final Map<Mutant, String> DIRECTED =
            Map.of(
                    Mutant.CUTS_NOTHING_BELOW_ITS_SNAPSHOT,
                    "by its own schedule in `ReplayAfterSnapshotTest`: entries form a chain");

    /// @param trials how many there were
    /// @param seeds of each trial that noticed something, how many it took
    /// @param promises which promises were seen broken, and how often
    private record Score(
            Mutant mutant, int trials, List<Long> seeds, Map<String, Integer> promises) {

        double mean() {
            return seeds.stream().mapToLong(Long::longValue).average().orElse(Double.NaN);
        }

        long worst() {
            return seeds.stream().mapToLong(Long::longValue).max().orElse(0);
        }

        String row() {
            String promise =
                    promises.entrySet().stream()
                            .max(Map.Entry.comparingByValue())
                            .map(Map.Entry::getKey)
                            .orElse("none");
            return seeds.isEmpty()
                    ? "| %s | 0 of %d | – | – | %s |"
                            .formatted(mutant, trials, DIRECTED.getOrDefault(mutant, "–"))
                    : "| %s | %d of %d | %.1f | %d | %s |"
                            .formatted(mutant, seeds.size(), trials, mean(), worst(), promise);
        }
    }

    @Test
    void writesTheTable() throws IOException {
        List<Score> scores = new ArrayList<>();
        for (Mutant mutant : Mutant.values()) {
            if (ONLY.isEmpty() || List.of(ONLY.split(",")).contains(mutant.name())) {
                Score score = score(mutant);
                scores.add(score);
                System.out.println(score.row());
            }
        }
        String file = System.getProperty("mutation.file", "");
        if (!file.isEmpty()) {
            Files.writeString(Path.of(file), table(scores));
        }
    }

    private static Score score(Mutant mutant) {
        List<Long> needed = new ArrayList<>();
        Map<String, Integer> promises = new TreeMap<>();
        int trials = 0;
        long inAll = 0;
        while (trials < TRIALS && inAll < MOST_IN_ALL) {
            int trial = ++trials;
            long first = trial * TRIAL_STRIDE;
            SimulationSummary summary =
                    SimulationRunner.of(mutant.setup())
                            .withThreads(THREADS)
                            .run(first, first + MOST_SEEDS - 1);
            if (!summary.failures().isEmpty()) {
                SimulationFailure failure = summary.failures().getFirst();
                long seeds = failure.seed() - first + 1;
                needed.add(seeds);
                inAll += seeds;
                promises.merge(promiseOf(failure), 1, Integer::sum);
            } else {
                inAll += MOST_SEEDS;
            }
        }
        return new Score(mutant, trials, needed, promises);
    }

    /// The promise without the particulars of the run.
    private static String promiseOf(SimulationFailure failure) {
        Throwable cause = failure.getCause();
        String sentence = String.valueOf(cause == null ? null : cause.getMessage());
        String line = sentence.lines().findFirst().orElse("").replaceAll("^replica \\d+:? ", "");
        return line.replaceAll("[:(|].*", "").replaceAll("\\d+", "n").strip();
    }

    private static String table(List<Score> scores) {
        long all = scores.stream().filter(score -> score.seeds().size() == score.trials()).count();
        double mean =
                scores.stream()
                        .flatMap(score -> score.seeds().stream())
                        .mapToLong(Long::longValue)
                        .average()
                        .orElse(Double.NaN);
        StringBuilder page = new StringBuilder();
        page.append(
                """
                # Mutation score

                Mistakes that were made before, in papers and in products, each built into the product on purpose, and how
                many random runs the simulator needs to notice. A trial runs seeds until one breaks a promise; %,d trials
                each, or fewer where they took too long, at most %,d seeds a trial. `Mutant` says what each mistake is.
                Written by `./mutation-score`.

                %d of %d mistakes are noticed in every trial; a trial that notices takes %.1f seeds on average.

                | mistake | noticed | seeds, mean | seeds, worst | the promise that is mostly seen broken |
                |---|---|---|---|---|
                """
                        .formatted(TRIALS, MOST_SEEDS, all, scores.size(), mean));
        for (Score score : scores) {
            page.append(score.row()).append('\n');
        }
        return page.toString();
    }
}
