package dev.lockstep.bench;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

/// The options of `lockstep bench` that have something happen to the cluster, and measure what
/// clients notice of it.
final class EventOptions {

    private static final int USUAL_LOAD = 50;

    @Option(
            names = "--failover",
            paramLabel = "ROUNDS",
            description =
                    "Instead: kill -9 of the leader under load, so many times; the longest time"
                            + " without any answer is measured.")
    private @Nullable Integer failover;

    @Option(
            names = "--catch-up",
            paramLabel = "MEGABYTES",
            description =
                    "Instead: kill -9 of a follower, which is started again when it has missed so much;"
                            + " what clients notice of its catching up is measured.")
    private @Nullable Integer catchUp;

    @Option(
            names = "--snapshots",
            paramLabel = "SECONDS",
            description =
                    "Instead: all keys are written, then for so long the slowest answer of each second"
                            + " is measured, while snapshots are written and while not.")
    private @Nullable Integer snapshots;

    @Option(
            names = "--load",
            paramLabel = "PERCENT",
            description =
                    "With --catch-up and --snapshots: how much of what the cluster can do is asked of it."
                            + " Default: 50")
    private @Nullable Integer load;

    @Option(
            names = "--rate",
            paramLabel = "PER_SECOND",
            description =
                    "With --catch-up and --snapshots, instead of --load: so many requests are asked a"
                            + " second, whatever the cluster can do.")
    private @Nullable Integer rate;

    /// True if something is to happen.
    boolean areWanted() {
        return failover != null || catchUp != null || snapshots != null;
    }

    @Nullable Integer failover() {
        return failover;
    }

    @Nullable Integer catchUp() {
        return catchUp;
    }

    @Nullable Integer snapshots() {
        return snapshots;
    }

    /// How much is asked of the cluster with `--catch-up` and `--snapshots`.
    SteadyLoad steadyLoad() {
        return new SteadyLoad(load == null ? USUAL_LOAD : load, rate == null ? 0 : rate);
    }

    /// What happens to the cluster, to begin a sentence with.
    String words() {
        if (snapshots != null) {
            return "--snapshots writes all keys";
        }
        return catchUp != null ? "--catch-up kills replicas" : "--failover kills replicas";
    }

    /// What is wrong with these options; empty if nothing is.
    ///
    /// @param json whether one JSON object is wanted
    String problem(boolean json) {
        if (failover != null && failover < 1) {
            return "--failover must be at least 1";
        }
        if (catchUp != null && catchUp < 1) {
            return "--catch-up must be at least 1";
        }
        if (snapshots != null && snapshots < 1) {
            return "--snapshots must be at least 1";
        }
        if (load != null && (load < 1 || load > 100)) {
            return "--load is a percentage, not " + load;
        }
        if (load != null && catchUp == null && snapshots == null) {
            return "--load belongs to --catch-up and --snapshots";
        }
        if (rate != null && rate < 1) {
            return "--rate must be at least 1";
        }
        if (rate != null && catchUp == null && snapshots == null) {
            return "--rate belongs to --catch-up and --snapshots";
        }
        if (rate != null && load != null) {
            return "give either --load or --rate";
        }
        return together(json);
    }

    private String together(boolean json) {
        if (catchUp != null && failover != null) {
            return "give either --catch-up or --failover";
        }
        if (snapshots != null && (catchUp != null || failover != null)) {
            return "give one of --catch-up, --failover and --snapshots";
        }
        if (json && snapshots != null) {
            return "--snapshots has no --json";
        }
        return json && catchUp != null ? "--catch-up has no --json" : "";
    }
}
