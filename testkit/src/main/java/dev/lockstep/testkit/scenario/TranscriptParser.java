package dev.lockstep.testkit.scenario;

import java.util.ArrayList;
import java.util.List;

/// Takes the text of a transcript apart.
final class TranscriptParser {

    static final String COMMAND_MARK = "> ";
    static final String PROSE_MARK = "#";

    private final String name;
    private final List<Piece> pieces = new ArrayList<>();

    /// The block that is being read: its lines so far; no commands if there is none.
    private int blockLine;

    private final List<String> commands = new ArrayList<>();
    private final List<String> outcome = new ArrayList<>();

    private TranscriptParser(String name) {
        this.name = name;
    }

    static List<Piece> parse(String name, String text) {
        TranscriptParser parser = new TranscriptParser(name);
        int number = 0;
        for (String line : text.lines().toList()) {
            parser.take(++number, line);
        }
        parser.endBlock();
        return List.copyOf(parser.pieces);
    }

    private void take(int number, String line) {
        if (line.isBlank()) {
            endBlock();
            pieces.add(new Piece.Prose(""));
        } else if (line.startsWith(COMMAND_MARK)) {
            if (!outcome.isEmpty()) {
                throw bad(number, "leave a line blank between an outcome and the next command");
            }
            if (commands.isEmpty()) {
                blockLine = number;
            }
            commands.add(line.substring(COMMAND_MARK.length()));
        } else if (line.startsWith(PROSE_MARK)) {
            if (!commands.isEmpty()) {
                throw bad(number, "leave a line blank between an outcome and prose");
            }
            pieces.add(new Piece.Prose(line));
        } else if (commands.isEmpty()) {
            throw bad(number, "neither prose (#) nor a command (>) nor the outcome of one");
        } else {
            outcome.add(line);
        }
    }

    private void endBlock() {
        if (!commands.isEmpty()) {
            pieces.add(new Piece.Block(blockLine, commands, outcome));
            commands.clear();
            outcome.clear();
        }
    }

    private TranscriptFailure bad(int number, String reason) {
        return new TranscriptFailure(name + ":" + number + ": " + reason);
    }
}
