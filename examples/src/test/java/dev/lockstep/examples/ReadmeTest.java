package dev.lockstep.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What README.md and docs/simulator.md show is what is compiled and run here.
final class ReadmeTest {

    static final Path ROOT = Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    private static final Path SOURCES =
            ROOT.resolve("examples/src/main/java/dev/lockstep/examples");

    private static List<List<String>> javaBlocks(String page) throws IOException {
        return blocks(page, "java");
    }

    /// The blocks of a page in a language, each a list of lines.
    static List<List<String>> blocks(String page, String language) throws IOException {
        List<List<String>> blocks = new ArrayList<>();
        List<String> block = null;
        for (String line : Files.readAllLines(ROOT.resolve(page))) {
            if (block != null && line.equals("```")) {
                blocks.add(block);
                block = null;
            } else if (block != null) {
                block.add(line);
            } else if (line.equals("```" + language)) {
                block = new ArrayList<>();
            }
        }
        return blocks;
    }

    @Test
    void the_counter_is_the_example_and_at_most_40_lines() throws IOException {
        List<String> source =
                new ArrayList<>(Files.readAllLines(SOURCES.resolve("CounterMachine.java")));
        // The package is ours, not the reader's.
        source.subList(0, 2).clear();
        assertThat(javaBlocks("README.md").getFirst())
                .isEqualTo(source)
                .hasSizeLessThanOrEqualTo(40);
    }

    @Test
    void the_simulated_counter_is_a_test_here() throws IOException {
        List<String> source =
                new ArrayList<>(
                        Files.readAllLines(
                                ROOT.resolve("examples/src/test/java/dev/lockstep/examples")
                                        .resolve("CounterSimulationTest.java")));
        source.subList(0, 2).clear();
        assertThat(javaBlocks("docs/simulator.md")).containsExactly(source);
    }

    @Test
    void every_other_piece_of_java_is_in_an_example() throws IOException {
        String sources = "";
        try (var files = Files.newDirectoryStream(SOURCES, "*.java")) {
            for (Path file : files) {
                sources += Files.readString(file).replaceAll("\\s+", " ");
            }
        }
        assertThat(javaBlocks("README.md")).hasSizeGreaterThan(1);
        for (List<String> block : javaBlocks("README.md")) {
            assertThat(sources).contains(String.join(" ", block).replaceAll("\\s+", " ").strip());
        }
    }

    @Test
    void both_commands_are_there_exactly() throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("README.md"));
        assertThat(lines).anyMatch(line -> line.matches("\\./lockstep demo(?:\\s+#.*)?"));
        assertThat(lines).anyMatch(line -> line.matches("mvn verify(?:\\s+#.*)?"));
        assertThat(Files.readString(ROOT.resolve(".ci/run"))).contains("mvn -B -ntp verify");
    }
}
