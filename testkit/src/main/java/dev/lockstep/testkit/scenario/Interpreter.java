package dev.lockstep.testkit.scenario;

import java.util.List;

/// Carries out the commands of one transcript, in their order, from a fresh state.
///
/// Must be deterministic: the same commands give the same lines.
@FunctionalInterface
public interface Interpreter {

    /// Carries out one command.
    ///
    /// @return what came of it, line by line; no line is blank or looks like a command or prose
    /// @throws BadCommandException if there is no such command, or it cannot be carried out
    List<String> run(Command command);
}
