package dev.lockstep.api;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// One exactly-once session with a cluster.
///
/// Commands of a session are executed in the order in which they were issued, each at most once,
/// however often the client had to send them again to whichever replica. Many may be in flight.
///
/// Every call has a deadline. A stage that fails does so with a [LockstepException], whose subtype
/// says what is known about the command.
///
/// Threading: any thread may call; stages complete on the client's own thread, which a callback
/// must not block.
public interface Client extends AutoCloseable {

    /// Sends a command with the client's default deadline.
    CompletionStage<Reply> command(byte[] command);

    /// Sends a command that is given up after `deadline`, then failing with
    /// [UnknownOutcomeException], or, if it is certain that no replica took it, with
    /// [OverloadedException] or [UnavailableException].
    CompletionStage<Reply> command(byte[] command, Duration deadline);

    /// Asks a linearizable query with the client's default deadline.
    CompletionStage<Reply> query(byte[] query);

    /// Asks a query of the given consistency that is given up after `deadline`, then failing with
    /// [UnavailableException].
    CompletionStage<Reply> query(byte[] query, Consistency consistency, Duration deadline);

    /// Ends the session in the cluster if it can be reached within a second, and closes the
    /// connections. Calls in flight fail.
    @Override
    void close();
}
