package dev.lockstep.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;

class EdnTest {

    private static @Nullable Object read(String text) throws IOException {
        Edn edn = new Edn(new StringReader(text));
        Object value = edn.next();
        assertThat(edn.isAtEnd()).isTrue();
        return value;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nil | nil",
                "true | true",
                "-12 | -12",
                "12N | 12",
                "+7 | 7",
                "1.5 | 1.5",
                "99999999999999999999 | 99999999999999999999",
                "99999999999999999999N | 99999999999999999999",
                "+99999999999999999999 | 99999999999999999999",
                "-99999999999999999999N | -99999999999999999999",
                "9999999999999999999.5 | 9999999999999999999.5",
                ":a/b | :a/b",
                "- | -",
                "\\a | \"a\"",
                "\\space | \" \"",
                "\\u0041 | \"A\"",
                "\\{ | \"{\"",
                "\"a\\\"\\\\ \\u0042\" | \"a\\\"\\\\ B\"",
                "[1, 2 (3) #{4}] | [1 2 [3] [4]]",
                "{:a 1 :b nil} | {:a 1, :b nil}",
                "{nil 1} | {nil 1}",
                "[##Inf ##NaN] | [##Inf ##NaN]",
                "#:jepsen{:a 1} | {:a 1}",
                "#inst \"2020\" | \"2020\"",
                "#jepsen.history.Op{:a 1} | {:a 1}",
                "[1 #_ 2 #_[3 #_4]] ; end | [1]"
            })
    void readsAndWrites(String text, String expected) throws IOException {
        assertThat(Edn.write(read(text))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1 | line 1: the file ends in the middle of a value",
                "]| line 1: ']' closes nothing",
                "[1 }| line 1: '}' closes nothing",
                "{:a 1 :a 2}| line 1: a map has the key :a twice",
                "{:a}| line 1: a map has no value for the key :a",
                "{nil 1 nil 2}| line 1: a map has the key nil twice",
                "\"abc| line 1: the file ends in the middle of a text",
                "\"\\q\"| line 1: a text has an unknown escape after its backslash",
                "\"\\u00g0\"| line 1: '00g0' are not four hexadecimal digits",
                "\\nonsense| line 1: there is no character 'nonsense'",
                "#?x| line 1: '#' is followed by neither a tag nor a set"
            })
    void refusesWithTheLine(String text, String message) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(Edn.Malformed.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> read("\n;\n" + text))
                .hasMessageContaining(message.replace("line 1", "line 3"));
    }

    @Test
    void boundsWhatAFileCanUseUp() {
        for (String deep : new String[] {"[", "{1 ", "#a ", "#_", "(", "#{"}) {
            assertThatThrownBy(() -> read(deep.repeat(100_000)))
                    .hasMessageContaining("more than 64 deep");
        }
        assertThatThrownBy(() -> read("[" + "1 ".repeat(1_000_001) + "]"))
                .hasMessageContaining("more than 1000000 values");
        assertThatThrownBy(() -> read("a".repeat(1_000_001)))
                .hasMessageContaining("more than 1000000 characters");
    }

    /// Whatever it is, it is read or refused; nothing else is thrown, nothing goes on for ever.
    @Property(tries = 3_000)
    void readsOrRefusesAnything(
            @ForAll @StringLength(max = 60) @CharRange(from = ' ', to = '~') String text)
            throws IOException {
        Reader in = new StringReader(text);
        Edn edn = new Edn(in);
        try {
            while (!edn.isAtEnd()) {
                edn.next();
            }
        } catch (Edn.Malformed refused) {
            assertThat(refused).hasMessageStartingWith("line 1: ");
        }
    }
}
