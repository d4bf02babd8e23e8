package dev.lockstep.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What was measured, for people and for scripts.
final class BenchReport {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] HEADINGS = {
        "in flight", "per second", "p50 µs", "p99 µs", "p99.9 µs", "max µs", "CPU s/million"
    };

    private BenchReport() {}

    static List<String> table(List<Measurement> levels) {
        List<String[]> rows = new ArrayList<>();
        rows.add(HEADINGS);
        for (Measurement level : levels) {
            if (!level.isMeasured()) {
                rows.add(new String[] {number(level.inFlight()), "-", "-", "-", "-", "-", "-"});
                continue;
            }
            rows.add(
                    new String[] {
                        number(level.inFlight()),
                        number(level.perSecond()),
                        number(level.p50Micros()),
                        number(level.p99Micros()),
                        number(level.p999Micros()),
                        number(level.maxMicros()),
                        level.cpuPerMillion() < 0
                                ? "-"
                                : String.format(Locale.ROOT, "%.2f", level.cpuPerMillion())
                    });
        }
        return aligned(rows);
    }

    /// The same, with a column for the order and what each is to the first one.
    static List<String> comparison(Map<Integer, Map<String, Measurement>> levels) {
        List<String[]> rows = new ArrayList<>();
        rows.add(
                new String[] {
                    "in flight",
                    "order",
                    "per second",
                    "of the first",
                    "p50 µs",
                    "p99 µs",
                    "CPU s/million",
                    "of the first"
                });
        levels.forEach(
                (inFlight, orders) -> {
                    Measurement first = orders.values().iterator().next();
                    orders.forEach((order, level) -> rows.add(compared(order, level, first)));
                });
        return aligned(rows);
    }

    private static String[] compared(String order, Measurement level, Measurement first) {
        String none = "-";
        if (!level.isMeasured()) {
            return new String[] {
                number(level.inFlight()), order, none, none, none, none, none, none
            };
        }
        boolean hasCpu = level.cpuPerMillion() > 0 && first.cpuPerMillion() > 0;
        return new String[] {
            number(level.inFlight()),
            order,
            number(level.perSecond()),
            first.isMeasured() ? ratio(level.perSecond() / first.perSecond()) : none,
            number(level.p50Micros()),
            number(level.p99Micros()),
            level.cpuPerMillion() < 0 ? none : ratio(level.cpuPerMillion()),
            hasCpu ? ratio(level.cpuPerMillion() / first.cpuPerMillion()) : none
        };
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /// Each row a line, the columns as wide as they need to be.
    static List<String> aligned(List<String[]> rows) {
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append("  ").append(" ".repeat(widths[i] - row[i].length())).append(row[i]);
            }
            lines.add(line.toString());
        }
        return lines;
    }

    /// A sentence for each level of which some windows say nothing.
    ///
    /// @param windows how many each level had
    static List<String> cutOff(List<Measurement> levels, int windows) {
        List<String> sentences = new ArrayList<>();
        for (Measurement level : levels) {
            int empty = level.emptyWindows();
            if (empty > 0) {
                sentences.add(
                        level.isMeasured()
                                ? "%s in flight was cut off: %d of %d windows had no answer, the figures are of the others."
                                        .formatted(number(level.inFlight()), empty, windows)
                                : "%s in flight was cut off: no window had an answer, so there are no figures; see whether the cluster runs."
                                        .formatted(number(level.inFlight())));
            }
        }
        return sentences;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    static Map<String, Object> asJson(Measurement level) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("inFlight", level.inFlight());
        fields.put("sessions", level.sessions());
        if (level.isMeasured()) {
            fields.put("perSecond", rounded(level.perSecond()));
            fields.put("p50Micros", rounded(level.p50Micros()));
            fields.put("p99Micros", rounded(level.p99Micros()));
            fields.put("p999Micros", rounded(level.p999Micros()));
            fields.put("maxMicros", rounded(level.maxMicros()));
            if (level.cpuPerMillion() >= 0) {
                fields.put("cpuSecondsPerMillion", rounded(level.cpuPerMillion()));
            }
        }
        if (level.emptyWindows() > 0) {
            fields.put("windowsWithoutAnswer", level.emptyWindows());
        }
        fields.put("failed", level.failed());
        return fields;
    }

    static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }

    static String json(Map<String, Object> value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a JSON value: " + value, e);
        }
    }
}
