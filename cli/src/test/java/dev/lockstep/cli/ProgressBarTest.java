package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.PrintWriter;
import java.io.StringWriter;

/// What a terminal is shown while something takes long.
final class ProgressBarTest {

    private final StringWriter out = new StringWriter();

    @Test
    void it_is_drawn_over_and_left_for_what_follows() {
        ProgressBar bar = ProgressBar.always(new PrintWriter(out));
        bar.show("snapshot", 1, 2);
        bar.show("snapshot", 1, 1_000_000);
        bar.show("snapshot", 2, 2);
        bar.end();
        bar.end();
        assertThat(out.toString().lines().toList())
                .containsExactly(
                        "",
                        "snapshot  [###############---------------]  50 %",
                        "snapshot  [##############################] 100 %");
    }

    @Test
    void nothing_to_do_is_all_of_it() {
        ProgressBar bar = ProgressBar.always(new PrintWriter(out));
        bar.show("history", 0, 0);
        assertThat(out.toString()).contains("100 %");
    }
}
