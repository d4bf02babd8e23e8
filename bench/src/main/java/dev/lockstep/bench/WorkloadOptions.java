package dev.lockstep.bench;

import picocli.CommandLine.Option;

import java.util.Locale;
import java.util.Map;

/// The options of `lockstep bench` that say what is asked of the service.
final class WorkloadOptions {

    private static final int MOST_KEYS = 10_000_000;

    @Option(
            names = "--reads",
            paramLabel = "PERCENT",
            defaultValue = "0",
            description = "Share of linearizable reads. Default: ${DEFAULT-VALUE}")
    private int reads;

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Keys, drawn uniformly. Default: ${DEFAULT-VALUE}")
    private int keys = 10_000;

    @Option(
            names = "--key-bytes",
            paramLabel = "N",
            defaultValue = "16",
            description = "Default: ${DEFAULT-VALUE}")
    private int keyBytes = 16;

    @Option(
            names = "--value-bytes",
            paramLabel = "N",
            defaultValue = "128",
            description = "Default: ${DEFAULT-VALUE}")
    private int valueBytes = 128;

    /// What is wrong with these options; empty if nothing is.
    String problem() {
        if (reads < 0 || reads > 100) {
            return "--reads is a percentage, not " + reads;
        }
        if (keys < 1 || keys > MOST_KEYS) {
            return "--keys is from 1 to " + MOST_KEYS + ", not " + keys;
        }
        if (keyBytes < Integer.toString(keys - 1).length()) {
            return "--key-bytes " + keyBytes + " is too little for " + keys + " keys";
        }
        return valueBytes < 0 ? "--value-bytes must not be negative: " + valueBytes : "";
    }

    /// @param hotPercent so many of a hundred requests are of one key
    Workload workload(int hotPercent) {
        return new Workload(keys, keyBytes, valueBytes, reads, hotPercent, 1);
    }

    int reads() {
        return reads;
    }

    int keys() {
        return keys;
    }

    int valueBytes() {
        return valueBytes;
    }

    /// For a headline.
    String words() {
        return String.format(
                Locale.ROOT,
                "%d keys of %d bytes, values of %d bytes, %d%% reads",
                keys,
                keyBytes,
                valueBytes,
                reads);
    }

    /// For scripts.
    void describe(Map<String, Object> all) {
        all.put("readPercent", reads);
        all.put("keys", keys);
        all.put("keyBytes", keyBytes);
        all.put("valueBytes", valueBytes);
    }
}
