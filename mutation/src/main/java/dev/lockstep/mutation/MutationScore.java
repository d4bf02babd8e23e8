package dev.lockstep.mutation;

import dev.lockstep.mutation.ScoreTable.Row;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSummary;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Counts the seeds that the simulator needs to notice each of a protocol's [Mistake]s.
/// `./mutation-score` runs it, says how far it is, and writes each row when it has it.
///
/// Trial `t` has the seeds from `t * 1,000,000` on, the same for every mistake. A mistake's last
/// trial is the one with which it has had `mutation.total` seeds.
///
/// | property | default | what |
/// |---|---|---|
/// | `mutation.trials` | 20 | trials of each mistake, at most |
/// | `mutation.seeds` | 2000 | seeds of a trial, at most |
/// | `mutation.total` | no bound | seeds of a mistake after which it has no further trial |
/// | `mutation.threads` | 2 | how many seeds are run at once |
/// | `mutation.only` | all | names of mistakes, with commas |
/// | `mutation.missing` | false | only those of which the file has no row |
/// | `mutation.file` | none | the page whose section is written |
public final class MutationScore {

    private static final long TRIAL_STRIDE = 1_000_000;

    private final int trials = Integer.getInteger("mutation.trials", 20);
    private final int mostSeeds = Integer.getInteger("mutation.seeds", 2_000);
    private final long mostInAll = Long.getLong("mutation.total", Long.MAX_VALUE);
    private final int threads = Integer.getInteger("mutation.threads", 2);
    private final List<String> only = List.of(System.getProperty("mutation.only", "").split(","));
    private final boolean isMissingOnly = Boolean.getBoolean("mutation.missing");
    private final String file = System.getProperty("mutation.file", "");

    /// As the system properties say.
    public MutationScore() {}

    /// Counts, and writes the section of this title.
    ///
    /// @param title such as `Leader ordering`
    /// @throws IOException if the page cannot be read or written
    /// @throws IllegalArgumentException if there is no mistake of a name that was asked for
    public void count(String title, List<Mistake> mistakes) throws IOException {
        List<String> names = mistakes.stream().map(Mistake::name).toList();
        ScoreTable table = new ScoreTable(title, names);
        if (!file.isEmpty() && Files.exists(Path.of(file))) {
            table.read(Files.readString(Path.of(file)));
        }
        List<Mistake> wanted = new ArrayList<>();
        for (Mistake mistake : mistakes) {
            boolean isNamed = only.contains("") || only.contains(mistake.name());
            if (isNamed && !(isMissingOnly && table.has(mistake.name()))) {
                wanted.add(mistake);
            }
        }
        if (wanted.isEmpty() && !isMissingOnly) {
            throw new IllegalArgumentException(
                    "there is no mistake " + only + "; choose from " + names);
        }
        long began = System.nanoTime();
        for (int i = 0; i < wanted.size(); i++) {
            Row row = score(wanted.get(i));
            table.put(row);
            write(table);
            System.out.printf(
                    "%s: %d of %d mistakes after %s%n%s%n",
                    title, i + 1, wanted.size(), since(began), row.text());
        }
    }

    private void write(ScoreTable table) throws IOException {
        if (!file.isEmpty()) {
            Path page = Path.of(file);
            String before = Files.exists(page) ? Files.readString(page) : "";
            Files.writeString(page, table.write(before));
        }
    }

    private static String since(long began) {
        Duration passed = Duration.ofNanos(System.nanoTime() - began);
        return String.format(Locale.ROOT, "%d:%02d", passed.toMinutes(), passed.toSecondsPart());
    }

    private Row score(Mistake mistake) {
        List<Long> needed = new ArrayList<>();
        Map<String, Integer> promises = new TreeMap<>();
        int begun = 0;
        long inAll = 0;
        while (begun < trials && inAll < mostInAll) {
            int trial = ++begun;
            long first = trial * TRIAL_STRIDE;
            long since = System.nanoTime();
            SimulationSummary summary =
                    SimulationRunner.ofEach(mistake::cluster)
                            .withThreads(threads)
                            .run(first, first + mostSeeds - 1);
            String came = "nothing noticed";
            if (!summary.failures().isEmpty()) {
                SimulationFailure failure = summary.failures().getFirst();
                needed.add(failure.seed() - first + 1);
                promises.merge(promiseOf(failure), 1, Integer::sum);
                came = promiseOf(failure);
            }
            long seeds = summary.failures().isEmpty() ? mostSeeds : needed.getLast();
            inAll += seeds;
            System.out.printf(
                    "  %s, trial %d of %d: %d seeds in %s: %s%n",
                    mistake.name(), trial, trials, seeds, since(since), came);
        }
        return new Row(
                mistake.name(),
                needed.size(),
                begun,
                needed.stream().mapToLong(Long::longValue).average().orElse(0),
                needed.stream().mapToLong(Long::longValue).max().orElse(0),
                needed.isEmpty() ? otherwise(mistake) : most(promises));
    }

    private static String otherwise(Mistake mistake) {
        return mistake.otherwise().isEmpty() ? "–" : mistake.otherwise();
    }

    private static String most(Map<String, Integer> promises) {
        return promises.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("–");
    }

    /// The promise without the particulars of the run.
    private static String promiseOf(SimulationFailure failure) {
        Throwable cause = failure.getCause();
        String sentence = String.valueOf(cause == null ? null : cause.getMessage());
        String line = sentence.lines().findFirst().orElse("").replaceAll("^replica \\d+:? ", "");
        return line.replaceAll("[:(|].*", "").replaceAll("\\b\\d+", "n").strip();
    }
}
