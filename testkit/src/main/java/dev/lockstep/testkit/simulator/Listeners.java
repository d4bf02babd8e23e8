package dev.lockstep.testkit.simulator;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.replica.ReplicaListener;

/// Two listeners as one: the simulator's own and that of whoever set the run up, who hears of the
/// protocol and of positions.
final class Listeners implements ReplicaListener {

    private final ReplicaListener first;
    private final ReplicaListener second;

    Listeners(ReplicaListener first, ReplicaListener second) {
        this.first = first;
        this.second = second;
    }

    @Override
    public void onDelivered(long position, BatchId batch, long timeNanos) {
        first.onDelivered(position, batch, timeNanos);
        second.onDelivered(position, batch, timeNanos);
    }

    @Override
    public void onRepeated(long position, BatchId batch) {
        first.onRepeated(position, batch);
        second.onRepeated(position, batch);
    }

    @Override
    public void onExecuted(long position, long session, long sequence, long chainDigest) {
        first.onExecuted(position, session, sequence, chainDigest);
        second.onExecuted(position, session, sequence, chainDigest);
    }

    @Override
    public void onPositionExecuted(long position, long chainDigest) {
        first.onPositionExecuted(position, chainDigest);
        second.onPositionExecuted(position, chainDigest);
    }

    @Override
    public void onSessionEnded(long position, long session, boolean expired) {
        first.onSessionEnded(position, session, expired);
        second.onSessionEnded(position, session, expired);
    }

    @Override
    public void onMalformedBatch(long position, BatchId batch, int index) {
        first.onMalformedBatch(position, batch, index);
        second.onMalformedBatch(position, batch, index);
    }

    @Override
    public void onSubmitted(BatchId batch, int requests, int payloadBytes) {
        first.onSubmitted(batch, requests, payloadBytes);
        second.onSubmitted(batch, requests, payloadBytes);
    }

    @Override
    public void onBatchRefused(BatchId batch, String reason) {
        first.onBatchRefused(batch, reason);
        second.onBatchRefused(batch, reason);
    }

    @Override
    public void onSent(ReplicaId to, ProtocolMessage message, int frameBytes) {
        first.onSent(to, message, frameBytes);
        second.onSent(to, message, frameBytes);
    }

    @Override
    public void onReceived(ReplicaId from, ProtocolMessage message) {
        first.onReceived(from, message);
        second.onReceived(from, message);
    }

    @Override
    public void onPersisted(long sequence, ProtocolRecord record) {
        first.onPersisted(sequence, record);
        second.onPersisted(sequence, record);
    }

    @Override
    public void onEvidence(ReplicaId about, Bytes proof) {
        first.onEvidence(about, proof);
        second.onEvidence(about, proof);
    }

    @Override
    public void onPeerDiverged(ReplicaId peer, long afterPosition, long throughPosition) {
        first.onPeerDiverged(peer, afterPosition, throughPosition);
        second.onPeerDiverged(peer, afterPosition, throughPosition);
    }

    @Override
    public void onQuarantined(String reason) {
        first.onQuarantined(reason);
        second.onQuarantined(reason);
    }

    @Override
    public void onHalted(String reason) {
        first.onHalted(reason);
        second.onHalted(reason);
    }
}
