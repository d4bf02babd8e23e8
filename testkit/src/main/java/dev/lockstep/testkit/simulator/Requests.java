package dev.lockstep.testkit.simulator;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/// What the clients of one run ask of a service.
///
/// Whatever is drawn must depend on `random` and on what was drawn before, and on nothing else: a
/// seed that failed must fail again.
///
/// Threading: one run has one of these, and one thread.
@FunctionalInterface
public interface Requests {

    /// The next command, as its client sends it.
    byte[] command(RandomGenerator random);

    /// The next query; null, the default, if the service has none.
    default byte @Nullable [] query(RandomGenerator random) {
        return null;
    }

    /// What every client asks for once the faults are over, which must come about; a command as
    /// any other by default.
    default byte[] lastCommand(RandomGenerator random) {
        return command(random);
    }

    /// A command or a query in words, for messages and traces; its bytes by default.
    default String describe(byte[] request) {
        return CallText.of(request);
    }
}
