package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// When a replica takes a snapshot of itself.
class SnapshottingTest {

    private static final int RECORD_BYTES = 100;

    private final MemoryJournal journal = new MemoryJournal();
    private final FakeSnapshots snapshots = new FakeSnapshots();
    private final List<String> heard = new ArrayList<>();
    private final Group group = new Group(3);
    private long position;
    private long nowNanos;
    private boolean throwsAtSnapshot;

    private Snapshotting of(int replica, SnapshotOptions options) {
        Group.Node node = group.node(replica);
        ReplicaListener listener =
                new ReplicaListener() {
                    @Override
                    public void onSnapshotFailed(long at, String reason) {
                        heard.add("failed " + at + ": " + reason);
                    }
                };
        return new Snapshotting(
                ReplicaOptions.of(
                                Group.CLUSTER,
                                new ReplicaId(replica),
                                Group.incarnation(node.id),
                                1,
                                group.members)
                        .withSnapshots(options),
                new ReplicaPorts(journal, snapshots, node, node, new SplittableRandom(1), listener),
                new Snapshotting.Source() {
                    @Override
                    public SnapshotContent freeze() throws Service.CannotFreezeException {
                        if (throwsAtSnapshot) {
                            throw new Service.CannotFreezeException(
                                    new IllegalStateException("in two minds"));
                        }
                        return new SnapshotContent() {
                            @Override
                            public void writeTo(OutputStream out) {}

                            @Override
                            public void close() {}
                        };
                    }

                    @Override
                    public long position() {
                        return position;
                    }
                },
                Snapshotting.Gate.OPEN);
    }

    private static SnapshotOptions byBytes(long bytes) {
        return new SnapshotOptions(bytes, Long.MAX_VALUE, 1 << 20);
    }

    /// One position of `RECORD_BYTES`, and the end of a duty cycle. Returns what was asked for.
    private List<String> execute(Snapshotting snapshotting) {
        position++;
        Bytes content = Bytes.wrap(new byte[RECORD_BYTES]);
        var _ = journal.append(RecordKind.PROTOCOL, 1, content, Bytes.EMPTY);
        snapshotting.advance(new Now(nowNanos, 0));
        return snapshots.take();
    }

    private long executeUntilOneIsTaken(Snapshotting snapshotting) {
        while (execute(snapshotting).isEmpty()) {
            assertThat(position).isLessThan(1_000);
        }
        return position;
    }

    @Test
    void replicasTakeThemAtDifferentPositions() {
        assertThat(executeUntilOneIsTaken(of(1, byBytes(3_000)))).isEqualTo(10);
        position = 0;
        SnapshottingTest other = new SnapshottingTest();
        assertThat(other.executeUntilOneIsTaken(other.of(2, byBytes(3_000)))).isEqualTo(20);
        SnapshottingTest third = new SnapshottingTest();
        Snapshotting last = third.of(3, byBytes(3_000));
        assertThat(third.executeUntilOneIsTaken(last)).isEqualTo(30);
        var _ = last.onWritten(group.now(), FakeSnapshots.at(30, 1));
        assertThat(third.executeUntilOneIsTaken(last)).isEqualTo(60);
    }

    /// A burst brings the replicas' snapshots together: none can be written as soon as it is due.
    private static long nextAfterABurst(int id) {
        SnapshottingTest replica = new SnapshottingTest();
        Snapshotting snapshotting = replica.of(id, byBytes(3_000));
        long first = replica.executeUntilOneIsTaken(snapshotting);
        for (int i = 0; i < 60; i++) {
            assertThat(replica.execute(snapshotting)).isEmpty();
        }
        var _ = snapshotting.onWritten(replica.group.now(), FakeSnapshots.at(first, 1));
        long late = replica.executeUntilOneIsTaken(snapshotting);
        assertThat(late).isEqualTo(first + 61);
        var _ = snapshotting.onWritten(replica.group.now(), FakeSnapshots.at(late, 1));
        long next = replica.executeUntilOneIsTaken(snapshotting);
        var _ = snapshotting.onWritten(replica.group.now(), FakeSnapshots.at(next, 1));
        assertThat(replica.executeUntilOneIsTaken(snapshotting)).isEqualTo(next + 30);
        return next - late;
    }

    @Test
    void afterABurstTheyComeApartAgain() {
        assertThat(nextAfterABurst(1)).isEqualTo(10);
        assertThat(nextAfterABurst(2)).isEqualTo(20);
        assertThat(nextAfterABurst(3)).isEqualTo(30);
    }

    /// The replica whose next one is due soonest after a burst is not for ever late.
    @Test
    void aBurstIsOverOnceItIsOver() {
        Snapshotting snapshotting = of(1, byBytes(3_000));
        long last = executeUntilOneIsTaken(snapshotting);
        for (int i = 0; i < 60; i++) {
            assertThat(execute(snapshotting)).isEmpty();
        }
        for (int i = 0; i < 4; i++) {
            // Writing takes longer than a third of the usual.
            for (int more = 0; more < 14; more++) {
                assertThat(execute(snapshotting)).isEmpty();
            }
            var _ = snapshotting.onWritten(group.now(), FakeSnapshots.at(last, 1));
            long next = executeUntilOneIsTaken(snapshotting);
            assertThat(next - last).isEqualTo(i == 0 ? 75 : i == 1 ? 15 : 30);
            last = next;
        }
    }

    @Test
    void oneIsWrittenAtATime() {
        Snapshotting snapshotting = of(1, byBytes(300));
        assertThat(executeUntilOneIsTaken(snapshotting)).isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            assertThat(execute(snapshotting)).isEmpty();
        }
        var _ = snapshotting.onWritten(group.now(), FakeSnapshots.at(1, 1));
        assertThat(execute(snapshotting)).containsExactly("write " + position);
    }

    @Test
    void theOneBeforeStandsForTheJournal() {
        Snapshotting snapshotting = of(1, byBytes(300));
        snapshots.kept.add(FakeSnapshots.at(1, 1));
        assertThat(snapshotting.onWritten(group.now(), FakeSnapshots.at(1, 1))).isNull();
        snapshots.kept.addFirst(FakeSnapshots.at(9, 1));
        assertThat(snapshotting.onWritten(group.now(), FakeSnapshots.at(9, 1)))
                .isEqualTo(FakeSnapshots.at(1, 1));
        assertThat(snapshotting.lastPosition()).isEqualTo(9);
    }

    @Test
    void whatWouldTakeLongToExecuteAgainIsASnapshotToo() {
        Snapshotting snapshotting = of(1, new SnapshotOptions(Long.MAX_VALUE, 1_000, 1 << 20));
        for (int i = 0; i < 9; i++) {
            snapshotting.onExecuted(100);
            assertThat(execute(snapshotting)).isEmpty();
        }
        snapshotting.onExecuted(100);
        assertThat(execute(snapshotting)).containsExactly("write 10");
    }

    @Test
    void aFailedOneIsTriedAgainAfterAWhile() {
        Snapshotting snapshotting = of(1, byBytes(300));
        assertThat(executeUntilOneIsTaken(snapshotting)).isEqualTo(1);
        snapshotting.onFailed(new Now(nowNanos, 0), "no room");
        assertThat(heard).containsExactly("failed 1: no room");
        assertThat(execute(snapshotting)).isEmpty();
        assertThat(snapshotting.nextDeadlineNanos()).isEqualTo(Snapshotting.RETRY_NANOS);
        nowNanos = Snapshotting.RETRY_NANOS;
        assertThat(execute(snapshotting)).containsExactly("write 3");
    }

    @Test
    void aServiceThatThrowsIsAskedAgainAfterAWhile() {
        Snapshotting snapshotting = of(1, byBytes(300));
        throwsAtSnapshot = true;
        assertThat(execute(snapshotting)).isEmpty();
        assertThat(heard)
                .containsExactly(
                        "failed 1: no snapshot was taken: the service threw"
                                + " java.lang.IllegalStateException: in two minds");
        assertThat(execute(snapshotting)).isEmpty();
        assertThat(heard).hasSize(1);
        throwsAtSnapshot = false;
        nowNanos = Snapshotting.RETRY_NANOS;
        assertThat(execute(snapshotting)).containsExactly("write 3");
    }

    /// A disk that stays full must not keep the processor busy.
    @Test
    void withNothingNewItWaitsForNoTime() {
        Snapshotting snapshotting = of(1, byBytes(300));
        journal.hasRoom = false;
        assertThat(execute(snapshotting)).containsExactly("write 1");
        var _ = snapshotting.onWritten(group.now(), FakeSnapshots.at(1, 1));
        nowNanos = 2 * Snapshotting.RETRY_NANOS;
        snapshotting.advance(new Now(nowNanos, 0));
        assertThat(snapshots.take()).isEmpty();
        assertThat(snapshotting.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(execute(snapshotting)).containsExactly("write 2");
    }

    /// The disk would fill up with journal meanwhile.
    @Test
    void oneThatWasTakenForWantOfRoomDoesNotPutOffTheNext() {
        Snapshotting snapshotting = of(1, byBytes(300));
        journal.hasRoom = false;
        assertThat(execute(snapshotting)).containsExactly("write 1");
        var _ = snapshotting.onWritten(group.now(), FakeSnapshots.at(1, 1));
        assertThat(execute(snapshotting)).isEmpty();
        assertThat(snapshotting.nextDeadlineNanos()).isEqualTo(Snapshotting.RETRY_NANOS);
        journal.hasRoom = true;
        assertThat(executeUntilOneIsTaken(snapshotting)).isEqualTo(4);
    }

    @Test
    void whatAMemberFetchesStaysForAWhile() {
        Snapshotting snapshotting = of(1, new SnapshotOptions(300, 1_000, 1 << 20));
        assertThat(executeUntilOneIsTaken(snapshotting)).isEqualTo(1);
        var _ = snapshotting.onWritten(group.now(), FakeSnapshots.at(1, 1));
        snapshots.kept.add(FakeSnapshots.at(1, 1));
        snapshotting.onFetched(new Now(nowNanos, 0));
        snapshotting.onExecuted(2_000);
        for (int i = 0; i < 5; i++) {
            assertThat(execute(snapshotting)).isEmpty();
        }
        nowNanos = Snapshotting.FETCH_NANOS;
        assertThat(execute(snapshotting)).containsExactly("write 7");
    }

    @Test
    void whoFetchesForEverDoesNotMakeTheJournalGrowForEver() {
        Snapshotting snapshotting = of(1, byBytes(300));
        assertThat(executeUntilOneIsTaken(snapshotting)).isEqualTo(1);
        var _ = snapshotting.onWritten(group.now(), FakeSnapshots.at(1, 2));
        snapshots.kept.add(FakeSnapshots.at(1, 2));
        snapshotting.onFetched(new Now(nowNanos, 0));
        assertThat(executeUntilOneIsTaken(snapshotting)).isEqualTo(1 + 3 + 20);
    }

    @Test
    void aFullDiskDoesNotWaitForWhoFetches() {
        Snapshotting snapshotting = of(1, byBytes(300));
        snapshots.kept.add(FakeSnapshots.at(1, 1));
        snapshotting.onFetched(new Now(nowNanos, 0));
        journal.hasRoom = false;
        assertThat(execute(snapshotting)).containsExactly("write 1");
    }

    @Test
    void aDamagedOneIsReplacedAtOnceEvenIfNothingIsNew() {
        Snapshotting snapshotting = of(1, byBytes(300));
        assertThat(executeUntilOneIsTaken(snapshotting)).isEqualTo(1);
        var _ = snapshotting.onWritten(group.now(), FakeSnapshots.at(1, 1));
        snapshotting.advance(new Now(nowNanos, 0));
        assertThat(snapshots.take()).isEmpty();
        snapshotting.onDamaged();
        snapshotting.advance(new Now(nowNanos, 0));
        assertThat(snapshots.take()).containsExactly("write 1");
        var _ = snapshotting.onWritten(group.now(), FakeSnapshots.at(1, 1));
        assertThat(execute(snapshotting)).isEmpty();
    }

    @Test
    void aMemberMayWantOne() {
        Snapshotting snapshotting = of(1, SnapshotOptions.NEVER);
        assertThat(execute(snapshotting)).isEmpty();
        snapshotting.want(3);
        assertThat(execute(snapshotting)).isEmpty();
        assertThat(execute(snapshotting)).containsExactly("write 3");
        var _ = snapshotting.onWritten(group.now(), FakeSnapshots.at(3, 1));
        snapshotting.want(2);
        assertThat(execute(snapshotting)).isEmpty();
    }

    @Test
    void nothingNewIsNoSnapshot() {
        Snapshotting snapshotting = of(1, byBytes(300));
        snapshotting.restored(5);
        position = 5;
        for (int i = 0; i < 10; i++) {
            snapshotting.onReplayed(1_000);
        }
        snapshotting.advance(new Now(0, 0));
        assertThat(snapshots.take()).isEmpty();
        assertThat(execute(snapshotting)).containsExactly("write 6");
    }
}
