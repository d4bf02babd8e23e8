package dev.lockstep.replica;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;

/// Hears what a replica does: for the simulator's checkers, traces, metrics and logs.
///
/// Called on the replica's thread in the middle of its work: must not call the replica, must not
/// throw. Every method does nothing by default.
public interface ReplicaListener {

    /// Hears nothing.
    ReplicaListener NONE = new ReplicaListener() {};

    /// The replica begins with a snapshot of everything through a position.
    default void onRestored(long position) {}

    /// The protocol delivered a batch, which is executed next.
    default void onDelivered(long position, BatchId batch, long timeNanos) {}

    /// A delivered batch had been executed at an earlier position: skipped.
    default void onRepeated(long position, BatchId batch) {}

    /// A command ran, for the first and only time.
    ///
    /// @param chainDigest the reply chain with this command's reply folded in
    default void onExecuted(long position, long session, long sequence, long chainDigest) {}

    /// Everything of a position is executed.
    default void onPositionExecuted(long position, long chainDigest) {}

    /// A session was opened.
    default void onSessionOpened(long position, long session) {}

    /// A session ended.
    ///
    /// @param expired true if it was not heard of for too long, false if the client closed it
    default void onSessionEnded(long position, long session, boolean expired) {}

    /// The service threw: a bug in it, to be replayed at this position.
    ///
    /// @param session whose command; 0 for a deadline or a query
    default void onServiceFailure(long position, long session, long sequence, Throwable thrown) {}

    /// A delivered batch holds bytes that no replica's admission writes; everything from the
    /// request at `index` on is skipped, on every replica alike.
    default void onMalformedBatch(long position, BatchId batch, int index) {}

    /// A batch was handed to the protocol.
    default void onSubmitted(BatchId batch, int requests, int payloadBytes) {}

    /// The protocol will never order a batch of this replica.
    default void onBatchRefused(BatchId batch, String reason) {}

    /// A request was not admitted.
    default void onNotAdmitted(ClientReply.Status status, String sentence) {}

    /// A reply went to a client.
    default void onReplied(
            long connection,
            ClientReply.Kind kind,
            ClientReply.Status status,
            long session,
            long sequence,
            long position) {}

    /// A message was given to the transport.
    default void onSent(ReplicaId to, ProtocolMessage message, int frameBytes) {}

    /// A message of this epoch came in and is handed to the protocol.
    default void onReceived(ReplicaId from, ProtocolMessage message) {}

    /// A message claimed to be from a member that did not sign it; it is not handed to the
    /// protocol. Whoever sent it lies, or has another key than this replica knows.
    default void onForged(ReplicaId from) {}

    /// A client sent what no client of the cluster has signed.
    default void onForgedRequest(long connection) {}

    /// A record was appended to the journal.
    default void onPersisted(long sequence, ProtocolRecord record) {}

    /// Records through here survive a crash. Comes before what waited for them is sent.
    default void onDurable(long sequence) {}

    /// The protocol needs records through here no more.
    default void onRelease(long throughSequence) {}

    /// A snapshot is about to be written.
    default void onSnapshotBegun(long position) {}

    /// A snapshot is durable here.
    default void onSnapshotWritten(long position, long sizeBytes) {}

    /// A snapshot could not be written; it is tried again later.
    default void onSnapshotFailed(long position, String reason) {}

    /// A snapshot is fetched from a member: so many of its chunks are here.
    default void onSnapshotFetched(ReplicaId from, long position, int chunks, int of) {}

    /// Nothing is executed after `position` while a snapshot is written of a state that cannot be
    /// frozen.
    default void onExecutionPaused(long position) {}

    /// It is executed again.
    ///
    /// @param nanos how long nothing was
    /// @param waiting how many batches were delivered meanwhile
    default void onExecutionResumed(long position, long nanos, int waiting) {}

    /// A snapshot of this replica is damaged, and not offered to members any more.
    default void onSnapshotDamaged(long position, String reason) {}

    /// What a member sent of a snapshot is not taken; another member is asked.
    default void onSnapshotRefused(ReplicaId from, String reason) {}

    /// A fetched snapshot is published: the replica is to begin anew from it.
    default void onSnapshotInstalled(long position) {}

    /// The replica is in this epoch from now on, as a member or as one that follows.
    default void onEpoch(Reign reign) {}

    /// The protocol of the present epoch has been given all that the journal holds of it and takes
    /// part from here on.
    ///
    /// @param protocol what it knows; to be read during the call
    default void onTakesPart(OrderingStatus protocol) {}

    /// The protocol suspects a member.
    default void onSuspect(ReplicaId peer) {}

    /// What the epoch ends with is agreed, for the configuration authority to decide whether this
    /// attempt counts.
    default void onSealed(StopSign next, long attempt) {}

    /// The protocol holds proof that a member misbehaved.
    default void onEvidence(ReplicaId about, Bytes proof) {}

    /// Another member's reply chain or state differs from that of the majority, to which this
    /// replica belongs.
    ///
    /// @param inState true if the states differ, as they are after `throughPosition`
    /// @param afterPosition where they were last seen to be equal; 0 if never
    default void onPeerDiverged(
            ReplicaId peer, boolean inState, long afterPosition, long throughPosition) {}

    /// Members have different states after a position, and there is no majority to say who is
    /// right: all go on.
    default void onStatesDiffer(String sentence) {}

    /// This replica's replies or its state differ from those of the majority: it goes on logging
    /// and voting, but
    /// executes nothing and answers nobody.
    default void onQuarantined(String reason) {}

    /// After [#onQuarantined]: the command at which that began is found.
    default void onFirstDifference(FirstDifference difference) {}

    /// After [#onQuarantined]: the replies to all commands from one position through another, and
    /// what they changed as far as the service says, are the same here and at a replica of the
    /// majority.
    default void onNoDifference(ReplicaId peer, long first, long last) {}

    /// The bound on delays that the order relies on does not hold: until it has held for a while,
    /// this replica does nothing by time alone. If it is broken while a member lies, members may
    /// come to different histories.
    ///
    /// @param who whose answer was late, or this replica if it has stood still
    default void onDelayBroken(ReplicaId who, long tookNanos, long boundNanos) {}

    /// This replica does nothing from now on.
    default void onHalted(String reason) {}
}
