package dev.lockstep.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

/// A section of the page is written in its place, and what was not counted again stays.
class ScoreTableTest {

    private static final String PAGE =
            """
            # Page

            Words.

            ## One

            1 of 2 mistakes are noticed in every trial; a trial that notices takes 4.0 seeds on average.

            | mistake | noticed | seeds, mean | seeds, worst | the promise that is mostly seen broken |
            |---|---|---|---|---|
            | A | 3 of 3 | 4.0 | 7 | agreement |
            | B | 0 of 3 | – | – | by its own schedule |

            ## Two

            Others.
            """;

    @Test
    void what_is_read_is_written_again() {
        ScoreTable table = new ScoreTable("One", List.of("A", "B"));
        table.read(PAGE);
        assertThat(table.write(PAGE)).isEqualTo(PAGE);
    }

    @Test
    void a_row_takes_the_place_of_the_one_before_and_the_mean_is_one_of_trials() {
        ScoreTable table = new ScoreTable("One", List.of("B", "A"));
        table.read(PAGE);
        table.put(new ScoreTable.Row("B", 1, 2, 10, 10, "reads"));
        assertThat(table.write(PAGE))
                .contains("1 of 2 mistakes are noticed in every trial")
                .contains("takes 5.5 seeds")
                .containsSubsequence(
                        "| B | 1 of 2 | 10.0 | 10 | reads |",
                        "| A | 3 of 3 | 4.0 | 7 | agreement |",
                        "## Two")
                .doesNotContain("by its own schedule");
    }

    @Test
    void a_mistake_that_is_none_any_more_has_no_row() {
        ScoreTable table = new ScoreTable("One", List.of("A"));
        table.read(PAGE);
        assertThat(table.has("A")).isTrue();
        assertThat(table.write(PAGE)).contains("| A |").doesNotContain("| B |");
    }

    @Test
    void a_new_section_comes_last() {
        ScoreTable table = new ScoreTable("Three", List.of("C"));
        table.read(PAGE);
        table.put(new ScoreTable.Row("C", 0, 20, 0, 0, "–"));
        assertThat(table.write(PAGE))
                .startsWith(PAGE.strip())
                .endsWith("| C | 0 of 20 | – | – | – |\n")
                .contains("## Three\n\n0 of 1 mistakes are noticed in every trial.\n");
    }
}
