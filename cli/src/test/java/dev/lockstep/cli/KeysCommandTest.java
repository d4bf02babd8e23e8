package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// What an operator does with keys, and is told.
final class KeysCommandTest {

    private static final String CLUSTER = "0123456789abcdef0123456789abcdef";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path directory;

    @BeforeEach
    void writeConfiguration() throws IOException {
        configure("cluster: \"" + CLUSTER + "\"", "");
    }

    private void configure(String cluster, String more) throws IOException {
        Files.writeString(
                directory.resolve("cluster.yaml"),
                """
                %s
                signatures: {public-keys: '%s', private-keys: '%s'%s}
                members:
                  - {id: 1, host: h, peer-port: 1, client-port: 2}
                  - {id: 2, host: h, peer-port: 3, client-port: 4}
                """
                        .formatted(
                                cluster,
                                directory.resolve("cluster.keys"),
                                directory.resolve("keys"),
                                more));
    }

    private int run(String what, String... options) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine lockstep = Main.commandLine();
        lockstep.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] arguments = new String[options.length + 4];
        arguments[0] = "keys";
        arguments[1] = what;
        arguments[2] = "--config";
        arguments[3] = directory.resolve("cluster.yaml").toString();
        System.arraycopy(options, 0, arguments, 4, options.length);
        int code = lockstep.execute(arguments);
        assertThat(err.toString()).doesNotContain("\tat ");
        return code;
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out.toString());
    }

    @Test
    void every_member_gets_a_key_once() throws IOException {
        assertThat(run("init")).isZero();
        assertThat(out.toString())
                .contains("Made: replica 1 from 1 key ")
                .contains("Made: replica 2 from 1 key ")
                .contains(directory.resolve("keys/replica-2.key").toString());
        String keys = Files.readString(directory.resolve("cluster.keys"));
        assertThat(run("init")).isZero();
        assertThat(out.toString()).contains("There already: replica 1").doesNotContain("Made");
        assertThat(Files.readString(directory.resolve("cluster.keys"))).isEqualTo(keys);
        assertThat(run("init", "--client", "7,8", "--json")).isZero();
        JsonNode page = json();
        assertThat(page.path("cluster").asText()).isEqualTo(CLUSTER);
        assertThat(page.path("provider").asText()).isEqualTo("accp");
        assertThat(page.path("keys")).hasSize(2);
        assertThat(page.path("keys").path(0).path("role").asText()).isEqualTo("client");
        assertThat(page.path("keys").path(0).path("isNew").asBoolean()).isTrue();
        assertThat(run("show")).isZero();
        assertThat(out.toString())
                .contains("replica 2")
                .contains("client 8")
                .contains("here")
                .contains("digest " + page.path("digest").asText());
    }

    @Test
    void another_key_comes_beside_the_old_one() throws IOException {
        assertThat(run("init", "--id", "1")).isZero();
        assertThat(run("rotate", "--id", "1", "--from-epoch", "5")).isZero();
        assertThat(out.toString()).contains("Made: replica 1 from 5 key ");
        assertThat(run("rotate", "--id", "1", "--from-epoch", "5")).isZero();
        assertThat(out.toString()).contains("There already");
        assertThat(run("show", "--json")).isZero();
        assertThat(json().path("keys")).hasSize(2);
        assertThat(json().path("keys").path(1).path("fromEpoch").asInt()).isEqualTo(5);
        assertThat(run("rotate", "--id", "1", "--from-epoch", "4")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("choose a later epoch");
        assertThat(run("rotate", "--id", "2", "--from-epoch", "4")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("replica 2 has no key yet");
        assertThat(run("rotate", "--from-epoch", "4")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("Say whose key");
    }

    @Test
    void what_is_wrong_is_a_sentence() throws IOException {
        assertThat(run("show")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("there is no file").contains("lockstep keys init");
        assertThat(run("init", "--id", "9")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("Replica 9 is not one of the members");
        assertThat(run("init", "--client", "0")).isEqualTo(ExitCode.USAGE);
        assertThat(run("init", "--from-epoch", "0")).isEqualTo(ExitCode.USAGE);
        configure("", "");
        assertThat(run("init")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("does not say which cluster it is");
        configure("", ", provider: jdk");
        assertThat(run("init")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("a hundred times slower");
    }

    @Test
    void a_key_that_others_can_read_is_complained_of() throws IOException {
        assertThat(run("init")).isZero();
        Files.setPosixFilePermissions(
                directory.resolve("keys/replica-1.key"),
                PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(run("show")).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString()).contains("refused").contains("rw-r--r--").contains("chmod 600");
        assertThat(run("show", "--id", "2")).isZero();
        Files.delete(directory.resolve("keys/replica-2.key"));
        assertThat(run("show", "--id", "2")).isZero();
        assertThat(out.toString()).contains("elsewhere");
        assertThat(run("init", "--id", "2")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("its private half is not here");
    }
}
