package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.xml.parsers.DocumentBuilderFactory;

/// `lockstep check` as somebody at a terminal or a script sees it.
class CheckCommandTest {

    private static final Pattern BLOCK = Pattern.compile("```(\\w+)\n(.*?)```", Pattern.DOTALL);

    @TempDir Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    private Path history = Path.of("");

    @BeforeEach
    void name() {
        history = directory.resolve("history");
    }

    private int run(String... arguments) {
        CommandLine lockstep = Main.commandLine();
        lockstep.setOut(new PrintWriter(out)).setErr(new PrintWriter(errors));
        return lockstep.execute(arguments);
    }

    private int check(String text, String... more) throws IOException {
        Files.writeString(history, text);
        String[] arguments = new String[2 + more.length];
        arguments[0] = "check";
        arguments[1] = history.toString();
        System.arraycopy(more, 0, arguments, 2, more.length);
        return run(arguments);
    }

    /// The blocks of the page in a language, one after the other.
    private static String block(String language, int number) throws IOException {
        Path page = Path.of("..", "docs", "checker.md");
        Matcher blocks = BLOCK.matcher(Files.readString(page));
        int left = number;
        while (blocks.find()) {
            if (blocks.group(1).equals(language) && left-- == 0) {
                return blocks.group(2);
            }
        }
        throw new AssertionError("no block " + number + " of " + language + " in " + page);
    }

    @Test
    void printsWhatThePageSays() throws Exception {
        Path svg = directory.resolve("window.svg");
        int code = check(block("clojure", 0), "--model", "register", "--svg", svg.toString());
        assertThat(out.toString().replace(svg.toString(), "window.svg"))
                .isEqualTo(block("text", 0).replace("\n", System.lineSeparator()));
        assertThat(code).isEqualTo(ExitCode.FAILED);
        Document drawing =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
        assertThat(drawing.getElementsByTagName("g").getLength()).isEqualTo(5);
    }

    @Test
    void aGoodHistoryIsOneLineAndExitCode0() throws Exception {
        String lines = "# lockstep history 1\n1\t4\t1\tx\tset\t1\tok\n2\t3\t2\tx\tget\t\t1\n";
        assertThat(check(lines, "--model", "kv")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).startsWith("Linearizable: 2 operations on 1 key, ");
        assertThat(directory.toFile().list()).containsExactly("history");
    }

    @Test
    void scriptsGetOneObject() throws Exception {
        assertThat(check("1\t2\t1\tx\tread\t\t5\n", "--model", "register", "--json")).isOne();
        JsonNode answer = new ObjectMapper().readTree(out.toString());
        assertThat(answer.get("verdict").asText()).isEqualTo("not linearizable");
        assertThat(answer.get("key").asText()).isEqualTo("x");
        assertThat(answer.get("window")).hasSize(1);
        assertThat(answer.get("statesBefore").get(0).asText()).isEqualTo("(nil)");
    }

    @Test
    void whatIsGivenUpIsUndecidedAndExitCode3() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            lines.append(i + "\t-\t0\tx\tadd\t" + (1 << i) + "\n");
        }
        lines.append("40\t50\t0\tx\tread\t\t-1\n");
        assertThat(check(lines.toString(), "--model", "counter", "--configurations", "1000"))
                .isEqualTo(ExitCode.UNDECIDED);
        assertThat(out.toString())
                .contains("Undecided: the search on key 'x' was given up")
                .contains("--configurations");
    }

    @Test
    void whatCannotBeCheckedIsASentence() throws Exception {
        assertRefused(1, "there is no file nowhere", "check", "nowhere", "--model", "kv");
        assertRefused(
                2, "There is no model 'queue': choose from kv, ", "check", "x", "--model", "queue");
        assertRefused(2, "--model", "check", "x");
        assertRefused(
                2, "There is no format 'xml'", "check", "x", "--model", "kv", "--format", "xml");
        assertRefused(2, "at least 1", "check", "x", "--model", "kv", "--configurations", "0");
        assertThat(check("1\t2\t0\tx\n", "--model", "kv")).isOne();
        assertThat(errors.toString()).contains("line 1: an operation has 6 or 7 fields");
        assertThat(check("{:a", "--model", "kv")).isOne();
        assertThat(errors.toString()).contains("line 1: the file ends in the middle of a value");
        assertThat(check("{:a 1}", "--model", "kv", "--format", "lockstep")).isOne();
        assertThat(check("1\t2\t0\tx\tpush\t1\tok\n", "--model", "kv")).isOne();
        assertThat(errors.toString()).contains("is no history of the model kv: ");
        assertThat(check("1\t2\t0\tx\tadd\tten\t1\n", "--model", "counter")).isOne();
        assertThat(errors.toString()).contains("not a number in add(ten) = 1");
        assertThat(check("1\t-\t0\tx\tset\t1\tok\n", "--model", "kv")).isOne();
        assertThat(errors.toString())
                .contains("unknown outcome, which returns at -, has no result");
        assertThat(errors.toString()).doesNotContain("\tat ");
    }

    /// Redis says `OK`, and no order would explain that.
    /// It may have taken long to find.
    @Test
    void aVerdictThatCannotBeDrawnIsPrinted() throws Exception {
        assertThat(check("1\t2\t0\tx\tget\t\t1\n", "--model", "kv", "--svg", "/no/where")).isOne();
        assertThat(out.toString()).startsWith("Not linearizable: no order explains get() = 1");
        assertThat(errors.toString())
                .contains("cannot write the drawing to /no/where: there is no such file")
                .doesNotContain("\tat ");
        out.getBuffer().setLength(0);
        assertThat(check("1\t2\t0\tx\tset\t1\tok\n", "--model", "kv", "--svg", "/no/where"))
                .isZero();
        assertThat(out.toString()).contains("Nothing is drawn: ");
    }

    @Test
    void aResultThatTheModelDoesNotHaveIsASentence() throws Exception {
        assertThat(check("1\t2\t0\tx\tset\t1\tOK\n", "--model", "kv")).isOne();
        assertThat(errors.toString())
                .contains("is no history of the model kv: set returns ok, unlike set(1) = OK on x")
                .doesNotContain("\tat ");
        for (String line :
                List.of("setnx\t1\tyes", "del\t\ttrue", "append\t1\tlong", "add\tten\t1")) {
            assertThat(check("1\t2\t0\tx\t" + line + "\n", "--model", "kv")).isOne();
        }
        assertThat(check("1\t2\t0\tx\twrite\t1\tdone\n", "--model", "register")).isOne();
        assertThat(check("1\t2\t1\tx\tacquire\t\ttrue\n", "--model", "lock")).isOne();
        assertThat(check("1\t2\t1\tx\tappend\t1\t1\n", "--model", "list-append")).isOne();
        assertThat(out.toString()).isEmpty();
        assertThat(check("1\t2\t0\tx\tadd\t1\t1\n3\t4\t0\tx\tdel\t\tok\n", "--model", "kv"))
                .isZero();
    }

    @Test
    void whatIsNoHistoryIsQuotedInPartAndNamed() throws Exception {
        assertThat(check("a".repeat(100_000), "--model", "kv")).isOne();
        assertThat(errors.toString()).contains("6 or 7 fields: aaa").hasSizeLessThan(500);
        assertThat(check("soon\t2\t0\tx\tset\t1\tok\n", "--model", "kv")).isOne();
        assertThat(errors.toString()).contains("line 1: a time is a whole number, not 'soon'");
        assertThat(check("1\t2\tme\tx\tset\t1\tok\n", "--model", "kv")).isOne();
        assertThat(errors.toString()).contains("a session is a hexadecimal number, not 'me'");
        assertThat(check("1\t" + Long.MAX_VALUE + "\t1\tx\tset\t1\tok\n", "--model", "kv")).isOne();
        assertThat(errors.toString()).contains("has the result ok and never returned");
        assertRefused(
                1, directory + " is a directory", "check", directory.toString(), "--model", "kv");
    }

    @Test
    void processesOfJepsenKeepTheirNumbers() throws Exception {
        String event = "{:process 0 :type %s :f :read :value 5}\n";
        String lines = event.formatted(":invoke") + event.formatted(":ok");
        Path svg = directory.resolve("window.svg");
        check(lines, "--model", "register", "--svg", svg.toString());
        assertThat(out.toString()).contains("read() = 5 by process 0").doesNotContain("session");
        assertThat(Files.readString(svg)).contains(">process 0<").doesNotContain("session");
        out.getBuffer().setLength(0);
        check(lines, "--model", "register", "--json");
        assertThat(out.toString()).contains("process 0").doesNotContain("session");
    }

    @Test
    void processesOfJepsenKeepTheirNumbersInErrors() throws Exception {
        String lines =
                """
                {:process 3 :type :invoke :f :add :value "ten"}
                {:process 3 :type :ok :f :add :value "ten"}
                """;
        assertThat(check(lines, "--model", "counter")).isOne();
        assertThat(errors.toString())
                .contains("line 2: :add by process 3 is not of the model counter: not a number in")
                .doesNotContain("session")
                .doesNotContain("process 4");
    }

    /// Nothing could be found wrong with it.
    @Test
    void aHistoryOfNothingIsNotCalledLinearizable() throws Exception {
        for (String text : List.of("", "\n", "# lockstep history 1\n")) {
            assertThat(check(text, "--model", "kv")).isOne();
            assertThat(check(text, "--model", "kv", "--json")).isOne();
        }
        assertThat(errors.toString()).contains(history + " holds no operations");
        String failed =
                "{:process 0 :type :invoke :f :write :value 1}"
                        + "{:process 0 :type :fail :f :write :value 1}";
        for (String text : List.of("[]", failed)) {
            errors.getBuffer().setLength(0);
            assertThat(check(text, "--model", "register")).isOne();
            assertThat(errors.toString())
                    .contains(history + " holds no operations that may have happened");
        }
        assertThat(out.toString()).isEmpty();
    }

    /// In a process of its own, since this one's memory is not to run out.
    @Test
    void aHistoryThatMemoryDoesNotHoldIsASentence() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 300_000; i++) {
            lines.append(2 * i + "\t" + (2 * i + 1) + "\t1\tkey" + i + "\tset\tvalue\tok\n");
        }
        Files.writeString(history, lines);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx24m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "check",
                                history.toString(),
                                "--model",
                                "kv")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(ExitCode.FAILED);
        assertThat(said.lines()).as(said).hasSize(1);
        assertThat(said)
                .startsWith("lockstep: " + history + " needs more than the ")
                .contains("LOCKSTEP_JAVA_OPTS=-Xmx");
    }

    private void assertRefused(int code, String sentence, String... arguments) {
        errors.getBuffer().setLength(0);
        assertThat(run(arguments)).isEqualTo(code);
        assertThat(errors.toString()).contains(sentence).doesNotContain("\tat ");
    }
}
