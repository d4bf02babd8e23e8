package dev.lockstep.replica;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.Now;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/// One replica of one state machine: takes inputs, never waits, deterministic.
///
/// A driver, the node's loop or the simulator, owns it: it hands in what its sockets, its journal
/// and its clock have, then calls [#advance], once per duty cycle and whenever
/// [#nextDeadlineNanos] has come. Everything that arrived at or before a time is handed in before
/// [#advance] is called with that time.
///
/// Life: [#replay] for every record of the journal, in order; [#recovered] once; then any inputs.
/// During the replay the journal is not touched, so that it may still be opening. `monotonicNanos`
/// starts at 0 or later and never goes back.
///
/// Errors: a broken invariant, a failed journal and an `Error` thrown by the service leave through
/// any input method; the replica must then be dropped. A
/// [dev.lockstep.core.wire.MalformedException] leaves through [#onPeerFrame] and means no harm: the
/// driver closes that connection.
///
/// Threading: one thread.
public final class Replica {

    private Replica() {}

    /// A replica that waits for its journal to be replayed.
    ///
    /// @param random the only source of randomness: for the protocol's timeouts
    /// @throws IllegalArgumentException with a sentence if the provider and the options do not fit
    public static Replica create(
            ReplicaOptions options,
            OrderingProvider<?, ?> provider,
            StateMachine machine,
            Journal journal,
            PeerPort peers,
            ClientPort clients,
            RandomGenerator random,
            ReplicaListener listener) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// A record that survived the last boot.
    ///
    /// @throws dev.lockstep.core.wire.MalformedException if it is not a record of this protocol
    public void replay(JournalRecord record) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// There are no more records, and the journal takes new ones: take part.
    public void recovered(Now now) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The content of a frame from another member, given away.
    ///
    /// @throws dev.lockstep.core.wire.MalformedException if it is none: close the connection
    public void onPeerFrame(Now now, ReplicaId from, Bytes frame) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// There is a new connection to a member.
    public void onPeerConnected(Now now, ReplicaId peer) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The connection to a member ended, or could not be made.
    public void onPeerLost(Now now, ReplicaId peer) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The frame that was sent with this token was given to the kernel.
    public void onFlushed(Now now, long token) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The journal is durable through `sequence`.
    public void onDurable(Now now, long sequence) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// A request other than a command on the hot path; its bytes are given away. Every request is
    /// answered through the [ClientPort], perhaps before this returns.
    ///
    /// @param connection a number never used again within the boot
    public void onClient(Now now, long connection, ClientRequest request) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// A command. Its bytes are copied before this returns.
    ///
    /// @return `OK` if it was admitted, or had been: the reply comes through the [ClientPort],
    ///     perhaps before this returns. Any other status: nothing happens with this copy of the
    ///     request, no sequence number is used up; the driver answers the client with the status
    ///     and the sentence of [#refusal]
    public ClientReply.Status onCommand(
            Now now,
            long connection,
            long session,
            long sequence,
            long acknowledged,
            byte[] bytes,
            int offset,
            int length) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Why the last [#onCommand] did not return `OK`: one sentence for the client.
    public String refusal() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// A client's connection ended: nothing is sent to it any more.
    public void onClientGone(long connection) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The end of a duty cycle: fires timers that are due, closes the batch if it is time, asks for
    /// read barriers, answers what can be answered.
    public void advance(Now now) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// When [#advance] is to be called at the latest, monotonic; `Long.MAX_VALUE` for never.
    public long nextDeadlineNanos() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Begins an orderly stop: no more admission, duties are handed over, what was admitted is
    /// waited for, at most five seconds.
    public void leave(Now now) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// True once an orderly stop has nothing left to wait for: the driver may drop the replica.
    public boolean hasLeft() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// How it is now.
    public ReplicaStatus status() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// What the replicated state is now. Writes the whole state through SHA-256: for tests and
    /// operators, not for the path of a request.
    public StateDigest stateDigest() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Why this replica does nothing any more, one sentence; null while it works.
    public @Nullable String haltReason() {
        throw new UnsupportedOperationException("not built yet");
    }
}
