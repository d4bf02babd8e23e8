package dev.lockstep.testkit.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class TranscriptTest {

    private static final String GOOD =
            """
            # Sums
            ## From nothing

            > add 2
            > add 3
            2
            5

            # Nothing is said of this one.

            > hush

            > add 4
            9
            """;

    @TempDir Path directory;

    /// Adds up.
    private static final class Sums implements Interpreter {
        private int sum;

        @Override
        public List<String> run(Command command) {
            return switch (command.name()) {
                case "add" -> {
                    sum += command.number(0, "what to add", 0, 9);
                    command.requireAtMost(1);
                    yield List.of(Integer.toString(sum));
                }
                case "hush" -> List.of();
                case "say" -> List.of(command.word(0, "what to say"));
                case "break" -> throw new IllegalStateException("broken");
                default -> throw new BadCommandException("no such command: " + command.name());
            };
        }
    }

    private static void check(String text) {
        Transcript.parse("sums.txt", text).check(new Sums());
    }

    @Test
    void whatComesOfCommandsIsCompared() {
        check(GOOD);
        assertThatThrownBy(() -> check(GOOD.replace("5\n", "6\n7\n")))
                .isInstanceOf(TranscriptFailure.class)
                .hasMessageContainingAll(
                        "sums.txt:7: another outcome",
                        "  > add 2\n  > add 3\n  2\n- 6\n- 7\n+ 5\n",
                        "-Dscenario.rewrite=true");
    }

    @Test
    void linesTooManyOrTooFewAreDifferences() {
        assertThatThrownBy(() -> check(GOOD.replace("> hush\n", "> hush\nwell\n")))
                .hasMessageContaining("sums.txt:12: another outcome");
        assertThatThrownBy(() -> check(GOOD.replace("\n9\n", "\n")))
                .hasMessageContaining("sums.txt:14: another outcome")
                .hasMessageContaining("+ 9");
    }

    @Test
    void aMistakeInTheTranscriptIsNamedWithItsLine() {
        assertThatThrownBy(() -> check("> add 1\n> subtract 1\n"))
                .isInstanceOf(TranscriptFailure.class)
                .hasMessage("sums.txt:2: > subtract 1\nno such command: subtract");
        assertThatThrownBy(() -> check("> add one\n"))
                .hasMessageContaining("sums.txt:1")
                .hasMessageContaining("what to add is a number from 0 to 9, not one");
        assertThatThrownBy(() -> check("> add\n")).hasMessageContaining("add lacks what to add");
        assertThatThrownBy(() -> check("> add 1 2\n")).hasMessageContaining("what this is: 2");
        assertThatThrownBy(() -> check("> say \"a\n")).hasMessageContaining("does not end");
        assertThatThrownBy(() -> check("> break\n"))
                .hasMessageContaining("sums.txt:1")
                .hasRootCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatIsNoTranscriptIsNamedWithItsLine() {
        assertThatThrownBy(() -> check("\n# a\nb\n")).hasMessageContaining("sums.txt:3");
        assertThatThrownBy(() -> check("> add 1\n1\n> add 2\n3\n"))
                .hasMessageContaining("sums.txt:3: leave a line blank");
        assertThatThrownBy(() -> check("> add 1\n1\n# prose\n"))
                .hasMessageContaining("sums.txt:3: leave a line blank");
        assertThatThrownBy(() -> check("# nothing\n")).hasMessageContaining("no command");
    }

    @Test
    void whatCouldNotBeReadBackIsRefused() {
        assertThatThrownBy(() -> check("> say \"\"\n")).hasMessageContaining("cannot have");
        assertThatThrownBy(() -> check("> say \"> a\"\n")).hasMessageContaining("cannot have");
        assertThatThrownBy(() -> check("> say #a\n")).hasMessageContaining("cannot have");
        check("> say \"a > b\"\na > b\n");
    }

    @Test
    void rewritingKeepsProseAndIsIdempotent() {
        String wrong = GOOD.replace("5\n", "").replace("> hush\n", "> hush\nwell\n");
        String once = Transcript.parse("sums.txt", wrong).rewritten(new Sums());
        assertThat(once).isEqualTo(GOOD);
        assertThat(Transcript.parse("sums.txt", once).rewritten(new Sums())).isEqualTo(GOOD);
    }

    @Test
    void aFileIsRewrittenOnlyWhenAskedFor() throws IOException {
        Path file = directory.resolve("sums.txt");
        Files.writeString(file, GOOD.replace("9\n", "8\n"));
        assertThatThrownBy(() -> Transcript.check(file, new Sums()))
                .hasMessageContaining("sums.txt:14")
                .hasMessageContaining("- 8\n+ 9");
        assertThat(file).hasContent(GOOD.replace("9\n", "8\n"));
        System.setProperty(Transcript.REWRITE_PROPERTY, "true");
        try {
            Transcript.check(file, new Sums());
        } finally {
            System.clearProperty(Transcript.REWRITE_PROPERTY);
        }
        assertThat(Files.readString(file)).isEqualTo(GOOD);
        Transcript.check(file, new Sums());
    }

    @Test
    void wordsAreNumbersDurationsAndSettings() {
        Command command = Command.parse("go  \"a b\" 150ms 2s x=1 y=a=b");
        assertThat(command.name()).isEqualTo("go");
        assertThat(command.word(0, "text")).isEqualTo("a b");
        assertThat(command.nanos(1, "time")).isEqualTo(150_000_000L);
        assertThat(command.nanos(2, "time")).isEqualTo(2_000_000_000L);
        assertThat(command.settings(3)).containsEntry("x", "1").containsEntry("y", "a=b");
        assertThatThrownBy(() -> command.nanos(0, "time")).hasMessageContaining("a duration");
        assertThatThrownBy(() -> Command.parse("go ms").nanos(0, "time"))
                .isInstanceOf(BadCommandException.class);
        assertThatThrownBy(() -> Command.parse("go a=1 a=2").settings(0))
                .hasMessageContaining("said twice");
    }
}
