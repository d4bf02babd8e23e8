package dev.lockstep.testkit.scenario;

import java.util.List;

/// A part of a transcript's text.
sealed interface Piece {

    /// A line that stands for nothing but itself: prose, a heading, or blank.
    record Prose(String line) implements Piece {}

    /// Commands and what comes of them.
    ///
    /// @param line where the first command is, from 1; each further one is on the next line
    /// @param commands without their marks
    /// @param outcome line by line
    record Block(int line, List<String> commands, List<String> outcome) implements Piece {
        public Block {
            commands = List.copyOf(commands);
            outcome = List.copyOf(outcome);
        }

        /// Where the outcome begins.
        int outcomeLine() {
            return line + commands.size();
        }
    }
}
