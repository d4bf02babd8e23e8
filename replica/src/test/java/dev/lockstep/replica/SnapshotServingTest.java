package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.SnapshotEvent;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;

/// What serving snapshots does to the snapshots that a replica takes of itself.
class SnapshotServingTest {

    private static final int DUE_BYTES = 1_000;

    private final FakeSnapshots snapshots = new FakeSnapshots();
    private final Group group = new Group(3);
    private final Group.Node node = group.node(1);
    private long session;
    private long sequence;

    @BeforeEach
    void start() {
        node.snapshots = snapshots;
        node.snapshotOptions = new SnapshotOptions(DUE_BYTES, Long.MAX_VALUE, 1 << 20);
        node.restart();
        session = node.open(7, 3_600 * Group.SECOND);
    }

    /// Executes until a snapshot is asked for or the journal has grown by so much.
    private boolean isTakenWithin(long bytes) {
        long end = node.journal.appendedBytes() + bytes;
        while (snapshots.asked.stream().noneMatch(asked -> asked.startsWith("write"))
                && node.journal.appendedBytes() < end) {
            sequence++;
            var _ = node.command(1, session, sequence, sequence - 1, "c");
            group.run();
        }
        return !snapshots.take().isEmpty();
    }

    private void written() {
        long position = node.replica.status().executedPosition();
        snapshots.kept.addFirst(FakeSnapshots.at(position, 9));
        node.replica.onSnapshot(
                group.now(), new SnapshotEvent.Written(FakeSnapshots.at(position, 9)));
    }

    @Test
    void theNextOneWaitsForWhoFetches() {
        assertThat(isTakenWithin(2 * DUE_BYTES)).isTrue();
        written();
        assertThat(isTakenWithin(2 * DUE_BYTES)).isTrue();
        written();
        long newest = snapshots.kept.getFirst().position();
        node.replica.onPeerFrame(
                group.now(),
                Group.member(new ReplicaId(2)),
                SnapshotFrames.needChunk(1, newest, 0));
        assertThat(snapshots.take()).hasSize(1);
        assertThat(isTakenWithin(5 * DUE_BYTES)).isFalse();
        assertThat(isTakenWithin(20 * DUE_BYTES)).isTrue();
    }

    /// What the protocol wants back for the position of a snapshot is in that snapshot alone.
    @Test
    void theOneThatAReplicaBeganWithIsReplacedAsWell() throws IOException {
        assertThat(isTakenWithin(2 * DUE_BYTES)).isTrue();
        byte[] begun = snapshots.content.toByteArray();
        node.restartWith(begun);
        long position = node.replica.status().executedPosition();
        snapshots.content.reset();
        node.replica.onSnapshot(group.now(), new SnapshotEvent.Damaged(position, "rotten"));
        node.replica.advance(group.now());
        assertThat(snapshots.content.toByteArray()).isEqualTo(begun);
    }

    @Test
    void aServiceWhoseSnapshotsThrowIsServedAllTheSame() {
        node.ledger.isShy = true;
        assertThat(isTakenWithin(2 * DUE_BYTES)).isFalse();
        assertThat(node.said()).startsWith("OK " + sequence);
        node.ledger.isShy = false;
        group.pass(Snapshotting.RETRY_NANOS);
        assertThat(isTakenWithin(2 * DUE_BYTES)).isTrue();
    }

    @Test
    void aDamagedOneIsReplaced() {
        assertThat(isTakenWithin(2 * DUE_BYTES)).isTrue();
        written();
        long newest = snapshots.kept.removeFirst().position();
        node.replica.onSnapshot(group.now(), new SnapshotEvent.Damaged(newest, "rotten"));
        group.run();
        assertThat(snapshots.take()).containsExactly("write " + newest);
    }
}
