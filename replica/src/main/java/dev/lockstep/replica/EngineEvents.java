package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;

/// What a protocol's effects mean to the rest of the replica. Called between steps: may raise new
/// inputs, which are stepped afterwards.
interface EngineEvents {

    void onDeliver(Now now, long position, Batch batch, long timeNanos, Bytes anchor);

    void onRefused(BatchId batch, String reason);

    void onReadable(long barrier, long position);

    void onUnreadable(Now now, long barrier);

    void onNeedHistory(Now now, long from);

    /// The protocol has come to its end: it gets nothing more.
    void onStopped(Now now, StopSign sign, long position);

    /// A payload is to be judged: answered with [CurrentEngine#validated].
    void onValidate(Now now, Bytes digest, ReplicaId proposer, Batch batch);

    /// The protocol suspects a member, or itself.
    void onSuspect(Now now, ReplicaId peer);

    /// The members that go on agree on what the epoch ends with in this attempt.
    void onSealed(Now now, StopSign next, long attempt);

    /// The protocol, or the host on its behalf, must not go on.
    void onHalt(Now now, String reason);

    /// Records through here are not needed by the protocol any more, given the snapshots that it
    /// was told of.
    void onRelease(long throughSequence);

    /// A record with this batch's payload is in the journal.
    void onBatchPersisted(BatchId batch, long sequence);
}
