package dev.lockstep.bench;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The options of `lockstep bench` that place the replicas at several sites.
final class SitesOptions {

    private static final int MOST_JITTER_MILLIS = 1_000;

    @Option(
            names = "--sites",
            paramLabel = "MS",
            split = ",",
            description =
                    "Instead: three sites so many milliseconds apart, one way, between 1 and 2, 1 and"
                            + " 3, 2 and 3, such as 32,35,65; a replica and clients at each. Measures"
                            + " the latency at each site, of each site alone with one request at a"
                            + " time and of all at once with --in-flight (8) each, beside what the"
                            + " delays alone are to take. Each phase lasts as long as all windows"
                            + " of a level.")
    private @Nullable List<String> delays;

    @Option(
            names = "--jitter",
            paramLabel = "MS",
            description = "With --sites: each way takes up to so much longer. Default: 0")
    private @Nullable Double jitter;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "With --sites: writes a plot of the figures, in SVG.")
    private @Nullable Path plot;

    /// True if the replicas are to be at several sites.
    boolean isWanted() {
        return delays != null;
    }

    /// @throws IllegalArgumentException with a sentence
    Sites sites() {
        return Sites.parse(delays == null ? new ArrayList<>() : delays);
    }

    double jitterMillis() {
        return jitter == null ? 0 : jitter;
    }

    @Nullable Path plot() {
        return plot;
    }

    /// What is wrong with these options; empty if nothing is.
    String problem() {
        if (delays == null) {
            return jitter != null
                    ? "--jitter is of the ways between sites: give --sites too"
                    : plot != null ? "--plot draws sites: give --sites too" : "";
        }
        if (!(jitterMillis() >= 0 && jitterMillis() <= MOST_JITTER_MILLIS)) {
            return "--jitter is from 0 to " + MOST_JITTER_MILLIS + " ms, not " + jitter;
        }
        try {
            var _ = sites();
            return "";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
