package dev.lockstep.cli.soak;

import dev.lockstep.cli.Console;
import dev.lockstep.cli.Table;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What a run tells: a line a round, and in the end a table or one JSON object.
///
/// Threading: one thread.
final class SoakReport {

    private static final double SECOND_NANOS = 1e9;
    private static final String TOTAL = "all";

    private final Console console;
    private final SoakPlan plan;
    private final boolean json;
    private final long begunAt = System.nanoTime();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private final Map<String, Tally> tallies = new TreeMap<>();
    private final Tally total = new Tally();
    private int clusters;
    private long checkedAtOnce;
    private long uncheckedAtOnce;
    private long roundBegunAt;

    SoakReport(Console console, SoakPlan plan, boolean json) {
        this.console = console;
        this.plan = plan;
        this.json = json;
    }

    /// Of one kind of fault, or of all.
    private static final class Tally {
        private int rounds;
        private long operations;
        private long longestSilenceNanos;

        private void add(long more, long silenceNanos) {
            rounds++;
            operations += more;
            longestSilenceNanos = Math.max(longestSilenceNanos, silenceNanos);
        }

        private Map<String, Object> asJson() {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("rounds", rounds);
            values.put("operations", operations);
            values.put("longestSilenceSeconds", seconds(longestSilenceNanos));
            return values;
        }
    }

    private static double seconds(long nanos) {
        return Math.round(nanos / SECOND_NANOS * 1_000) / 1_000.0;
    }

    void onSkipped(FaultKind kind, String why) {
        skipped.put(kind.toString(), why);
    }

    void onDrawn(Path drawing) {
        say("The use of disks is drawn in %s.", drawing);
    }

    void onCluster() {
        clusters++;
    }

    void begin() {
        say("Seed %d, %d replicas, %d clients.", plan.seed(), plan.replicas(), plan.clients());
        skipped.forEach((kind, why) -> say("Without %s: %s.", kind, why));
        say("");
        say("minutes  round  operations  a second  silence  faults");
    }

    void onRoundBegun() {
        roundBegunAt = System.nanoTime();
    }

    /// A round was found good.
    void onRound(int number, Episode episode, long operations, long silenceNanos) {
        total.add(operations, silenceNanos);
        for (Fault fault : episode.faults()) {
            String kind = fault.stopsAll() ? fault.kind() + " of all" : fault.kind().toString();
            tallies.computeIfAbsent(kind, _ -> new Tally()).add(operations, silenceNanos);
        }
        long now = System.nanoTime();
        say(
                "%7s  %5d  %,10d  %,8.0f  %5.2f s  %s",
                clock(now - begunAt),
                number,
                operations,
                operations / ((now - roundBegunAt) / SECOND_NANOS),
                seconds(silenceNanos),
                episode);
    }

    private static String clock(long nanos) {
        long all = nanos / 1_000_000_000L;
        return String.format(Locale.ROOT, "%d:%02d", all / 60, all % 60);
    }

    /// How much of it was checked while clients ran.
    void onWitnessed(long checked, long unchecked) {
        checkedAtOnce = checked;
        uncheckedAtOnce = unchecked;
    }

    /// The end of a run in which everything held.
    ///
    /// @param interrupted whether somebody ended it before its time
    void onHeld(boolean interrupted) {
        if (json) {
            console.json(asJson(interrupted ? "interrupted" : "held"));
            return;
        }
        table();
        if (total.rounds > 0) {
            say(
                    "%,d results were checked while clients ran (%,d could not be), all of them round by round.",
                    checkedAtOnce, uncheckedAtOnce);
        }
        say(
                "%s: %s",
                interrupted ? "Interrupted after " + minutes() : "Done after " + minutes(),
                total.rounds == 0
                        ? "nothing was checked."
                        : "everything that was checked held: all %d rounds were linearizable, in the order of every session, and ended with equal states."
                                .formatted(total.rounds));
    }

    /// The end of a run in which something did not hold.
    void onViolation(
            int round,
            @Nullable Episode episode,
            ViolationException found,
            RunDirectory directory) {
        Map<String, String> evidence = new LinkedHashMap<>();
        if (Files.exists(directory.history())) {
            evidence.put("history", directory.history().toString());
        }
        evidence.put("log", directory.log().toString());
        evidence.put("data", directory.data().toString());
        if (json) {
            Map<String, Object> all = asJson("violated");
            Map<String, Object> violation = new LinkedHashMap<>();
            violation.put("round", round);
            violation.put("faults", String.valueOf(episode));
            violation.put("what", found.sentence());
            violation.put("window", found.window().lines().toList());
            violation.putAll(evidence);
            all.put("violation", violation);
            console.json(all);
            return;
        }
        table();
        text(round, episode, found, directory).forEach(line -> say("%s", line));
    }

    /// What is printed, and kept beside the evidence.
    static List<String> text(
            int round,
            @Nullable Episode episode,
            ViolationException found,
            RunDirectory directory) {
        List<String> lines = new ArrayList<>();
        lines.add("VIOLATION in round %d (%s): %s.".formatted(round, episode, found.sentence()));
        if (!found.window().isEmpty()) {
            lines.add("");
            lines.addAll(found.window().lines().toList());
        }
        lines.add("");
        boolean hasHistory = Files.exists(directory.history());
        if (hasHistory) {
            lines.add("History: " + directory.history());
        }
        lines.add("Logs:    " + directory.log());
        lines.add("Data:    " + directory.data());
        if (hasHistory && !found.window().isEmpty()) {
            lines.add("");
            lines.add(
                    "To draw it: lockstep check %s --model kv --svg window.svg"
                            .formatted(directory.history()));
        }
        return lines;
    }

    private void table() {
        say("");
        Table table = new Table("fault", "rounds", "operations", "longest silence");
        tallies.forEach((kind, tally) -> row(table, kind, tally));
        row(table, TOTAL, total);
        table.lines().forEach(line -> say("%s", line));
        say("");
        skipped.forEach((kind, why) -> say("Not tried: %s (%s).", kind, why));
    }

    private static void row(Table table, String kind, Tally tally) {
        table.row(
                kind,
                tally.rounds,
                String.format(Locale.ROOT, "%,d", tally.operations),
                String.format(Locale.ROOT, "%.2f s", seconds(tally.longestSilenceNanos)));
    }

    private String minutes() {
        return clock(System.nanoTime() - begunAt) + " minutes";
    }

    private Map<String, Object> asJson(String verdict) {
        Map<String, Object> all = new LinkedHashMap<>();
        double elapsed = seconds(System.nanoTime() - begunAt);
        all.put("verdict", verdict);
        all.put("seed", plan.seed());
        all.put("replicas", plan.replicas());
        all.put("clients", plan.clients());
        all.put("seconds", elapsed);
        all.put("clusters", clusters);
        all.putAll(total.asJson());
        all.put("resultsCheckedWhileRunning", checkedAtOnce);
        all.put("resultsNotCheckedWhileRunning", uncheckedAtOnce);
        all.put("operationsPerSecond", Math.round(total.operations / elapsed));
        Map<String, Object> faults = new LinkedHashMap<>();
        tallies.forEach((kind, tally) -> faults.put(kind, tally.asJson()));
        all.put("faults", faults);
        all.put("skipped", skipped);
        return all;
    }

    @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency of its own.
    private void say(String format, @Nullable Object... arguments) {
        if (!json) {
            console.line("%s", String.format(Locale.ROOT, format, arguments));
        }
    }
}
