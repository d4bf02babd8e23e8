package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.QueryContext;

import java.nio.ByteBuffer;

/// What a service promises about its replies: the sequential model of one run.
///
/// It is told of a run when the run is over: of every command in the order in which all replicas
/// executed them, of every deadline in its place among them, and of every query where the state was
/// that it saw. So a plain object with a mutable state is model enough. A method that throws ends
/// the run as a failure; an `AssertionError` whose message says what the reply had to be is best.
///
/// Threading: one run has one of these, and one thread.
public interface ReplyCheck {

    /// Every reply will do: the replicas agree on it, and a machine that runs alone gives it too.
    ReplyCheck NONE = new ReplyCheck() {};

    /// A command was executed. Nothing is checked by default.
    ///
    /// @param context as the state machine saw it
    /// @param command what the client sent, as drawn; big-endian, read-only
    /// @param reply what it was answered, likewise
    default void onCommand(CommandContext context, ByteBuffer command, ByteBuffer reply) {}

    /// A command was executed and the state machine threw: a bug of the service, unless the check
    /// knows that it had to.
    default void onFailure(CommandContext context, ByteBuffer command, Throwable thrown) {
        throw new AssertionError("the service threw " + thrown, thrown);
    }

    /// A query was answered. Nothing is checked by default.
    ///
    /// @param context position and agreed time of the state that was read
    default void onQuery(QueryContext context, ByteBuffer query, ByteBuffer reply) {}

    /// The machine's deadline was met. Nothing is checked by default.
    default void onDeadline(CommandContext context) {}
}
