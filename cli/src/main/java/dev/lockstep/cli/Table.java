package dev.lockstep.cli;

import java.util.ArrayList;
import java.util.List;

/// Rows of text in columns that are as wide as they must be.
public final class Table {

    private final List<List<String>> rows = new ArrayList<>();

    /// A table with these columns.
    public Table(String... headings) {
        rows.add(List.of(headings));
    }

    /// Adds a row with a cell for each column.
    public void row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell.toString());
        }
        if (row.size() != rows.getFirst().size()) {
            throw new IllegalArgumentException("a row of " + row.size() + " cells: " + row);
        }
        rows.add(row);
    }

    /// The table with two spaces before and between the columns, a line each.
    public List<String> lines() {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append("  ").append(row.get(i));
                line.append(" ".repeat(widths[i] - row.get(i).length()));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
