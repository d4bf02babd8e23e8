package dev.lockstep.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Warms a cluster up, has something happen to it, and puts into words what clients noticed.
final class EventsRun {

    private static final int FAILOVER_LEVEL = 16;
    private static final int CATCH_UP_LEVEL = 64;
    private static final int SNAPSHOTS_LEVEL = 16;

    private final BenchCluster cluster;
    private final Workload workload;
    private final Progress progress;
    private final int warmUpSeconds;
    private final int wantedLevel;

    /// @param wantedLevel requests in flight; 0 for what is usual
    EventsRun(
            BenchCluster cluster,
            Workload workload,
            Progress progress,
            int warmUpSeconds,
            int wantedLevel) {
        this.cluster = cluster;
        this.workload = workload;
        this.progress = progress;
        this.warmUpSeconds = warmUpSeconds;
        this.wantedLevel = wantedLevel;
    }

    private int warm(int usualLevel) {
        int level = wantedLevel == 0 ? usualLevel : wantedLevel;
        new LevelRun(cluster, workload, new BenchOptions(1, 1, 1, 1, 1), progress)
                .load(level, warmUpSeconds);
        return level;
    }

    /// The time without an answer of each round, in milliseconds.
    List<Double> failovers(int rounds) throws InterruptedException {
        int level = warm(FAILOVER_LEVEL);
        List<Double> gaps = new FailoverRun(cluster, workload, level, progress).measure(rounds);
        progress.clear();
        return gaps;
    }

    private int failoverLevel() {
        return wantedLevel == 0 ? FAILOVER_LEVEL : wantedLevel;
    }

    Map<String, Object> asJson(List<Double> gaps) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("inFlight", failoverLevel());
        fields.put("gapMillis", gaps.stream().map(BenchReport::rounded).toList());
        fields.put("medianMillis", BenchReport.rounded(Measurement.median(gaps)));
        return fields;
    }

    List<String> lines(List<Double> gaps) {
        StringBuilder line = new StringBuilder();
        gaps.forEach(gap -> line.append(String.format(Locale.ROOT, "  %.1f", gap)));
        return List.of(
                "kill -9 of the leader with "
                        + failoverLevel()
                        + " requests in flight; the longest time without an answer, in ms:",
                "",
                line.toString(),
                "",
                String.format(Locale.ROOT, "Median: %.1f ms", Measurement.median(gaps)));
    }

    List<String> catchUp(int megabytes, int valueBytes, SteadyLoad steady) {
        int level = warm(CATCH_UP_LEVEL);
        CatchUpRun run = new CatchUpRun(cluster, workload, level, valueBytes, steady, progress);
        CatchUpRun.Figures figures = run.measure((long) megabytes << 20);
        progress.clear();
        List<String> lines = new ArrayList<>();
        lines.add("A follower is down for a while, " + steady.words(level) + ":");
        lines.add("");
        lines.addAll(CatchUpRun.lines(figures));
        return lines;
    }

    List<String> snapshots(int seconds, int keys, SteadyLoad steady) {
        int level = warm(SNAPSHOTS_LEVEL);
        SnapshotRun run = new SnapshotRun(cluster, workload, level, steady, progress);
        SnapshotRun.Figures figures = run.measure(keys, seconds);
        progress.clear();
        List<String> lines = new ArrayList<>();
        lines.add("Snapshots are written, " + steady.words(level) + ":");
        lines.add("");
        lines.addAll(SnapshotRun.lines(figures));
        return lines;
    }
}
