package dev.lockstep.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

class JepsenFileTest {

    @TempDir Path directory;

    private static Path sample(String name) throws URISyntaxException {
        URL found = Objects.requireNonNull(JepsenFileTest.class.getResource(name), name);
        return Path.of(found.toURI());
    }

    private List<Operation> read(HistoryModel model, String... lines) throws IOException {
        Path file = directory.resolve("history.edn");
        Files.writeString(file, String.join("\n", lines));
        return JepsenFile.read(file, model);
    }

    @ParameterizedTest
    @CsvSource({
        "register-good.edn, REGISTER, true",
        "register-bad.edn, REGISTER, false",
        "independent-bad.edn, REGISTER, false",
        "kv-good.edn, KV, true",
        "kv-bad.edn, KV, false",
        "counter-good.edn, COUNTER, true",
        "counter-bad.edn, COUNTER, false",
        "lock-good.edn, LOCK, true",
        "lock-bad.edn, LOCK, false",
        "append-good.edn, LIST_APPEND, true",
        "append-bad.edn, LIST_APPEND, false",
        "append-plain-good.edn, LIST_APPEND, true"
    })
    void judgesSamples(String name, HistoryModel model, boolean expected) throws Exception {
        List<Operation> history = JepsenFile.read(sample(name), model);
        history.forEach(model::check);
        assertThat(new LinearizabilityChecker(model.model()).check(history).holds())
                .isEqualTo(expected);
    }

    @Test
    void whatFailedDidNotHappenAndWhatEndedWithInfoIsUnknown() throws Exception {
        assertThat(JepsenFile.read(sample("register-good.edn"), HistoryModel.REGISTER))
                .containsExactly(
                        new Operation(1, "", "write", "1", "ok", 0, 3),
                        new Operation(2, "", "read", "", "1", 1, 2),
                        Operation.unknown(3, "", "cas", "1 2", 4),
                        new Operation(1, "", "read", "", "2", 8, 9),
                        Operation.unknown(6, "", "write", "3", 10));
    }

    @Test
    void ordersByTimeIfAllEventsHaveOne() throws Exception {
        assertThat(
                        read(
                                HistoryModel.REGISTER,
                                "{:process 0 :type :ok :f :read :value 1 :time 7}",
                                "{:process 0 :type :invoke :f :read :value nil :time 5}"))
                .containsExactly(new Operation(1, "", "read", "", "1", 0, 1));
    }

    @Test
    void aProcessThatGoesOnAfterACrashHasNoSessionForWhatCrashed() throws Exception {
        assertThat(
                        read(
                                HistoryModel.REGISTER,
                                "{:process 0 :type :invoke :f :write :value 1}",
                                "{:process 0 :type :info :f :write :value 1}",
                                "{:process 0 :type :invoke :f :read :value nil}",
                                "{:process 0 :type :ok :f :read :value nil}"))
                .containsExactly(
                        Operation.unknown(0, "", "write", "1", 0),
                        new Operation(1, "", "read", "", Operation.NIL, 2, 3));
    }

    @Test
    void namesOneObjectAfterItsLists() throws Exception {
        List<Operation> history =
                JepsenFile.read(sample("append-good.edn"), HistoryModel.LIST_APPEND);
        assertThat(history).extracting(Operation::key).containsExactly("1+3", "2", "1+3", "1+3");
        assertThat(history.getFirst().argument()).isEqualTo("append 1 10; read 1");
        assertThat(history.getFirst().result()).isEqualTo("ok; [10]");
    }

    private static String events(String function, String invoked, String ended) {
        String event = "{:process 0 :type %s :f %s :value %s}";
        return event.formatted(":invoke", function, invoked)
                + "\n"
                + event.formatted(":ok", function, ended);
    }

    private static boolean holds(List<Operation> history, HistoryModel model) {
        return new LinearizabilityChecker(model.model()).check(history).holds();
    }

    /// In a list they have quotes, alone they have none.
    @Test
    void aListOfTextsIsMadeOfTheTextsThatWereAppended() throws Exception {
        HistoryModel model = HistoryModel.LIST_APPEND;
        String append = events(":append", "\"a\"", "\"a\"");
        assertThat(holds(read(model, append, events(":read", "nil", "[\"a\"]")), model)).isTrue();
        assertThat(holds(read(model, append, events(":read", "nil", "[\"b\"]")), model)).isFalse();
        String read = "[[:append 1 :x] [:r 1 %s]]";
        String transaction = events(":txn", read.formatted("nil"), read.formatted("[\"a\" :x]"));
        assertThat(
                        holds(
                                read(
                                        model,
                                        events(
                                                ":txn",
                                                "[[:append 1 \"a\"]]",
                                                "[[:append 1 \"a\"]]"),
                                        transaction),
                                model))
                .isTrue();
    }

    @Test
    void whatIsNoListOfWordsIsNotTakenForOne() {
        for (String end : List.of("5", "[\"a b\"]")) {
            assertThatThrownBy(() -> read(HistoryModel.LIST_APPEND, events(":read", "nil", end)))
                    .hasMessageContaining("line 2: :read by process 0 ");
        }
        assertThatThrownBy(
                        () -> read(HistoryModel.LIST_APPEND, events(":append", "\"a b\"", "nil")))
                .hasMessageContaining("a space or semicolon, which is not supported");
    }

    /// Taken for a read of nothing, it would make a good history bad and a bad one good.
    @Test
    void aReadThatReturnsNothingOfItsKeyIsRefused() throws Exception {
        assertThat(read(HistoryModel.KV, events(":get", "\"x\"", "[\"x\" 5]")))
                .containsExactly(new Operation(1, "x", "get", "", "5", 0, 1));
        for (String end : List.of("5", "[\"y\" 5]", "[\"x\" 5 6]")) {
            assertThatThrownBy(() -> read(HistoryModel.KV, events(":get", "\"x\"", end)))
                    .hasMessageContaining(
                            "line 2: :get by process 0 returns no [key value] of the key x: "
                                    + end);
        }
    }

    @Test
    void whatACounterGaveBeforeIsNoKey() throws Exception {
        assertThat(
                        read(
                                HistoryModel.COUNTER,
                                events(":get-and-add", "[5 nil]", "[5 0]"),
                                events(":add-and-get", "[2 nil]", "[2 7]")))
                .containsExactly(
                        new Operation(1, "", "get-and-add", "5", "0", 0, 1),
                        new Operation(1, "", "add", "2", "7", 2, 3));
        assertThat(
                        read(
                                HistoryModel.COUNTER,
                                events(":get-and-add", "[\"x\" [5 nil]]", "[\"x\" [5 0]]")))
                .containsExactly(new Operation(1, "x", "get-and-add", "5", "0", 0, 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{:process 0 :type :invoke :f :read :value nil}\n{:process 0 :type :invoke :f :read}"
                        + "| line 2: process 0 invokes while its operation of line 1 is open",
                "{:process 0 :type :ok :f :read :value 1}"
                        + "| line 1: process 0 has :ok of what it did not invoke",
                "{:process 0 :type :done :f :read}| line 1: a :type is :invoke, :ok, :fail or :info",
                "{:type :ok :f :read}| line 1: an event has no :process",
                "{:process 99999999999999999999 :type :ok :f :read}"
                        + "| line 1: there is no process 99999999999999999999",
                "{:process 1.5 :type :ok :f :read}| line 1: there is no process 1.5",
                "{:process 0 :type :ok}| line 1: an event has no :f",
                "[1 2]| line 1: an event is a map, this is 1",
                "\n{:process 0 :type :invoke :f :push :value 1}"
                        + "| line 2: :push by process 0 is not of the model register",
                "{:process 0 :type :invoke :f :cas :value 1}"
                        + "| line 1: :cas by process 0 needs an old and a new value",
                "{:process 0 :type :invoke :f :write}| line 1: :write by process 0 needs a value",
                "{:process 0| line 1: the file ends in the middle of a value",
                "[{:process :nemesis}| line 1: the file ends in the middle of the history"
            })
    void refusesInASentenceWithTheLine(String given) {
        String[] parts = given.split("\\| ", -1);
        assertThatThrownBy(() -> read(HistoryModel.REGISTER, parts[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(parts[1]);
    }
}
