package dev.lockstep.testkit.history;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// A history as text, one operation a line: invoked, returned, session (hexadecimal), key,
/// function, argument, result, separated by tabs. An unknown outcome has `-` for the time of its
/// return and no result. Lines that begin with `#` are comments.
///
/// Backslash, tab and line ends are written as `\\`, `\t`, `\n` and `\r`.
public final class HistoryFile {

    /// How much of what cannot be read is said again.
    private static final int MOST_QUOTED = 80;

    /// When an operation returned whose outcome is unknown.
    private static final String UNKNOWN = "-";

    private static final String HEADER = "# lockstep history 1";

    private HistoryFile() {}

    /// Writes a history, replacing the file.
    public static void write(Path file, Collection<Operation> history) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write(HEADER + "\n");
            for (Operation operation : history) {
                out.write(line(operation));
                out.write('\n');
            }
        }
    }

    /// Reads a history.
    ///
    /// @throws IOException if the file cannot be read, or, naming the line, if it is no history
    public static List<Operation> read(Path file) throws IOException {
        List<Operation> history = new ArrayList<>();
        try (BufferedReader in = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                if (!line.isEmpty() && line.charAt(0) != '#') {
                    try {
                        history.add(parse(line));
                    } catch (IllegalArgumentException notAnOperation) {
                        throw new IOException(
                                file + " line " + number + ": " + notAnOperation.getMessage(),
                                notAnOperation);
                    }
                }
            }
        }
        return history;
    }

    static String line(Operation operation) {
        String result = operation.result();
        return operation.invokedAt()
                + "\t"
                + (result == null ? UNKNOWN : Long.toString(operation.returnedAt()))
                + "\t"
                + Long.toHexString(operation.session())
                + "\t"
                + escape(operation.key())
                + "\t"
                + escape(operation.function())
                + "\t"
                + escape(operation.argument())
                + (result == null ? "" : "\t" + escape(result));
    }

    static Operation parse(String line) {
        String[] fields = line.split("\t", -1);
        boolean known = fields.length == 7;
        if (!known && !(fields.length == 6 && fields[1].equals(UNKNOWN))) {
            throw new IllegalArgumentException("an operation has 6 or 7 fields: " + brief(line));
        }
        if (known && fields[1].equals(UNKNOWN)) {
            throw new IllegalArgumentException(
                    "an operation of unknown outcome, which returns at "
                            + UNKNOWN
                            + ", has no result: "
                            + brief(line));
        }
        return new Operation(
                session(fields[2]),
                unescape(fields[3]),
                unescape(fields[4]),
                unescape(fields[5]),
                known ? unescape(fields[6]) : null,
                time(fields[0]),
                known ? time(fields[1]) : Long.MAX_VALUE);
    }

    private static long time(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "a time is a whole number, not '" + brief(text) + "'", notANumber);
        }
    }

    private static long session(String text) {
        try {
            return Long.parseUnsignedLong(text, 16);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "a session is a hexadecimal number, not '" + brief(text) + "'", notANumber);
        }
    }

    private static String brief(String text) {
        return text.length() <= MOST_QUOTED ? text : text.substring(0, MOST_QUOTED) + "…";
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder();
        boolean escaped = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (escaped) {
                plain.append(
                        switch (c) {
                            case '\\' -> '\\';
                            case 't' -> '\t';
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            default -> throw new IllegalArgumentException("unknown escape \\" + c);
                        });
                escaped = false;
            } else if (c == '\\') {
                escaped = true;
            } else {
                plain.append(c);
            }
        }
        if (escaped) {
            throw new IllegalArgumentException("ends with a backslash");
        }
        return plain.toString();
    }
}
