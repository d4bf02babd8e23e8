package dev.lockstep.fuzz;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/// What Jazzer calls: the first byte of an input says for which target the rest is, so that one
/// process fuzzes all of them and starts once.
public final class FuzzDriver {

    /// Names the only target to be fuzzed, if there is one.
    static final String TARGET = "fuzz.target";

    /// Names the file that [#fuzzerTearDown] writes.
    static final String REPORT = "fuzz.report";

    private static final @Nullable Target ONLY =
            System.getProperty(TARGET) == null ? null : Targets.named(System.getProperty(TARGET));

    private static final Count[] COUNTS = new Count[Targets.ALL.size()];

    /// What one target has had.
    private static final class Count {
        private long executions;
        private long taken;
        private long nanos;
    }

    private FuzzDriver() {}

    /// Called before the first input.
    public static void fuzzerInitialize() {
        Arrays.setAll(COUNTS, ignored -> new Count());
    }

    /// Called for every input.
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (input.length == 0) {
            return;
        }
        Target target = targetOf(input);
        Count count = COUNTS[Targets.ALL.indexOf(target)];
        long began = System.nanoTime();
        boolean taken = Measured.takes(target, Arrays.copyOfRange(input, 1, input.length));
        count.nanos += System.nanoTime() - began;
        count.executions++;
        count.taken += taken ? 1 : 0;
    }

    /// Called after the last input, also after a finding.
    public static void fuzzerTearDown() {
        String report = System.getProperty(REPORT);
        if (report == null) {
            return;
        }
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < COUNTS.length; i++) {
            Count count = COUNTS[i];
            lines.append(
                    String.format(
                            Locale.ROOT,
                            "%s\t%d\t%d\t%.3f%n",
                            Targets.ALL.get(i).name(),
                            count.executions,
                            count.taken,
                            count.nanos / 1e9));
        }
        try {
            Files.writeString(Path.of(report), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The target of an input that is not empty.
    static Target targetOf(byte[] input) {
        return ONLY == null ? Targets.ALL.get((input[0] & 0xff) % Targets.ALL.size()) : ONLY;
    }

    /// A seed as the fuzzer takes it.
    static byte[] input(Target target, byte[] seed) {
        byte[] input = new byte[seed.length + 1];
        input[0] = (byte) Targets.ALL.indexOf(target);
        System.arraycopy(seed, 0, input, 1, seed.length);
        return input;
    }
}
