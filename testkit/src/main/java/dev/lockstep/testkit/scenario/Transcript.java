package dev.lockstep.testkit.scenario;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A text of commands and what comes of them.
///
///     # Prose: any number of lines, blank ones between.
///
///     > command and its words
///     > another one
///     what comes of both, line by line
///
///     > the next command, after a blank line
///
/// Immutable; may be run any number of times, each time with a fresh interpreter.
public final class Transcript {

    /// The system property that, set to `true`, lets [#check(Path, Interpreter)] rewrite files.
    public static final String REWRITE_PROPERTY = "scenario.rewrite";

    /// So many blocks with another outcome are reported; the first ones explain the others.
    private static final int MOST_REPORTED = 3;

    private final String name;
    private final List<Piece> pieces;

    private Transcript(String name, List<Piece> pieces) {
        this.name = name;
        this.pieces = pieces;
    }

    /// Takes a text apart.
    ///
    /// @param name what failures call the text, usually a file name
    /// @throws TranscriptFailure if it is not a transcript, or has no commands
    public static Transcript parse(String name, String text) {
        List<Piece> pieces = TranscriptParser.parse(name, text);
        if (pieces.stream().noneMatch(Piece.Block.class::isInstance)) {
            throw new TranscriptFailure(name + ": there is no command in it");
        }
        return new Transcript(name, pieces);
    }

    /// Runs the transcript in `file` and compares; with [#REWRITE_PROPERTY], writes what came of
    /// the commands into the file instead, unless one cannot be carried out.
    ///
    /// @throws TranscriptFailure if something else comes of the commands, or one is wrong
    public static void check(Path file, Interpreter interpreter) {
        try {
            String text = Files.readString(file);
            Transcript transcript = parse(file.toString(), text);
            if (Boolean.getBoolean(REWRITE_PROPERTY)) {
                String actual = transcript.rewritten(interpreter);
                if (!actual.equals(text)) {
                    Files.writeString(file, actual);
                }
            } else {
                transcript.check(interpreter);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read or rewrite " + file, e);
        }
    }

    /// Runs all commands and compares what comes of them.
    ///
    /// @throws TranscriptFailure with the differences, or if a command is wrong
    public void check(Interpreter interpreter) {
        List<String> report = new ArrayList<>();
        int differing = 0;
        for (Piece piece : pieces) {
            if (piece instanceof Piece.Block block) {
                List<String> actual = run(block, interpreter);
                if (!actual.equals(block.outcome()) && differing++ < MOST_REPORTED) {
                    report.add(difference(block, actual));
                }
            }
        }
        if (differing > report.size()) {
            report.add("and " + (differing - report.size()) + " more");
        }
        if (differing > 0) {
            report.add(
                    "If that is right, -D"
                            + REWRITE_PROPERTY
                            + "=true writes it into the file; review the difference.");
            throw new TranscriptFailure(String.join("\n", report));
        }
    }

    /// Runs all commands; the same text with what came of them.
    ///
    /// @throws TranscriptFailure if a command is wrong
    public String rewritten(Interpreter interpreter) {
        StringBuilder text = new StringBuilder();
        for (Piece piece : pieces) {
            switch (piece) {
                case Piece.Prose prose -> text.append(prose.line()).append('\n');
                case Piece.Block block -> {
                    for (String command : block.commands()) {
                        text.append(TranscriptParser.COMMAND_MARK).append(command).append('\n');
                    }
                    for (String line : run(block, interpreter)) {
                        text.append(line).append('\n');
                    }
                }
            }
        }
        return text.toString();
    }

    private List<String> run(Piece.Block block, Interpreter interpreter) {
        List<String> outcome = new ArrayList<>();
        int line = block.line();
        for (String command : block.commands()) {
            try {
                for (String said : interpreter.run(Command.parse(command))) {
                    outcome.add(writable(said));
                }
            } catch (BadCommandException e) {
                throw new TranscriptFailure(at(line, command) + e.getMessage());
            } catch (RuntimeException e) {
                throw new TranscriptFailure(at(line, command) + e, e);
            }
            line++;
        }
        return outcome;
    }

    private String at(int line, String command) {
        return name + ":" + line + ": " + TranscriptParser.COMMAND_MARK + command + "\n";
    }

    /// A line that is read back as what it is.
    private static String writable(String line) {
        if (line.isBlank()
                || line.startsWith(TranscriptParser.COMMAND_MARK)
                || line.startsWith(TranscriptParser.PROSE_MARK)
                || line.lines().count() > 1) {
            throw new IllegalStateException("an outcome cannot have this line: '" + line + "'");
        }
        return line;
    }

    private String difference(Piece.Block block, List<String> actual) {
        List<String> expected = block.outcome();
        int equal = 0;
        while (equal < Math.min(expected.size(), actual.size())
                && expected.get(equal).equals(actual.get(equal))) {
            equal++;
        }
        StringBuilder text = new StringBuilder();
        text.append(name).append(':').append(block.outcomeLine() + equal);
        text.append(": another outcome than written (- written, + actual) of\n");
        for (String command : block.commands()) {
            text.append("  ").append(TranscriptParser.COMMAND_MARK).append(command).append('\n');
        }
        text.append(String.join("\n", LineDiff.of(expected, actual)));
        return text.toString();
    }
}
