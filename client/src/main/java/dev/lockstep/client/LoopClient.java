package dev.lockstep.client;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest.Freshness;

/// A session with a cluster on the caller's own [dev.lockstep.net.NetworkLoop]: without a thread,
/// without a hand-over, for load generators and programs that have a loop already.
///
/// The caller calls [#poll] again and again; completions are told within. Where several sessions
/// share a loop, it polls the loop itself, calls [#advance] on each, and flushes the loop.
///
/// Threading: the loop's thread.
public final class LoopClient implements AutoCloseable {

    private LoopClient() {}

    /// True if another command would be taken now.
    public boolean hasRoom() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Issues a command; it leaves at the loop's next flush.
    ///
    /// @param command given away until its outcome is told
    /// @param timeoutNanos when to give it up, from now
    public void command(byte[] command, long timeoutNanos, Completion whenKnown) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Asks a query; it leaves at the loop's next flush.
    ///
    /// @param timeoutNanos when to give it up, from now
    public void query(Bytes query, Freshness freshness, long timeoutNanos, Completion whenKnown) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Hands in what has arrived, tells outcomes, sends what is due; waits for something to do.
    ///
    /// @param waitNanos wait at most this long; 0 or less: do not wait
    public void poll(long waitNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Does what is due after a poll of a shared loop.
    public void advance() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// How long a poll of a shared loop may wait before [#advance] is due.
    public long nanosToNextDeadline() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The cluster that was reached.
    public ClusterId clusterId() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The number of the replica that the session talks to; 0 while none is connected.
    public int entry() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// How often the session moved to another replica because one went away or was silent.
    public long failovers() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Ends the session in the cluster if it can be reached within a second, and closes its
    /// connections, not the loop. Calls in flight fail.
    @Override
    public void close() {
        throw new UnsupportedOperationException("not built yet");
    }
}
