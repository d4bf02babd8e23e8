package dev.lockstep.api;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// A deterministic service that every replica of a cluster runs.
///
/// Replicas that start in the same state and apply the same commands in the same order give the
/// same replies (Schneider 1990). An implementation keeps that promise when what it does depends on
/// nothing but its state, the command's bytes and the context: no clock but
/// [QueryContext#timeNanos()], no randomness but [CommandContext#random()], no iteration in an
/// order that differs between processes, no I/O.
///
/// Threading: one thread at a time calls a state machine; it needs no locks. A [FrozenState] is
/// the exception, see there.
///
/// Errors: a method that throws an `Exception` or an `AssertionError` has a bug. It is
/// deterministic, so every replica sees it; the client gets a [ServiceFailureException], the
/// replica lives on, and whatever the method had changed before it threw stays changed. Any other
/// `Error` stops the replica on which it happened.
public interface StateMachine {

    /// Executes one command, which may change the state, and writes its reply.
    ///
    /// @param context agreed time, position, session and randomness of this command
    /// @param command the bytes the client sent, from position to limit, big-endian; valid during
    ///     the call only and not to be written to
    /// @param reply takes the reply; empty at the start of the call. Larger than its limit (8 MiB
    ///     by default) is a service failure
    void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply);

    /// Answers one query, which must not change the state.
    ///
    /// @param context agreed time and position of the state that is read
    /// @param query the bytes the client sent, as in [#apply]
    /// @param reply takes the answer, as in [#apply]
    void query(QueryContext context, ByteBuffer query, ReplyBuffer reply);

    /// Says in a line for people what a command is, such as `SET a 1`: when replicas differ, the
    /// command at which that began is named so. Changes nothing, and depends on the bytes alone.
    ///
    /// @param command the bytes the client sent, as in [#apply]
    /// @return at most some hundred characters; empty (the default) to have the bytes shown
    default String describe(ByteBuffer command) {
        return "";
    }

    /// A digest of what the last call of [#apply] or [#onDeadline] changed, such as a hash of the
    /// keys and values that it wrote; 0 (the default) if it changed nothing, or the machine does
    /// not
    /// say.
    ///
    /// Replicas compare replies. One whose command changes something else than at the others, and
    /// replies the same, is found out by this at that command; without it, when whole states are
    /// compared, and then no command is named. The same command must give the same digest at every
    /// replica, so a service that begins to say, or says something else, is another version of it.
    /// Asked for once after every call, on the path of a
    /// command: a field that the call has filled.
    default long changeDigest() {
        return 0;
    }

    /// Returns a view of the state as it is now, which later commands do not change.
    ///
    /// Called between two commands and expected to return at once: a persistent (immutable)
    /// collection, a copy of a small state. The bytes it writes must depend on the state alone, so
    /// that equal states give equal bytes: replicas compare them. A machine that cannot freeze its
    /// state says so with [#canFreeze()].
    FrozenState snapshot();

    /// False if the machine has no view of its state that later commands leave as it is, such as
    /// one that keeps gigabytes in arrays: what [#snapshot()] returns may then read the state
    /// itself.
    ///
    /// The replica then stops executing while a snapshot is written, and nobody calls the machine
    /// meanwhile, except that [FrozenState#writeTo] does from another thread. It goes on logging
    /// and voting, other replicas answer clients, and no two do this at once; in a cluster of one
    /// clients wait. `lockstep verify` cannot compare such a state while commands go on.
    ///
    /// ```java
    /// private final long[] counters = new long[1 << 28];
    ///
    /// @Override
    /// public boolean canFreeze() {
    ///     return false;
    /// }
    ///
    /// @Override
    /// public FrozenState snapshot() {
    ///     return out -> {
    ///         DataOutputStream data = new DataOutputStream(out);
    ///         for (long counter : counters) {
    ///             data.writeLong(counter);
    ///         }
    ///     };
    /// }
    /// ```
    ///
    /// @return always the same
    default boolean canFreeze() {
        return true;
    }

    /// Replaces the state by one that [FrozenState#writeTo] wrote.
    ///
    /// @param in exactly the bytes that were written, then end of stream
    /// @throws IOException if reading fails or the bytes are not a state of this service; the
    ///     replica then does not use this object any more
    void restore(InputStream in) throws IOException;

    /// The earliest agreed time at which the state changes without a command, in nanoseconds since
    /// 1970-01-01T00:00Z; `Long.MAX_VALUE` (the default) if there is none.
    ///
    /// When agreed time reaches it, [#onDeadline] is called on every replica at the same position,
    /// in an idle cluster too.
    default long nextDeadlineNanos() {
        return Long.MAX_VALUE;
    }

    /// Makes the changes that are due at or before `context.timeNanos()`.
    ///
    /// Afterwards [#nextDeadlineNanos()] must be later than `context.timeNanos()`.
    default void onDeadline(CommandContext context) {}
}
