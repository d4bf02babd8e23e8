package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class TableTest {

    @Test
    void columns_are_as_wide_as_they_must_be() {
        Table table = new Table("id", "role");
        table.row(1, "leader");
        table.row(1000, "-");
        assertThat(table.lines()).containsExactly("  id    role", "  1     leader", "  1000  -");
    }

    @Test
    void a_row_has_a_cell_for_each_column() {
        Table table = new Table("id", "role");
        assertThatThrownBy(() -> table.row(1)).isInstanceOf(IllegalArgumentException.class);
    }
}
