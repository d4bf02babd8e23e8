package dev.lockstep.testkit.simulator;

import dev.lockstep.core.wire.Bytes;

/// A change of the replicated state, as the first replica made it and all others must.
///
/// @param number the command's; [#DEADLINE] if no client asked for it
/// @param seed of the randomness that was given out; 0 if none was
/// @param hasFailed true if the machine threw
/// @param reply the machine's own, or what it threw
record Change(
        long number,
        long session,
        long position,
        long timeNanos,
        long seed,
        boolean hasFailed,
        Bytes reply) {

    /// Numbers of commands begin after this.
    static final long DEADLINE = 0;

    static Change of(long number, CallContext call, boolean hasFailed, Bytes reply) {
        return new Change(
                number,
                call.session(),
                call.position(),
                call.timeNanos(),
                call.seed(),
                hasFailed,
                reply);
    }

    /// The same when its reply's buffer is used again.
    Change kept() {
        return new Change(
                number,
                session,
                position,
                timeNanos,
                seed,
                hasFailed,
                Bytes.wrap(reply.toByteArray()));
    }

    CallContext context() {
        return new CallContext(session, position, timeNanos, () -> seed);
    }

    @Override
    public String toString() {
        String what = number == DEADLINE ? "a deadline" : "command " + number;
        return what
                + " at position "
                + position
                + ", time "
                + timeNanos
                + (hasFailed ? ", threw " : ", replied ")
                + CallText.of(reply.toByteArray());
    }
}
