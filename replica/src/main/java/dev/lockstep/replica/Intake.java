package dev.lockstep.replica;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import java.util.List;

/// What becomes of requests that were admitted, until they are executed. Who answers a client says
/// which way ([dev.lockstep.core.HostPolicy.Replies]).
interface Intake {

    /// A request was admitted.
    void add(
            Now now,
            int kind,
            Asker asker,
            long session,
            long sequence,
            long acknowledged,
            byte[] bytes,
            int offset,
            int length);

    /// Requests that another member passes on.
    ///
    /// @throws dev.lockstep.core.wire.MalformedException if it is none
    void onPassedOn(Now now, ReplicaId from, Bytes payload);

    /// True if [#advance] would hand something to the protocol.
    ///
    /// @param isOpen false if nothing more is admitted
    boolean isRipe(boolean isOpen);

    /// The end of a duty cycle.
    ///
    /// @param isHeldUp true if this replica is behind with what is ordered, or executes nothing
    void advance(Now now, boolean isOpen, boolean isHeldUp);

    /// Has something ordered that changes nothing but agreed time.
    void submitEmpty(Now now);

    /// An epoch begins of which this replica is a member: what it was asked to order and the last
    /// epoch did not is asked for again.
    ///
    /// @param waiting what was ordered and is not executed yet
    void join(Now now, List<BatchId> waiting);

    /// An epoch begins without this replica: what the last one did not order never will be, as far
    /// as it is up to this replica.
    ///
    /// @param waiting what was ordered and is not executed yet
    void stayAway(Now now, List<BatchId> waiting, String sentence);

    /// Admitted here and not yet executed.
    long sizeBytes();

    /// Of these, what this client has asked for; 0 where clients do not sign.
    long sizeBytes(int client);

    /// How many batches of this replica are with the protocol.
    int batches();

    /// True if nothing is admitted that is not yet executed.
    boolean isEmpty();

    /// A batch was executed.
    void onExecuted(BatchId id);

    /// The protocol will never order this batch.
    void onRefused(BatchId id, String reason);

    /// When [#advance] is to be called at the latest, monotonic; `Long.MAX_VALUE` for never.
    long nextDeadlineNanos();
}
