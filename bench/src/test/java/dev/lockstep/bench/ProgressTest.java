package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.PrintWriter;
import java.io.StringWriter;

class ProgressTest {

    private final StringWriter said = new StringWriter();
    private long nanos;

    private Progress progress(boolean watched) {
        return new Progress(new PrintWriter(said), watched, () -> nanos);
    }

    @Test
    void whoWatchesSeesOneLineThatChanges() {
        Progress progress = progress(true);
        progress.show("one");
        progress.show("two");
        progress.clear();
        assertThat(said.toString()).isEqualTo("\r\u001b[Kone\r\u001b[Ktwo\r\u001b[K");
    }

    @Test
    void aLogGetsALineNowAndThen() {
        Progress progress = progress(false);
        for (int second = 0; second < 60; second++) {
            progress.show("second " + second);
            nanos += 1_000_000_000L;
        }
        progress.clear();
        assertThat(said.toString().lines()).containsExactly("second 20", "second 40");
    }
}
