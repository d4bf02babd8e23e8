package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/// Reads values in EDN, Clojure's notation for data, one after the other.
///
/// | written | read as |
/// |---|---|
/// | `nil` | null |
/// | `true`, `:name`, `name`, a number that is not a `long` | [Word] |
/// | `12` | `Long` |
/// | `"text"`, a character | `String` |
/// | lists, vectors and sets | `List` |
/// | maps, with keys in their order, `nil` as a [Word] | `Map` |
/// | `#tag value` | the value |
///
/// A value is at most 64 levels deep, holds at most a million others, and no word or text in it is
/// longer than a million characters, so that no file can make it use up stack or memory.
final class Edn {

    private static final Pattern WHOLE = Pattern.compile("[+-]?[1-9][0-9]*");

    private static final int MOST_LEVELS = 64;
    private static final int MOST_PARTS = 1_000_000;
    private static final int MOST_CHARACTERS = 1_000_000;
    private static final int END = -1;

    /// Nothing, as a key.
    private static final Word NIL = new Word("nil");

    private static final int CHARACTERS_OF_A_CODE = 4;
    private static final int HEXADECIMAL = 16;

    private final PushbackReader in;
    private long line = 1;
    private int parts;

    /// How many values the one that is being read lies within.
    private int level;

    /// Something that stands for itself, such as `:ok` or `true`.
    record Word(String text) {

        /// True for one that is no `long`.
        boolean isNumber() {
            int at = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
            return text.length() > at && Character.isDigit(text.charAt(at));
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /// What was read is no EDN.
    static final class Malformed extends IOException {
        private static final long serialVersionUID = 1L;

        Malformed(long line, String what) {
            super("line " + line + ": " + what);
        }
    }

    Edn(Reader in) {
        this.in = new PushbackReader(in, 2);
    }

    /// The line on which reading goes on, from 1.
    long line() {
        return line;
    }

    /// True if nothing but space and comments is left.
    boolean isAtEnd() throws IOException {
        return peek() == END;
    }

    /// Takes `expected` if it is the next character after space and comments.
    boolean takes(char expected) throws IOException {
        if (peek() != expected) {
            return false;
        }
        read();
        return true;
    }

    /// The next value, of which there must be one.
    @Nullable Object next() throws IOException {
        parts = 0;
        return value();
    }

    private @Nullable Object value() throws IOException {
        if (level == MOST_LEVELS) {
            throw malformed("values within values more than " + MOST_LEVELS + " deep");
        }
        parts++;
        if (parts > MOST_PARTS) {
            throw malformed("more than " + MOST_PARTS + " values within one");
        }
        level++;
        Object value = valueWithin();
        level--;
        return value;
    }

    private @Nullable Object valueWithin() throws IOException {
        int c = peek();
        return switch (c) {
            case END -> throw malformed("the file ends in the middle of a value");
            case '(' -> sequence(')');
            case '[' -> sequence(']');
            case '{' -> map();
            case '#' -> dispatched();
            case '"' -> text();
            case '\\' -> character();
            case ')', ']', '}' -> throw malformed("'" + (char) c + "' closes nothing");
            default -> word();
        };
    }

    private List<@Nullable Object> sequence(char close) throws IOException {
        read();
        List<@Nullable Object> values = new ArrayList<>();
        while (!takes(close)) {
            values.add(value());
        }
        return values;
    }

    private Map<Object, @Nullable Object> map() throws IOException {
        read();
        Map<Object, @Nullable Object> map = new LinkedHashMap<>();
        while (!takes('}')) {
            Object key = Objects.requireNonNullElse(value(), NIL);
            if (map.containsKey(key)) {
                throw malformed("a map has the key " + write(key) + " twice");
            }
            if (peek() == '}') {
                throw malformed("a map has no value for the key " + write(key));
            }
            map.put(key, value());
        }
        return map;
    }

    /// A set, a number such as `##Inf`, or a value with a tag or a namespace, which tells nothing
    /// that is needed here.
    private @Nullable Object dispatched() throws IOException {
        read();
        int c = read();
        if (c == '{') {
            unread(c);
            return sequence('}');
        }
        if (c == '#') {
            return new Word("##" + token());
        }
        if (!Character.isLetter(c) && c != ':') {
            throw malformed("'#' is followed by neither a tag nor a set");
        }
        unread(c);
        token();
        return value();
    }

    private String text() throws IOException {
        read();
        StringBuilder text = new StringBuilder();
        for (int c = read(); c != '"'; c = read()) {
            if (c == END) {
                throw malformed("the file ends in the middle of a text");
            }
            append(text, c == '\\' ? escaped() : (char) c);
        }
        return text.toString();
    }

    private char escaped() throws IOException {
        int c = read();
        return switch (c) {
            case '"', '\\' -> (char) c;
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> {
                StringBuilder code = new StringBuilder();
                for (int i = 0; i < CHARACTERS_OF_A_CODE; i++) {
                    code.append((char) read());
                }
                yield code(code.toString());
            }
            default -> throw malformed("a text has an unknown escape after its backslash");
        };
    }

    private char code(String digits) throws IOException {
        try {
            return (char) Integer.parseUnsignedInt(digits, HEXADECIMAL);
        } catch (NumberFormatException notDigits) {
            throw malformed("'" + digits + "' are not four hexadecimal digits");
        }
    }

    private String character() throws IOException {
        read();
        int first = read();
        if (first == END) {
            throw malformed("the file ends in the middle of a character");
        }
        unread(first);
        String name = isEndOfWord(first) ? Character.toString((char) read()) : token();
        return switch (name) {
            case "newline" -> "\n";
            case "return" -> "\r";
            case "space" -> " ";
            case "tab" -> "\t";
            default -> {
                if (name.length() == 1) {
                    yield name;
                }
                if (name.length() == 1 + CHARACTERS_OF_A_CODE && name.charAt(0) == 'u') {
                    yield Character.toString(code(name.substring(1)));
                }
                throw malformed("there is no character '" + name + "'");
            }
        };
    }

    private @Nullable Object word() throws IOException {
        String token = token();
        if (token.equals("nil")) {
            return null;
        }
        char first = token.charAt(0);
        boolean isSigned = (first == '-' || first == '+') && token.length() > 1;
        if (!Character.isDigit(isSigned ? token.charAt(1) : first)) {
            return new Word(token);
        }
        char last = token.charAt(token.length() - 1);
        String digits = last == 'N' ? token.substring(0, token.length() - 1) : token;
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException notALong) {
            // The same number is the same word, however it is written.
            return new Word(WHOLE.matcher(digits).matches() ? withoutPlus(digits) : token);
        }
    }

    /// Whole numbers begin with no zero that says nothing.
    private static String withoutPlus(String digits) {
        return digits.charAt(0) == '+' ? digits.substring(1) : digits;
    }

    private String token() throws IOException {
        StringBuilder token = new StringBuilder();
        int c = read();
        while (!isEndOfWord(c)) {
            append(token, (char) c);
            c = read();
        }
        if (c != END) {
            unread(c);
        }
        if (token.isEmpty()) {
            throw malformed("a word is missing");
        }
        return token.toString();
    }

    private static boolean isEndOfWord(int c) {
        return c == END || isSpace(c) || "()[]{}\";".indexOf(c) >= 0;
    }

    private static boolean isSpace(int c) {
        return c == ',' || Character.isWhitespace(c);
    }

    private void append(StringBuilder text, char c) throws IOException {
        if (text.length() == MOST_CHARACTERS) {
            throw malformed("a word or text of more than " + MOST_CHARACTERS + " characters");
        }
        text.append(c);
    }

    /// The next character that is not of space, a comment, or a value after `#_`, which stays.
    private int peek() throws IOException {
        while (true) {
            int c = read();
            if (c == '#') {
                int next = read();
                if (next != '_') {
                    if (next != END) {
                        unread(next);
                    }
                    unread(c);
                    return c;
                }
                value();
                continue;
            }
            if (c == ';') {
                while (c != '\n' && c != END) {
                    c = read();
                }
            } else if (c != END && !isSpace(c)) {
                unread(c);
                return c;
            }
            if (c == END) {
                return END;
            }
        }
    }

    private int read() throws IOException {
        int c = in.read();
        line += c == '\n' ? 1 : 0;
        return c;
    }

    private void unread(int c) throws IOException {
        in.unread(c);
        line -= c == '\n' ? 1 : 0;
    }

    private Malformed malformed(String what) {
        return new Malformed(line, what);
    }

    /// The value as EDN, sets as vectors.
    static String write(@Nullable Object value) {
        return switch (value) {
            case null -> "nil";
            case String text -> "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
            case List<?> list -> {
                StringJoiner joined = new StringJoiner(" ", "[", "]");
                list.forEach(one -> joined.add(write(one)));
                yield joined.toString();
            }
            case Map<?, ?> map -> {
                StringJoiner joined = new StringJoiner(", ", "{", "}");
                map.forEach((key, one) -> joined.add(write(key) + " " + write(one)));
                yield joined.toString();
            }
            default -> value.toString();
        };
    }
}
