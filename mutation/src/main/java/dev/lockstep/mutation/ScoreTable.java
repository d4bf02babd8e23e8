package dev.lockstep.mutation;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The table of one protocol's mistakes in `docs/mutation-score.md`: a section of that page, which
/// is read back, so that mistakes that are not counted again keep their rows.
final class ScoreTable {

    private static final String HEAD =
            """
            | mistake | noticed | seeds, mean | seeds, worst | the promise that is mostly seen broken |
            |---|---|---|---|---|
            """;

    private static final Pattern ROW =
            Pattern.compile(
                    "\\| (\\w+) \\| (\\d+) of (\\d+) \\| ([\\d.]+|–) \\| (\\d+|–) \\| (.*) \\|");

    /// What came of one mistake.
    ///
    /// @param noticed in so many trials
    /// @param trials of so many
    /// @param mean seeds that a trial took that noticed it; 0 if none did
    /// @param worst the most seeds that one took
    /// @param remark which promise was mostly seen broken; or what notices it else
    record Row(String mistake, int noticed, int trials, double mean, long worst, String remark) {

        String text() {
            return noticed == 0
                    ? "| %s | 0 of %d | – | – | %s |".formatted(mistake, trials, remark)
                    : String.format(
                            Locale.ROOT,
                            "| %s | %d of %d | %.1f | %d | %s |",
                            mistake,
                            noticed,
                            trials,
                            mean,
                            worst,
                            remark);
        }

        static @Nullable Row parse(String line) {
            Matcher row = ROW.matcher(line);
            if (!row.matches()) {
                return null;
            }
            boolean isNoticed = !row.group(4).equals("–");
            return new Row(
                    row.group(1),
                    Integer.parseInt(row.group(2)),
                    Integer.parseInt(row.group(3)),
                    isNoticed ? Double.parseDouble(row.group(4)) : 0,
                    isNoticed ? Long.parseLong(row.group(5)) : 0,
                    row.group(6));
        }
    }

    private final String title;

    /// By mistake, in the order in which the page is to have them.
    private final List<String> order;

    private final Map<String, Row> rows = new TreeMap<>();

    /// @param order all mistakes; rows of others are left out
    ScoreTable(String title, List<String> order) {
        this.title = "## " + title;
        this.order = List.copyOf(order);
    }

    /// Takes over the rows of the section with this title, if the page has one.
    void read(String page) {
        boolean isHere = false;
        for (String line : page.lines().toList()) {
            isHere = line.startsWith("## ") ? line.equals(title) : isHere;
            Row row = isHere ? Row.parse(line) : null;
            if (row != null) {
                rows.put(row.mistake(), row);
            }
        }
    }

    void put(Row row) {
        rows.put(row.mistake(), row);
    }

    boolean has(String mistake) {
        return rows.containsKey(mistake);
    }

    /// The page with this section in the place of the one with its title, or behind all others.
    String write(String page) {
        StringBuilder written = new StringBuilder();
        boolean isOld = false;
        boolean isWritten = false;
        for (String line : page.lines().toList()) {
            isOld = line.startsWith("## ") ? line.equals(title) : isOld;
            if (!isOld) {
                written.append(line).append('\n');
            } else if (!isWritten) {
                isWritten = true;
                written.append(section()).append('\n');
            }
        }
        if (!isWritten) {
            written.append('\n').append(section());
        }
        return written.toString().strip() + "\n";
    }

    private String section() {
        List<Row> all = new ArrayList<>();
        for (String mistake : order) {
            Row row = rows.get(mistake);
            if (row != null) {
                all.add(row);
            }
        }
        long always = all.stream().filter(row -> row.noticed() == row.trials()).count();
        long trials = all.stream().mapToLong(Row::noticed).sum();
        double seeds = all.stream().mapToDouble(row -> row.mean() * row.noticed()).sum();
        StringBuilder section = new StringBuilder(title).append("\n\n");
        section.append(
                "%d of %d mistakes are noticed in every trial".formatted(always, all.size()));
        if (trials > 0) {
            section.append(
                    String.format(
                            Locale.ROOT,
                            "; a trial that notices takes %.1f seeds on average",
                            seeds / trials));
        }
        section.append(".\n\n").append(HEAD);
        all.forEach(row -> section.append(row.text()).append('\n'));
        return section.toString();
    }
}
