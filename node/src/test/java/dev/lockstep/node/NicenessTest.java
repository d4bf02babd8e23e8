package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

class NicenessTest {

    /// Only the thread that asks for it, and not the process.
    @Test
    @EnabledOnOs(OS.LINUX)
    void aThreadGivesWayAndNoOtherDoes() throws InterruptedException {
        assertThat(Niceness.isSupported()).isTrue();
        int before = niceness();
        AtomicInteger lowered = new AtomicInteger(Integer.MIN_VALUE);
        Thread thread =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    Niceness.lowerOwn();
                                    lowered.set(niceness());
                                });
        thread.join();
        assertThat(lowered).hasValue(Niceness.OF_BACKGROUND);
        assertThat(niceness()).isEqualTo(before).isLessThan(Niceness.OF_BACKGROUND);
    }

    /// The 19th field of proc(5)'s `stat`; the second is a name in parentheses.
    private static int niceness() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Integer.parseInt(fields[16]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
