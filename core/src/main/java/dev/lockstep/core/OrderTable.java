package dev.lockstep.core;

import java.util.List;

/// What a protocol is ordering, as one would draw it on a board: a row each, in the words of the
/// protocol.
///
/// @param columns what stands in each column
/// @param rows the last that are done first, then those under way, in the order in which they come
///     as far as that is known; as many cells each as there are columns
public record OrderTable(List<String> columns, List<List<String>> rows) {

    /// Nothing to draw.
    public static final OrderTable NONE = new OrderTable(List.of(), List.of());

    public OrderTable {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "a row of %d cells under %d columns: %s"
                                .formatted(row.size(), columns.size(), row));
            }
        }
    }
}
