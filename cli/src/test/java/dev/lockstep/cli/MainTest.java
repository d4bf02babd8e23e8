package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

final class MainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine lockstep = Main.commandLine();
        lockstep.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return lockstep.execute(arguments);
    }

    @Test
    void an_unknown_option_is_a_sentence_and_exit_code_2() {
        assertThat(run("version", "--jsno")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("'--jsno'").contains("--json").doesNotContain("\tat ");
    }

    @Test
    void an_unknown_command_is_a_sentence_and_exit_code_2() {
        assertThat(run("dmeo")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .startsWith("lockstep: there is no command 'dmeo'.")
                .doesNotContain("\tat ");
    }

    @Test
    void a_soak_without_any_fault_is_a_sentence_and_exit_code_2() {
        assertThat(run("soak", "--faults", ",")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--faults names none").doesNotContain("\tat ");
    }

    @Test
    void a_drawing_that_cannot_be_written_is_refused_before_minutes_have_passed() {
        assertThat(run("soak", "--draw-disks", "/no/where.svg")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString())
                .contains("the drawing cannot be written to /no/where.svg: there is no directory")
                .doesNotContain("\tat ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void options_that_exclude_each_other_are_a_sentence_and_exit_code_2() {
        assertThat(run("restore", "monday", "--position", "9", "--until", "2026-11-27T10:00:00Z"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .startsWith("lockstep: --position=P, --until=TIME are mutually exclusive")
                .doesNotContain("\tat ");
    }

    @Test
    void no_command_at_all_is_a_sentence_and_exit_code_2() {
        assertThat(run()).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("lockstep demo");
    }

    @Test
    void every_command_explains_itself() {
        for (String name : Main.commandLine().getSubcommands().keySet()) {
            out.getBuffer().setLength(0);
            assertThat(run(name, "--help")).as(name).isZero();
            assertThat(out.toString()).as(name).contains("Usage:").hasSizeGreaterThan(100);
        }
    }

    /// A longer line of a footer would be broken, and its table with it.
    @Test
    void examples_fit_a_terminal() {
        CommandLine lockstep = Main.commandLine();
        List<CommandLine> all = new ArrayList<>(lockstep.getSubcommands().values());
        all.add(lockstep);
        for (CommandLine command : all) {
            assertThat(command.getCommandSpec().usageMessage().footer())
                    .as(command.getCommandName())
                    .allSatisfy(line -> assertThat(line).hasSizeLessThan(80));
        }
    }

    @Test
    void version_is_that_of_the_build() {
        assertThat(run("version", "--json")).isZero();
        assertThat(out.toString())
                .contains("\"lockstep\":\"0.")
                .doesNotContain("${")
                .startsWith("{")
                .endsWith("}" + System.lineSeparator());
    }
}
