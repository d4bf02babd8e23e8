package dev.lockstep.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.cli.OperatorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a soak does to the directory that it is given.
final class RunDirectoryTest {

    @TempDir private Path root;

    private Path write(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "precious");
    }

    /// A cluster's own directory looks like a soak's but for one thing; `demo` has its lock too.
    @ParameterizedTest
    @ValueSource(strings = {"cluster.yaml", "data/1/identity", "log/replica-1.log", "copy/a"})
    void what_no_soak_has_made_is_not_removed(String name) throws Exception {
        Path theirs = write(name);
        Files.createFile(root.resolve("lock"));

        assertThatThrownBy(() -> new RunDirectory(root))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is not of a soak, which would remove it")
                .hasMessageContaining("--directory");

        assertThat(theirs).hasContent("precious");
    }

    @Test
    void what_a_soak_has_left_goes_and_everything_else_stays() throws Exception {
        Path stranger = write("notes.txt");
        for (int run = 1; run <= 2; run++) {
            try (RunDirectory directory = new RunDirectory(root)) {
                assertThat(directory.clusterFile()).doesNotExist();
                assertThat(directory.data()).doesNotExist();
                assertThat(directory.clock(1)).doesNotExist();
                write("cluster.yaml");
                write("data/1/identity");
                write("clock/1");
            }
        }
        assertThat(stranger).hasContent("precious");
    }
}
