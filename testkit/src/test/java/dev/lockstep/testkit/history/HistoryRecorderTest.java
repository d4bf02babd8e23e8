package dev.lockstep.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

class HistoryRecorderTest {

    @TempDir Path directory;

    @Test
    void recordsWhatReturnedAndWhatIsUnknownAndForgetsWhatHadNoEffect() {
        AtomicLong clock = new AtomicLong();
        HistoryRecorder recorder = new HistoryRecorder(clock::incrementAndGet);
        HistoryRecorder.Call set = recorder.invoke(5, "a", "set", "1");
        HistoryRecorder.Call get = recorder.invoke(0, "a", "get", "");
        HistoryRecorder.Call refused = recorder.invoke(5, "a", "set", "2");
        refused.hadNoEffect();
        set.returned("ok");
        assertThat(recorder.operations())
                .containsExactly(
                        new Operation(5, "a", "set", "1", "ok", 1, 4),
                        Operation.unknown(0, "a", "get", "", 2));
        get.returned("1");
        assertThatThrownBy(() -> get.returned("2")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void isSharedByThreads() throws InterruptedException {
        HistoryRecorder recorder = new HistoryRecorder();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int n = 0; n < 1_000; n++) {
                                            recorder.invoke(0, "a", "get", "").returned("1");
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(recorder.operations()).hasSize(4_000).allMatch(Operation::isComplete);
    }

    @Test
    void writesAndReadsEveryField() throws IOException {
        List<Operation> history =
                List.of(
                        new Operation(-1, "key\t1", "set", "a\\b\nc\r", "ok", 1, 2),
                        new Operation(0, "", "get", "", "", 3, 3),
                        Operation.unknown(7, "k", "add", "-5", 4));
        Path file = directory.resolve("history.txt");
        HistoryFile.write(file, history);
        assertThat(Files.readAllLines(file)).hasSize(4);
        assertThat(HistoryFile.read(file)).isEqualTo(history);
    }

    @Test
    void namesTheLineThatIsNoOperation() throws IOException {
        Path file = directory.resolve("broken.txt");
        Files.writeString(file, "# comment\n1\t2\t0\tk\tget\t\t1\nnonsense\n");
        assertThatThrownBy(() -> HistoryFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 3");
    }
}
