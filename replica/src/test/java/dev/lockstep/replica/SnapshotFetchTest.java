package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// How a replica that is far behind gets a member's snapshot.
class SnapshotFetchTest {

    private final Group group = new Group(3);
    private final FakeSnapshots snapshots = new FakeSnapshots();
    private final List<String> sent = new ArrayList<>();
    private final SnapshotFetch fetch = fetch(1L << 30);
    private boolean isConnected = true;
    private long nowNanos;

    private SnapshotFetch fetch(long bytesPerSecond) {
        Group.Node node = group.node(1);
        PeerPort peers =
                (to, head, body, token) -> {
                    sent.add(PeerFrames.kind(head) + " to " + to);
                    return isConnected;
                };
        ReplicaOptions options =
                ReplicaOptions.of(
                                Group.CLUSTER,
                                node.id,
                                Group.incarnation(node.id),
                                1,
                                group.members)
                        .withSnapshots(new SnapshotOptions(1, 1, bytesPerSecond));
        CurrentReign current = Group.reign(options);
        return new SnapshotFetch(
                options,
                new ReplicaPorts(
                        new MemoryJournal(),
                        snapshots,
                        peers,
                        node,
                        new SplittableRandom(1),
                        ReplicaListener.NONE),
                current,
                new PeerTable(current));
    }

    private Now now() {
        return new Now(nowNanos, 0);
    }

    private List<String> takeSent() {
        List<String> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    private static ReplicaId id(int value) {
        return new ReplicaId(value);
    }

    private static SnapshotFrames.Sent chunk(long position, int index) {
        return new SnapshotFrames.Sent(position, index, Bytes.wrap(new byte[index + 1]));
    }

    @Test
    void chunksGoToTheDiskOneAfterTheOther() {
        fetch.begin(now(), id(2), 0);
        assertThat(takeSent()).containsExactly("5 to 2");
        fetch.onOffer(now(), id(2), FakeSnapshots.at(50, 2), 10);
        assertThat(snapshots.take()).containsExactly("receive 50");
        fetch.onProgress(now(), 0);
        assertThat(takeSent()).containsExactly("7 to 2");
        fetch.onChunk(id(2), chunk(50, 0));
        assertThat(snapshots.take()).containsExactly("add 1");
        nowNanos += 1_000_000;
        fetch.onProgress(now(), 1);
        assertThat(takeSent()).containsExactly("7 to 2");
        fetch.onChunk(id(2), chunk(50, 1));
        assertThat(snapshots.take()).containsExactly("add 2");
        fetch.onComplete();
        assertThat(fetch.isUnderWay()).isFalse();
        assertThat(fetch.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsNotAskedForIsNotTaken() {
        fetch.onOffer(now(), id(2), FakeSnapshots.at(50, 2), 10);
        fetch.begin(now(), id(2), 0);
        fetch.onOffer(now(), id(3), FakeSnapshots.at(50, 2), 10);
        fetch.onChunk(id(2), chunk(50, 0));
        assertThat(snapshots.take()).isEmpty();
        fetch.onOffer(now(), id(2), FakeSnapshots.at(50, 2), 10);
        fetch.onProgress(now(), 1);
        assertThat(snapshots.take()).containsExactly("receive 50");
        fetch.onChunk(id(2), chunk(50, 0));
        fetch.onChunk(id(3), chunk(50, 1));
        fetch.onChunk(id(2), chunk(51, 1));
        assertThat(snapshots.take()).isEmpty();
    }

    @Test
    void itGoesNoFasterThanAllowed() {
        SnapshotFetch slow = fetch(1_000);
        slow.begin(now(), id(2), 0);
        slow.onOffer(now(), id(2), FakeSnapshots.at(50, 3), 10);
        slow.onProgress(now(), 0);
        slow.onChunk(id(2), chunk(50, 0));
        takeSent();
        slow.onProgress(now(), 1);
        assertThat(takeSent()).isEmpty();
        assertThat(slow.nextDeadlineNanos()).isEqualTo(1_000_000_000L);
        nowNanos = 1_000_000_000L;
        slow.advance(now());
        assertThat(takeSent()).containsExactly("7 to 2");
    }

    @Test
    void aSilentMemberIsAskedAFewTimesAndThenAnother() {
        fetch.begin(now(), id(2), 0);
        for (int i = 0; i < SnapshotFetch.MOST_TRIES + 1; i++) {
            nowNanos += SnapshotFetch.TIMEOUT_NANOS;
            fetch.advance(now());
        }
        assertThat(takeSent())
                .containsExactly(
                        "5 to 2", "5 to 2", "5 to 2", "5 to 2", "5 to 2", "5 to 3", "5 to 3");
    }

    @Test
    void aMemberWithoutOneIsPassedOverAndAllOfThemAreEnough() {
        fetch.begin(now(), id(2), 0);
        fetch.onOffer(now(), id(2), null, 10);
        assertThat(takeSent()).containsExactly("5 to 2", "5 to 3");
        fetch.onOffer(now(), id(3), FakeSnapshots.at(9, 1), 10);
        assertThat(snapshots.take()).isEmpty();
        assertThat(fetch.isUnderWay()).isFalse();
    }

    @Test
    void whoHealsTakesWhatHoldsEnough() {
        fetch.begin(now(), id(2), 20);
        fetch.onOffer(now(), id(2), FakeSnapshots.at(19, 1), 300);
        assertThat(snapshots.take()).isEmpty();
        fetch.onOffer(now(), id(3), FakeSnapshots.at(20, 1), 300);
        assertThat(snapshots.take()).containsExactly("receive 20");
    }

    @Test
    void aChunkThatTheDiskRefusesIsAskedOfAnother() {
        fetch.begin(now(), id(2), 0);
        fetch.onOffer(now(), id(2), FakeSnapshots.at(50, 2), 10);
        takeSent();
        fetch.onRefused(now(), "it is damaged");
        assertThat(takeSent()).containsExactly("5 to 3");
    }

    @Test
    void withoutAConnectionItIsTriedAgainSoon() {
        isConnected = false;
        fetch.begin(now(), id(2), 0);
        assertThat(fetch.nextDeadlineNanos()).isEqualTo(SnapshotFetch.TIMEOUT_NANOS / 10);
    }
}
