package dev.lockstep.testkit.history;

import dev.lockstep.fuzz.Target;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// The lines of a history's file.
public final class HistoryTarget implements Target {

    /// The target; it has no state.
    public HistoryTarget() {}

    @Override
    public String name() {
        return "history";
    }

    @Override
    public boolean takes(byte[] input) {
        // As the reader of files does, which gives up at the first line that is none.
        return new String(input, StandardCharsets.UTF_8).lines().allMatch(HistoryTarget::takes);
    }

    private static boolean takes(String line) {
        Operation operation;
        try {
            operation = HistoryFile.parse(line);
        } catch (IllegalArgumentException refused) {
            return false;
        }
        Operation again = HistoryFile.parse(HistoryFile.line(operation));
        if (!again.equals(operation)) {
            throw new AssertionError(operation + " written and read again is " + again);
        }
        return true;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("set", bytes(new Operation(7, "k", "set", "5", "ok", 1, 2)));
        seeds.put("escapes", bytes(new Operation(-1, "a\tb", "get", "\\\n\r", "(nil)", 3, 9)));
        seeds.put("unknown", bytes(Operation.unknown(7, "k", "add", "-5", 4)));
        return seeds;
    }

    private static byte[] bytes(Operation operation) {
        return HistoryFile.line(operation).getBytes(StandardCharsets.UTF_8);
    }
}
