package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.List;
import java.util.Objects;

/// Replicas whose services reply differently are found out at the next comparison.
class DivergenceTest {

    private static long run(Group group, long session, long from, int commands) {
        for (int i = 0; i < commands; i++) {
            var _ = group.node(1).command(1, session, from + i, from + i - 1, "c");
            group.run();
        }
        return from + commands;
    }

    @Test
    void equalReplicasAgree() {
        Group group = new Group(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long _ = run(group, session, 1, 3 * DigestComparison.CHAIN_INTERVAL);
        for (Group.Node node : group.nodes()) {
            assertThat(node.heard).isEmpty();
            assertThat(node.replica.status().chainPosition())
                    .isEqualTo(3 * DigestComparison.CHAIN_INTERVAL);
            assertThat(node.replica.status().chainDigest())
                    .isEqualTo(group.node(1).replica.status().chainDigest());
        }
    }

    private static Bytes chunkAsked(Group group, Group.Node of) {
        ReplicaId second = new ReplicaId(2);
        group.node(2).inbox.clear();
        of.replica.onPeerFrame(
                group.now(), Group.member(second), SnapshotFrames.needChunk(1, 9, 0));
        return group.node(2).inbox.isEmpty() ? Bytes.EMPTY : group.node(2).inbox.getLast().frame();
    }

    /// A member that had begun to fetch its snapshot would become the second of three.
    @Test
    void aQuarantinedReplicaServesNoSnapshotToItsEnd() {
        Group group = new Group(3);
        Group.Node bad = group.node(3);
        FakeSnapshots snapshots = new FakeSnapshots();
        snapshots.kept.add(FakeSnapshots.at(9, 2));
        bad.snapshots = snapshots;
        bad.restart();
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        bad.ledger.bug = "?";
        assertThat(chunkAsked(group, bad)).isEqualTo(Bytes.EMPTY);
        assertThat(snapshots.take()).containsExactly("read 1 9 0");
        long _ = run(group, session, 1, DigestComparison.CHAIN_INTERVAL);
        assertThat(bad.replica.status().quarantineReason()).isNotNull();
        assertThat(chunkAsked(group, bad)).isEqualTo(SnapshotFrames.offer(1, null));
        assertThat(snapshots.take()).isEmpty();
    }

    @Test
    void theMinorityIsQuarantinedAndTheMajorityGoesOn() {
        Group group = new Group(3);
        Group.Node bad = group.node(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = run(group, session, 1, DigestComparison.CHAIN_INTERVAL);
        bad.ledger.bug = "?";
        next = run(group, session, next, DigestComparison.CHAIN_INTERVAL);

        int second = 2 * DigestComparison.CHAIN_INTERVAL;
        assertThat(group.node(1).heard)
                .containsExactly("diverged 3 " + DigestComparison.CHAIN_INTERVAL + " " + second);
        assertThat(group.node(2).heard)
                .containsExactly("diverged 3 " + DigestComparison.CHAIN_INTERVAL + " " + second);
        assertThat(bad.heard).hasSize(2);
        assertThat(bad.heard.getLast())
                .startsWith(
                        "found the first command with another reply or effect is at position 258: the order c (number 257 of session "
                                + session
                                + "), after which the reply chain is ");
        assertThat(bad.heard.getFirst())
                .startsWith("quarantined this replica's replies differ from those of the majority")
                .contains("between positions 257 and 512");
        assertThat(bad.replica.status().quarantineReason()).isNotNull();
        assertThat(bad.replica.haltReason()).isNull();
        assertThat(bad.replica.status().serving()).isFalse();
        assertThat(bad.toy().trace.toString()).contains("HandOver");
        assertThat(bad.command(5, session, next, 0, "c")).isEqualTo(Status.UNAVAILABLE);
        bad.query(5, 1, Freshness.LOCAL, 0);
        assertThat(bad.said()).startsWith("UNAVAILABLE 1 replica 3 is quarantined");

        long executed = bad.replica.status().executedPosition();
        long logged = bad.journal.lastSequence();
        next = run(group, session, next, 10);
        assertThat(bad.replica.status().executedPosition()).isEqualTo(executed);
        assertThat(bad.journal.lastSequence()).isEqualTo(logged + 10);
        assertThat(group.node(1).said()).startsWith("OK " + (next - 1));

        // Its sessions seem to expire, because its time stands still; it orders nothing for that.
        group.node(1)
                .replica
                .onClient(group.now(), 1, new ClientRequest.KeepAlive(session, next - 1));
        group.pass(3_000 * Group.SECOND);
        group.node(1)
                .replica
                .onClient(group.now(), 1, new ClientRequest.KeepAlive(session, next - 1));
        group.run();
        logged = bad.journal.lastSequence();
        group.pass(1_000 * Group.SECOND);
        group.pass(1_000 * Group.SECOND);
        assertThat(bad.journal.lastSequence()).isEqualTo(logged);
    }

    /// One batch has several commands, and the first of them is answered alike.
    @Test
    void theCommandIsNamedAndNotTheBatchAlone() {
        Group group = new Group(3);
        Group.Node bad = group.node(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = run(group, session, 1, DigestComparison.CHAIN_INTERVAL - 2);
        bad.ledger.bugFor = "size 3";
        for (String command : List.of("c1", "boom", "size 3", "c2")) {
            var _ = group.node(1).command(1, session, next, next - 1, command);
            next++;
        }
        group.run();
        long _ = run(group, session, next, 2);

        FirstDifference found = Objects.requireNonNull(bad.replica.firstDifference());
        assertThat(found.command().sequence()).isEqualTo(next - 2);
        assertThat(found.command().words())
                .as("what the service does not describe")
                .isEqualTo("6 bytes, 73 69 7a 65 20 33");
        List<ExecutedCommand> there = group.node(1).replica.commandsAt(found.command().position());
        assertThat(there.stream().map(ExecutedCommand::words))
                .startsWith("the order c1", "4 bytes, 62 6f 6f 6d", "6 bytes, 73 69 7a 65 20 33");
        assertThat(there.get(2).chain()).isEqualTo(found.peerChain());
    }

    @Test
    void withoutAMajorityEverybodyStopsWithBothDigests() {
        Group group = new Group(2);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        group.node(2).ledger.bug = "?";
        long _ = run(group, session, 1, DigestComparison.CHAIN_INTERVAL);
        for (Group.Node node : group.nodes()) {
            String reason = node.replica.haltReason();
            assertThat(reason)
                    .startsWith("replicas give different replies and no majority agrees")
                    .containsPattern("[0-9a-f]{16} here and [0-9a-f]{16} at replica");
            assertThat(node.heard).contains("halted " + reason);
            assertThat(node.command(1, session, 9_999, 0, "c")).isEqualTo(Status.UNAVAILABLE);
            assertThat(node.replica.hasLeft()).isTrue();
            assertThat(node.replica.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
        }
    }

    @Test
    void twoOfThreeThatDisagreeWaitForTheThirdButNotForEver() {
        Group group = new Group(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        group.node(3).up = false;
        group.node(2).ledger.bug = "?";
        long _ = run(group, session, 1, DigestComparison.CHAIN_INTERVAL);
        assertThat(group.node(1).replica.haltReason()).isNull();
        assertThat(group.node(1).replica.nextDeadlineNanos())
                .isEqualTo(group.now().monotonicNanos() + DigestComparison.PATIENCE_NANOS);
        group.pass(DigestComparison.PATIENCE_NANOS);
        assertThat(group.node(1).replica.haltReason()).isNotNull();
        assertThat(group.node(2).replica.haltReason()).isNotNull();
    }

    @Test
    void theThirdDecidesWhenItComes() {
        Group group = new Group(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        group.node(3).up = false;
        group.node(2).ledger.bug = "?";
        long _ = run(group, session, 1, DigestComparison.CHAIN_INTERVAL);
        group.node(3).up = true;
        for (Group.Node node : group.nodes()) {
            if (node != group.node(3)) {
                node.replica.onPeerConnected(group.now(), Group.member(group.node(3).id));
            }
        }
        group.node(3).replica.onPeerConnected(group.now(), Group.member(group.node(1).id));
        group.run();
        assertThat(group.node(2).replica.status().quarantineReason()).isNotNull();
        assertThat(group.node(1).heard).containsExactly("diverged 2 0 256");
        group.pass(2 * DigestComparison.PATIENCE_NANOS);
        assertThat(group.node(1).replica.haltReason()).isNull();
    }

    /// Compares states every ten seconds.
    private static Group comparing(int size) {
        return new Group(size, options -> options.withCompareStatesNanos(10 * Group.SECOND));
    }

    private static long runPast(Group group, long session, long next) {
        long after = run(group, session, next, 3);
        group.pass(10 * Group.SECOND);
        return run(group, session, after, 3);
    }

    @Test
    void equalStatesAreComparedAndNobodyHearsOfIt() {
        Group group = comparing(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = runPast(group, session, 1);
        long _ = runPast(group, session, next);
        for (Group.Node node : group.nodes()) {
            assertThat(node.heard).isEmpty();
            assertThat(node.replica.status().quarantineReason()).isNull();
        }
    }

    /// What memory has changed, and no reply shows.
    @Test
    void whoDiffersInItsStateAloneIsQuarantinedAndHealed() {
        Group group = comparing(3);
        Group.Node bad = group.node(3);
        FakeSnapshots snapshots = new FakeSnapshots();
        bad.snapshots = snapshots;
        bad.restart();
        group.connectAll();
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = runPast(group, session, 1);
        long equal = group.node(1).replica.executedPosition() - 2;
        bad.ledger.flaw = "?";
        long _ = runPast(group, session, next);

        // Since then two commands, and what is ordered so that others come further.
        long differs = group.node(1).replica.executedPosition() - 3;
        for (int i = 1; i <= 2; i++) {
            assertThat(group.node(i).heard)
                    .containsExactly("diverged 3 in state " + equal + " " + differs);
        }
        assertThat(bad.heard.getFirst())
                .startsWith(
                        "quarantined this replica's state differs from that of the majority: equal after position "
                                + equal
                                + ", after position "
                                + differs
                                + " its digest is ");
        assertThat(bad.heard.getLast())
                .as("no reply differs")
                .isEqualTo("same 1 " + (equal + 1) + " " + differs);
        assertThat(bad.replica.haltReason()).isNull();
        assertThat(bad.command(5, session, 99, 0, "c")).isEqualTo(Status.UNAVAILABLE);
        assertThat(bad.journal.records.stream().map(JournalRecord::kind))
                .contains(RecordKind.DISTRUST);

        // It would begin with what it was quarantined for, and begins with asking for another's.
        bad.heard.clear();
        bad.restart();
        group.connectAll();
        assertThat(bad.heard.getFirst())
                .startsWith("quarantined this replica's state was found to differ");
        assertThat(bad.replica.status().serving()).isFalse();
        assertThat(group.node(1).replica.executedPosition())
                .as("something is ordered, so that others come further than it")
                .isGreaterThan(differs);
    }

    @Test
    void theCommandThatChangedSomethingElseIsNamedIfTheServiceSaysWhatItChanges() {
        Group group = comparing(3);
        group.nodes().forEach(node -> node.ledger.isOpen = true);
        Group.Node bad = group.node(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = run(group, session, 1, 5);
        bad.ledger.secretFor = "c secret";
        var _ = group.node(1).command(1, session, next, next - 1, "c secret");
        group.run();
        long position = group.node(1).replica.executedPosition();
        long _ = run(group, session, next + 1, DigestComparison.CHAIN_INTERVAL);

        FirstDifference found = Objects.requireNonNull(bad.replica.firstDifference());
        assertThat(found.command().position()).isEqualTo(position);
        assertThat(found.command().words()).isEqualTo("the order c secret");
        assertThat(bad.replica.status().quarantineReason()).contains("replies differ");
    }

    /// What it has in a snapshot it did not execute: nothing of that is compared with what others
    /// did.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whereOneBeganWithASnapshotNoOtherCommandIsBlamed(int begun) throws IOException {
        Group group = comparing(3);
        Group.Node bad = group.node(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = run(group, session, 1, 20);
        long snapshot = group.node(begun).replica.executedPosition();
        beginWithASnapshot(group, begun);
        bad.ledger.flaw = "?";
        long _ = runPast(group, session, next);
        assertThat(bad.replica.status().quarantineReason()).contains("state differs");
        assertThat(bad.replica.firstDifference()).isNull();
        // Its peer in the comparison is replica 1.
        assertThat(bad.heard.getLast())
                .startsWith("same 1 " + (begun == 2 ? 1 : snapshot + 1) + " ");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void theCommandIsNamedWhereOneBeganWithASnapshot(int begun) throws IOException {
        Group group = new Group(3);
        Group.Node bad = group.node(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = run(group, session, 1, 20);
        beginWithASnapshot(group, begun);
        next = run(group, session, next, 5);
        bad.ledger.bug = "?";
        long wrong = next;
        long _ = run(group, session, next, DigestComparison.CHAIN_INTERVAL);
        FirstDifference found = Objects.requireNonNull(bad.replica.firstDifference());
        assertThat(found.command().sequence()).isEqualTo(wrong);
    }

    private static void beginWithASnapshot(Group group, int id) throws IOException {
        Group.Node node = group.node(id);
        FakeSnapshots snapshots = new FakeSnapshots();
        node.snapshots = snapshots;
        node.restart();
        node.replica.wantSnapshot(group.now());
        node.replica.advance(group.now());
        node.restartWith(snapshots.content.toByteArray());
        group.connectAll();
        group.run();
    }

    /// No client was told anything wrong, and each may be right.
    @Test
    void statesThatDifferWithoutAMajorityStopNobody() {
        Group group = comparing(2);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        group.node(2).ledger.flaw = "?";
        long next = runPast(group, session, 1);
        for (Group.Node node : group.nodes()) {
            assertThat(node.heard).hasSize(1);
            assertThat(node.heard.getFirst())
                    .startsWith("differ replicas have different states and no majority agrees: ");
            assertThat(node.replica.haltReason()).isNull();
            assertThat(node.replica.status().serving()).isTrue();
        }
        assertThat(group.node(1).command(1, session, next, next - 1, "c")).isEqualTo(Status.OK);
    }

    @Test
    void aStateThatSomebodyAskedForIsComparedAsWell() {
        Group group = comparing(3);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = run(group, session, 1, 3);
        group.node(2).ledger.flaw = "?";
        long position = group.node(1).replica.executedPosition() + 2;
        for (Group.Node node : group.nodes()) {
            assertThat(node.replica.freezeAt(position, node.frozen::add)).isTrue();
        }
        long _ = run(group, session, next, 3);
        assertThat(group.node(2).replica.status().quarantineReason())
                .contains("after position " + position + " its digest is");
        assertThat(group.node(1).replica.status().quarantineReason()).isNull();
        assertThat(group.node(3).replica.status().quarantineReason()).isNull();
    }

    /// Two are wrong, each in its own way: each hears of one of the majority.
    @Test
    void whoIsOutvotedIsComparedWithTheMajority() {
        Group group = comparing(5);
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        group.node(2).ledger.flaw = "?";
        group.node(5).ledger.flaw = "!";
        long _ = runPast(group, session, 1);
        for (int wrong : List.of(2, 5)) {
            assertThat(group.node(wrong).replica.status().quarantineReason())
                    .containsPattern("at replica [134];");
        }
        assertThat(group.node(1).heard).hasSize(2);
    }
}
