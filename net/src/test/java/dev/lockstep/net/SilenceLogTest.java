package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Who never greets cannot fill the log.
class SilenceLogTest {

    private final List<String> lines = new ArrayList<>();
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private final SilenceLog log = new SilenceLog(lines::add, later::add);

    @Test
    void theFirstIsToldAtOnce() {
        log.onSilent("/10.0.0.1:7");
        assertThat(lines)
                .containsExactly("closing the connection of /10.0.0.1:7: no greeting within 5 s");
    }

    @Test
    void thoseThatFollowAreOneLineAnInterval() {
        for (int i = 0; i < 1_000; i++) {
            log.onSilent("/10.0.0.1:" + i);
        }
        assertThat(lines).hasSize(1);
        later.remove().run();
        assertThat(lines).hasSize(2);
        assertThat(lines.getLast())
                .contains("closed 999 more connections without")
                .endsWith("/10.0.0.1:999");
        log.onSilent("/10.0.0.2:1");
        assertThat(lines).hasSize(2);
        later.remove().run();
        assertThat(lines.getLast()).contains("closed 1 more connection without");
    }

    @Test
    void anIntervalWithoutAnyEndsIt() {
        log.onSilent("/10.0.0.1:1");
        later.remove().run();
        assertThat(lines).hasSize(1);
        assertThat(later).isEmpty();
        log.onSilent("/10.0.0.1:2");
        assertThat(lines).hasSize(2).last().asString().contains("/10.0.0.1:2");
    }
}
