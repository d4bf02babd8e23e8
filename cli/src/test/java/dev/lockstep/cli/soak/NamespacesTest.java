package dev.lockstep.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// That what is cut is cut, and what is full is full: where this user may do either.
final class NamespacesTest {

    private static final long DISK_BYTES = 4 << 20;

    @TempDir private Path directory;

    private Namespaces namespaces;

    @BeforeEach
    void create() throws Exception {
        String obstacle = Namespaces.obstacle();
        assumeTrue(obstacle.isEmpty(), obstacle);
        namespaces = Namespaces.create(2);
    }

    @AfterEach
    void close() {
        if (namespaces != null) {
            namespaces.close();
        }
    }

    private void inside(int id, String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(namespaces.entry(id));
        words.addAll(List.of(command));
        Tool.run(words);
    }

    @Test
    void a_replica_whose_cable_is_pulled_reaches_nobody() throws Exception {
        String here = namespaces.host(254);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName(here))) {
            String connect = "exec 3<>/dev/tcp/" + here + "/" + server.getLocalPort();
            inside(1, "timeout", "30", "bash", "-c", connect);
            namespaces.setConnected(1, false);
            assertThatThrownBy(() -> inside(1, "timeout", "1", "bash", "-c", connect))
                    .isInstanceOf(IOException.class);
            inside(2, "timeout", "30", "bash", "-c", connect);
            namespaces.setConnected(1, true);
            inside(1, "timeout", "30", "bash", "-c", connect);
        }
    }

    @Test
    void a_cut_may_be_in_one_direction() throws Exception {
        inside(1, "ip", "route", "get", namespaces.host(2));
        namespaces.setHeard(1, 2, false);
        assertThatThrownBy(() -> inside(1, "ip", "route", "get", namespaces.host(2)))
                .isInstanceOf(IOException.class);
        inside(2, "ip", "route", "get", namespaces.host(1));
        namespaces.setHeard(1, 2, true);
        inside(1, "ip", "route", "get", namespaces.host(2));
    }

    @Test
    void a_disk_that_is_full_takes_no_more_and_one_that_has_room_again_does() throws Exception {
        namespaces.mountDisk(2, directory, DISK_BYTES);
        Path file = namespaces.outside(2, directory).resolve("file");
        byte[] content = new byte[(int) DISK_BYTES / 4];
        Files.write(file, content);
        assertThat(directory.resolve("file")).as("only replica 2 sees it").doesNotExist();

        namespaces.fillDisk(2, directory, DISK_BYTES / 8);
        assertThatThrownBy(() -> Files.write(file.resolveSibling("more"), content))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left");

        namespaces.emptyDisk(2, directory);
        Files.write(file.resolveSibling("more"), content);
    }

    @Test
    void nothing_is_left_of_them() throws Exception {
        String mine = "lsoak" + ProcessHandle.current().pid();
        assertThat(NetworkInterface.getByName(mine)).isNotNull();
        namespaces.close();
        assertThat(NetworkInterface.getByName(mine)).isNull();
    }
}
