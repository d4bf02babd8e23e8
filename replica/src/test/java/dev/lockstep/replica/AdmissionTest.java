package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;

/// Batches are small when idle and large under load; past a bound clients are told so, and go on
/// when there is room.
class AdmissionTest {

    private static final int HEADER = OpenBatch.HEADER_BYTES;

    private static Group group(int batchBytes, long inFlight, long perConnection, long journal) {
        return new Group(
                1,
                options -> {
                    ReplicaLimits from = options.limits();
                    return options.withLimits(
                            new ReplicaLimits(
                                    100_000,
                                    from.replyBytes(),
                                    batchBytes,
                                    inFlight,
                                    perConnection,
                                    journal,
                                    from.parkedRequests(),
                                    from.parkedBytes(),
                                    from.minSessionTimeoutNanos(),
                                    from.maxSessionTimeoutNanos(),
                                    3,
                                    from.queryTimeoutNanos()));
                });
    }

    private static Group group(int batchBytes) {
        return group(batchBytes, 1 << 26, 1 << 26, 1 << 26);
    }

    private static String bytes(int size) {
        return "x".repeat(size);
    }

    @Test
    void whatArrivesInOneDutyCycleTravelsTogether() {
        Group group = group(1 << 20);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        for (int sequence = 1; sequence <= 10; sequence++) {
            var _ = node.command(1, session, sequence, 0, "c");
        }
        group.run();
        assertThat(node.replica.status().executedPosition()).isEqualTo(2);
        assertThat(node.replica.status().commands()).isEqualTo(10);
    }

    @Test
    void aSmallBatchWaitsUntilTheProtocolWantsIt() {
        Group group = group(1 << 20);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        node.toy().wantsBatch = false;
        var _ = node.command(1, session, 1, 0, bytes(60_000));
        group.run();
        assertThat(node.replica.status().inFlightBatches()).isZero();
        assertThat(node.replica.status().inFlightBytes()).isEqualTo(60_000 + HEADER);
        var _ = node.command(1, session, 2, 0, bytes((64 << 10) - 60_000 - 2 * HEADER));
        assertThat(node.replica.nextDeadlineNanos()).isEqualTo(group.now().monotonicNanos());
        group.run();
        assertThat(node.said()).startsWith("OK 2");
        var _ = node.command(1, session, 3, 0, "c");
        group.run();
        assertThat(node.said()).startsWith("OK 2");
        node.toy().wantsBatch = true;
        assertThat(node.replica.nextDeadlineNanos()).isEqualTo(group.now().monotonicNanos());
        group.run();
        assertThat(node.said()).startsWith("OK 3");
    }

    @Test
    void aBatchIsClosedWhenTheNextRequestWouldMakeItTooLarge() {
        Group group = group(1_000);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        var _ = node.command(1, session, 1, 0, bytes(500 - HEADER));
        var _ = node.command(1, session, 2, 0, bytes(499 - HEADER));
        assertThat(node.replica.status().inFlightBatches()).isZero();
        var _ = node.command(1, session, 3, 0, bytes(2));
        assertThat(node.replica.status().inFlightBatches()).isEqualTo(1);
        var _ = node.command(1, session, 4, 0, bytes(5_000));
        assertThat(node.replica.status().inFlightBatches()).isEqualTo(3);
        assertThat(node.replica.status().inFlightBytes())
                .isEqualTo(999 + 2 + HEADER + 5_000 + HEADER);
        group.run();
        assertThat(node.replica.status().executedPosition()).isEqualTo(4);
        assertThat(node.replica.status().inFlightBytes()).isZero();
    }

    @Test
    void aCommandThatIsTooLargeIsRefusedWithBothSizes() {
        Group group = group(1 << 20);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        assertThat(node.command(1, session, 1, 0, bytes(100_000))).isEqualTo(Status.OK);
        assertThat(node.command(1, session, 2, 0, bytes(100_001))).isEqualTo(Status.REFUSED);
        assertThat(node.replica.refusal()).contains("100001").contains("100000");
        assertThat(node.command(1, session, 0, 0, "x")).isEqualTo(Status.REFUSED);
        assertThat(node.command(1, session, 2, -1, "x")).isEqualTo(Status.REFUSED);
        node.query(1, 5, Freshness.LOCAL, 0, bytes(100_001));
        assertThat(node.said()).startsWith("REFUSED 5").contains("100001").contains("100000");
    }

    @Test
    void theNodesBoundHoldsAndPasses() {
        Group group = group(1 << 20, 1_000, 1 << 20, 1 << 20);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        node.syncs = false;
        assertThat(node.command(1, session, 1, 0, bytes(600 - HEADER))).isEqualTo(Status.OK);
        group.run();
        assertThat(node.command(1, session, 2, 0, bytes(400 - HEADER))).isEqualTo(Status.OK);
        assertThat(node.command(2, session, 3, 0, "")).isEqualTo(Status.OVERLOADED);
        assertThat(node.replica.refusal()).contains("1000 bytes in flight, at most 1000");
        node.syncs = true;
        group.run();
        assertThat(node.command(2, session, 3, 0, "")).isEqualTo(Status.OK);
        group.run();
        assertThat(node.said()).startsWith("OK 3");
    }

    @Test
    void aConnectionsBoundHoldsForItAlone() {
        Group group = group(1 << 20, 1 << 20, 1_000, 1 << 20);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        assertThat(node.command(1, session, 1, 0, bytes(1_000 - HEADER))).isEqualTo(Status.OK);
        assertThat(node.command(1, session, 2, 0, "")).isEqualTo(Status.OVERLOADED);
        assertThat(node.replica.refusal()).contains("for this connection");
        assertThat(node.command(2, session, 2, 0, "")).isEqualTo(Status.OK);
        group.run();
        assertThat(node.command(1, session, 3, 0, "")).isEqualTo(Status.OK);
    }

    /// Otherwise a connection that holds all it may, behind a gap, would hold it for ever.
    @Test
    void whatOthersWaitForIsTakenBeyondTheConnectionsBound() {
        Group group = group(1 << 20, 1 << 20, 1_000, 1 << 20);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        assertThat(node.command(1, session, 2, 0, bytes(900))).isEqualTo(Status.OK);
        group.run();
        assertThat(node.command(1, session, 3, 0, bytes(500))).isEqualTo(Status.OVERLOADED);
        assertThat(node.command(1, session, 1, 0, bytes(500))).isEqualTo(Status.OK);
        group.run();
        assertThat(node.said()).startsWith("OK 2");
        assertThat(node.command(1, session, 3, 0, bytes(500))).isEqualTo(Status.OK);
    }

    @Test
    void aRequestLargerThanABoundIsTakenAlone() {
        Group group = group(1 << 20, 1_000, 1_000, 1 << 20);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        assertThat(node.command(1, session, 1, 0, bytes(5_000))).isEqualTo(Status.OK);
        assertThat(node.command(1, session, 2, 0, bytes(5_000))).isEqualTo(Status.OVERLOADED);
        group.run();
        assertThat(node.command(1, session, 2, 0, bytes(5_000))).isEqualTo(Status.OK);
    }

    @Test
    void aSlowJournalStopsAdmission() {
        Group group = group(1 << 20, 1 << 20, 1 << 20, 1_000);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        node.syncs = false;
        var _ = node.command(1, session, 1, 0, bytes(1_000));
        group.run();
        assertThat(node.command(1, session, 2, 0, "c")).isEqualTo(Status.OVERLOADED);
        assertThat(node.replica.refusal()).contains("journal").contains("at most 1000");
        node.syncs = true;
        group.run();
        assertThat(node.command(1, session, 2, 0, "c")).isEqualTo(Status.OK);
    }

    @Test
    void aFullDiskStopsAdmissionUntilThereIsRoom() {
        Group group = group(1 << 20);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        node.journal.hasRoom = false;
        assertThat(node.command(1, session, 1, 0, "c")).isEqualTo(Status.OVERLOADED);
        assertThat(node.replica.refusal()).startsWith("the disk of replica 1 is full");
        node.replica.onClient(group.now(), 1, new ClientRequest.KeepAlive(session, 0));
        assertThat(node.said()).startsWith("OVERLOADED 0 the disk");
        node.query(1, 5, Freshness.LINEARIZABLE, 0);
        group.run();
        assertThat(node.said()).startsWith("OK 5");
        node.journal.hasRoom = true;
        assertThat(node.command(1, session, 1, 0, "c")).isEqualTo(Status.OK);
        group.run();
        assertThat(node.said()).startsWith("OK 1");
    }

    @Test
    void aBatchThatTheProtocolRefusesIsAnsweredAndNothingIsInFlight() {
        Group group = group(1 << 20);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        node.toy().refuses = true;
        var _ = node.command(1, session, 1, 0, "c");
        node.replica.onClient(group.now(), 1, new ClientRequest.KeepAlive(session, 0));
        node.replica.onClient(group.now(), 1, new ClientRequest.Open(8, Group.SECOND));
        node.replica.onClient(group.now(), 1, new ClientRequest.Close(session));
        group.run();
        assertThat(node.replies.subList(1, 5))
                .extracting(ClientReply::status)
                .containsOnly(Status.UNAVAILABLE);
        assertThat(node.replies.get(3).sequence()).isEqualTo(8);
        assertThat(node.replica.status().inFlightBytes()).isZero();
        assertThat(node.replica.status().waitingRequests()).isZero();
        node.toy().refuses = false;
        var _ = node.command(1, session, 1, 0, "c");
        group.run();
        assertThat(node.said()).startsWith("OK 1");
    }

    @Test
    void queriesAreBoundedTooAndTimeOut() {
        Group group = group(1 << 20);
        Group.Node node = group.node(1);
        node.toy().unreadable = true;
        for (int number = 1; number <= 4; number++) {
            node.query(1, number, Freshness.LINEARIZABLE, 0);
        }
        assertThat(node.said()).startsWith("OVERLOADED 4 3 queries wait already, at most 3");
        group.pass(4_999 * Group.MS);
        assertThat(node.replies).hasSize(1);
        group.pass(Group.MS);
        assertThat(node.replies).hasSize(4);
        assertThat(node.said()).startsWith("UNAVAILABLE 3 this replica could not");
        assertThat(node.replica.status().waitingQueries()).isZero();
        node.toy().unreadable = false;
        node.query(1, 9, Freshness.LINEARIZABLE, 0);
        group.pass(20 * Group.MS);
        assertThat(node.said()).startsWith("OK 9");
    }

    @Test
    void queriesThatWaitAreBoundedInBytes() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        node.toy().unreadable = true;
        String large = bytes(8 << 20);
        int most = (int) (Queries.WAITING_BYTES / large.length());
        for (int number = 1; number <= most; number++) {
            node.query(1, number, Freshness.LINEARIZABLE, 0, large);
        }
        group.run();
        assertThat(node.replies).isEmpty();
        node.query(1, most + 1, Freshness.LINEARIZABLE, 0, "q");
        assertThat(node.said())
                .startsWith(
                        "OVERLOADED 5 33554432 bytes of queries wait already, at most 33554432");
        node.toy().unreadable = false;
        group.pass(20 * Group.MS);
        assertThat(node.replies).hasSize(most + 1);
        node.toy().unreadable = true;
        node.query(1, 9, Freshness.LINEARIZABLE, 0, large);
        group.pass(5_000 * Group.MS);
        assertThat(node.said()).startsWith("UNAVAILABLE 9");
        for (int number = 10; number < 10 + most; number++) {
            node.query(1, number, Freshness.LINEARIZABLE, 0, large);
        }
        assertThat(node.said()).startsWith("UNAVAILABLE 9");
    }

    @Test
    void anUnreadableBarrierIsAskedForAgain() {
        Group group = group(1 << 20);
        Group.Node node = group.node(1);
        node.toy().unreadable = true;
        node.query(1, 1, Freshness.LINEARIZABLE, 0);
        group.run();
        node.toy().unreadable = false;
        group.run();
        assertThat(node.replies).isEmpty();
        group.pass(Queries.ASK_AGAIN_NANOS);
        assertThat(node.said()).isEqualTo("OK 1 ");
    }

    @Test
    void oneBarrierCoversEveryQueryThatCameBefore() {
        Group group = new Group(3);
        Group.Node node = group.node(3);
        node.toy().trace.setLength(0);
        for (int number = 1; number <= 5; number++) {
            node.query(1, number, Freshness.LINEARIZABLE, 0);
        }
        node.replica.advance(group.now());
        node.query(1, 6, Freshness.LINEARIZABLE, 0);
        node.query(1, 7, Freshness.LINEARIZABLE, 0);
        node.replica.advance(group.now());
        group.run();
        assertThat(node.replies).hasSize(7);
        assertThat(node.toy().trace.toString().split("ReadRequested", -1)).hasSize(3);
    }

    @Test
    void aSessionQueryWaitsForWhatTheClientHasSeen() {
        Group group = new Group(3);
        long session = group.node(2).open(7, Group.SECOND);
        Group.Node slow = group.node(3);
        slow.syncs = false;
        var _ = group.node(2).command(1, session, 1, 0, "a");
        group.run();
        slow.query(1, 1, Freshness.SESSION, group.node(2).lastReply().position());
        slow.query(1, 2, Freshness.LOCAL, 0);
        group.run();
        assertThat(slow.said()).isEqualTo("OK 2 ");
        slow.syncs = true;
        group.run();
        assertThat(slow.said()).isEqualTo("OK 1 a;");
    }

    @Test
    void aReplicaThatIsStartingSendsClientsElsewhere() {
        Group group = group(1 << 20);
        Group.Node node = group.node(1);
        Replica starting =
                Replica.create(
                        ReplicaOptions.of(
                                Group.CLUSTER,
                                node.id,
                                Group.incarnation(node.id),
                                9,
                                group.members),
                        node.provider,
                        new Ledger(),
                        new ReplicaPorts(
                                new MemoryJournal(),
                                Snapshots.NONE,
                                node,
                                node,
                                new java.util.SplittableRandom(1),
                                ReplicaListener.NONE));
        assertThat(starting.onCommand(group.now(), 1, 1, 1, 0, "c".getBytes(UTF_8), 0, 1))
                .isEqualTo(Status.UNAVAILABLE);
        assertThat(starting.refusal()).contains("is starting");
        starting.onClient(group.now(), 1, new ClientRequest.Open(5, Group.SECOND));
        assertThat(node.said()).startsWith("UNAVAILABLE 5");
    }
}
