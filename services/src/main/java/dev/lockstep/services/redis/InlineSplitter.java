package dev.lockstep.services.redis;

/// Splits a line into words as Redis does for people who use telnet: words are apart by space and
/// may be quoted.
final class InlineSplitter {

    private final byte[] line;
    private final byte[] unquoted;
    private int at;
    private int size;

    private InlineSplitter(byte[] line) {
        this.line = line;
        this.unquoted = new byte[line.length];
    }

    /// Puts the words of `line` into `words`, none if there is nothing but space.
    static void split(byte[] line, Words words) throws ProtocolError {
        InlineSplitter splitter = new InlineSplitter(line);
        words.reset(splitter.unquoted);
        while (splitter.skipSpace()) {
            int start = splitter.size;
            splitter.readWord();
            words.add(start, splitter.size - start);
        }
    }

    /// False at the end of the line.
    private boolean skipSpace() {
        while (isSpace(peek(0))) {
            at++;
        }
        return peek(0) != 0;
    }

    private void readWord() throws ProtocolError {
        while (true) {
            byte letter = peek(0);
            switch (letter) {
                case 0, ' ', '\n', '\r', '\t' -> {
                    return;
                }
                case '"' -> {
                    at++;
                    readDoubleQuoted();
                    return;
                }
                case '\'' -> {
                    at++;
                    readSingleQuoted();
                    return;
                }
                default -> {
                    append(letter);
                    at++;
                }
            }
        }
    }

    private void readDoubleQuoted() throws ProtocolError {
        while (peek(0) != '"') {
            if (peek(0) == 0) {
                throw unbalanced();
            }
            if (peek(0) == '\\' && peek(1) == 'x' && hex(peek(2)) >= 0 && hex(peek(3)) >= 0) {
                append((byte) (hex(peek(2)) << 4 | hex(peek(3))));
                at += 4;
            } else if (peek(0) == '\\' && peek(1) != 0) {
                append(escaped(peek(1)));
                at += 2;
            } else {
                append(peek(0));
                at++;
            }
        }
        endQuotes();
    }

    private void readSingleQuoted() throws ProtocolError {
        while (peek(0) != '\'') {
            if (peek(0) == 0) {
                throw unbalanced();
            }
            if (peek(0) == '\\' && peek(1) == '\'') {
                at++;
            }
            append(peek(0));
            at++;
        }
        endQuotes();
    }

    private void endQuotes() throws ProtocolError {
        at++;
        if (peek(0) != 0 && !isSpace(peek(0))) {
            throw unbalanced();
        }
    }

    private void append(byte letter) {
        unquoted[size++] = letter;
    }

    /// The byte so many ahead; 0 past the end. A NUL in the line ends it, as in Redis.
    private byte peek(int ahead) {
        return at + ahead < line.length ? line[at + ahead] : 0;
    }

    private static byte escaped(byte letter) {
        return switch (letter) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> letter;
        };
    }

    private static boolean isSpace(byte letter) {
        return letter == ' ' || (letter >= '\t' && letter <= '\r');
    }

    private static int hex(byte letter) {
        return Character.digit(letter, 16);
    }

    private static ProtocolError unbalanced() {
        return new ProtocolError("unbalanced quotes in request");
    }
}
