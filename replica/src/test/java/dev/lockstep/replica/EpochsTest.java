package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.core.wire.MalformedException;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/// How a replica goes from one epoch to the next, under a protocol that tolerates nothing.
class EpochsTest {

    private static Group group(int members, int spares) {
        Group group = new Group(members, spares, options -> options);
        group.connectAll();
        // Those that follow say how far they are.
        group.pass(Pursuit.PROGRESS_NANOS);
        return group;
    }

    private static ChangeAnswer change(Group group, int at, MemberChange change) {
        ChangeAnswer answer = group.node(at).replica.change(group.now(), change);
        group.run();
        return answer;
    }

    private static MemberChange.Remove remove(int id) {
        return new MemberChange.Remove(new ReplicaId(id));
    }

    private static String refusal(ChangeAnswer answer) {
        assertThat(answer).isInstanceOf(ChangeAnswer.Refused.class);
        return ((ChangeAnswer.Refused) answer).sentence();
    }

    private static long epoch(Group.Node node) {
        return node.replica.reign().epoch().value();
    }

    @Test
    void everybodyGoesOnInTheNextEpochAndPositionsGoOn() {
        Group group = group(3, 0);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        var _ = node.command(1, session, 1, 0, "5");
        group.run();
        assertThat(change(group, 2, remove(3))).isEqualTo(new ChangeAnswer.Begun(new Epoch(2)));
        for (int id = 1; id <= 2; id++) {
            assertThat(epoch(group.node(id))).isEqualTo(2);
            assertThat(group.node(id).replica.isSettled()).isTrue();
            assertThat(group.node(id).reigns).hasSize(2);
        }
        var _ = node.command(1, session, 2, 0, "6");
        group.run();
        assertThat(node.said()).isEqualTo("OK 2 4");
        assertThat(change(group, 1, remove(3))).isEqualTo(new ChangeAnswer.Done());
    }

    @Test
    void whatWasUnderWayIsOrderedInTheNextEpoch() {
        Group group = group(2, 0);
        Group.Node second = group.node(2);
        long session = second.open(7, Group.SECOND);
        // The stop sign is ordered first, since the batch has still to travel.
        var _ = group.node(1).replica.change(group.now(), remove(1));
        var _ = second.command(1, session, 1, 0, "5");
        second.query(2, 9, Freshness.LINEARIZABLE, 0);
        group.run();
        assertThat(second.replies.stream().map(reply -> reply.status()))
                .containsOnly(Status.OK)
                .hasSize(3);
        assertThat(epoch(second)).isEqualTo(2);
        assertThat(group.node(1).heard).isEmpty();
    }

    @Test
    void whoeverIsNoMemberSaysWhoIs() {
        Group group = group(3, 0);
        Group.Node third = group.node(3);
        long session = third.open(7, Group.SECOND);
        third.syncs = false;
        assertThat(change(group, 1, remove(3))).isInstanceOf(ChangeAnswer.Begun.class);
        var _ = third.command(1, session, 1, 0, "5");
        third.query(1, 8, Freshness.LINEARIZABLE, 0);
        third.syncs = true;
        group.run();
        group.pass(Pursuit.POLL_NANOS);
        assertThat(third.replica.status().member()).isFalse();
        assertThat(third.replies.stream().skip(1).map(reply -> reply.status()))
                .containsOnly(Status.UNAVAILABLE)
                .hasSize(2);
        assertThat(third.said())
                .contains("replica 3 is not a member of the cluster, which is now [1, 2]");
        assertThat(third.command(1, session, 2, 0, "5")).isEqualTo(Status.UNAVAILABLE);
        assertThat(third.replica.refusal()).contains("ask one of them");
        assertThat(refusal(change(group, 3, remove(1)))).contains("replica 3 is not a member");
    }

    @Test
    void oneThatFollowsIsTakenInWhenItIsUpToDate() {
        Group group = group(1, 1);
        Group.Node newcomer = group.node(2);
        MemberChange.Add add = new MemberChange.Add(newcomer.member());
        long session = group.node(1).open(7, Group.SECOND);
        for (int i = 1; i <= OrderedReconfiguration.MOST_BEHIND + 1; i++) {
            var _ = group.node(1).command(1, session, i, 0, "1");
            group.run();
        }
        newcomer.up = false;
        assertThat(refusal(change(group, 1, add))).contains("behind; wait until it has caught up");
        newcomer.up = true;
        for (int i = 0; i < 5; i++) {
            group.pass(Pursuit.PROGRESS_NANOS);
        }
        assertThat(newcomer.replica.status().executedPosition())
                .isEqualTo(group.node(1).replica.status().executedPosition());
        assertThat(group.node(1).replica.learners())
                .singleElement()
                .satisfies(one -> assertThat(one.member()).isEqualTo(newcomer.member()));
        assertThat(change(group, 1, add)).isInstanceOf(ChangeAnswer.Begun.class);
        group.pass(Pursuit.POLL_NANOS);
        assertThat(newcomer.replica.status().member()).isTrue();
        assertThat(newcomer.ledger.text()).isEqualTo(group.node(1).ledger.text());
        assertThat(change(group, 1, add)).isEqualTo(new ChangeAnswer.Done());
    }

    @Test
    void aReplicaWithoutItsDiskIsPutBackInItsPlace() {
        Group group = group(3, 0);
        long session = group.node(1).open(7, Group.SECOND);
        var _ = group.node(1).command(1, session, 1, 0, "5");
        group.run();
        Group.Node second = group.node(2);
        Member before = second.member();
        second.loseDisk();
        group.node(1).replica.onPeerLost(group.now(), before);
        group.node(3).replica.onPeerLost(group.now(), before);
        assertThat(second.replica.status().member()).isFalse();
        group.connectAll();
        for (int i = 0; i < 10; i++) {
            group.pass(Pursuit.PROGRESS_NANOS);
        }
        assertThat(second.replica.status().member()).isTrue();
        assertThat(second.ledger.text()).isEqualTo("5;");
        assertThat(group.node(1).replica.reign().isMember(before)).isFalse();
    }

    @Test
    void whatCannotBeIsRefusedWithTheReason() {
        Group group = group(3, 1);
        Member stranger = new Member(new ReplicaId(9), new Incarnation(9, 9));
        assertThat(refusal(change(group, 1, new MemberChange.Add(stranger))))
                .contains("replica 9 does not follow the cluster; start it");
        Member other = new Member(new ReplicaId(2), new Incarnation(9, 9));
        assertThat(refusal(change(group, 1, new MemberChange.Add(other))))
                .contains("replica 2 is a member in another life");
        assertThat(refusal(change(group, 1, new MemberChange.Replace(new ReplicaId(7), stranger))))
                .contains("replica 7 is not a member");
        assertThat(refusal(change(group, 1, new MemberChange.Switch(FaultModel.CRASH, "none"))))
                .contains("there is no order none under faults: crash in this build");
        assertThat(change(group, 1, new MemberChange.Switch(FaultModel.CRASH, "toy")))
                .isEqualTo(new ChangeAnswer.Done());
        group.node(1).replica.onPeerLost(group.now(), group.node(2).member());
        assertThat(refusal(change(group, 1, remove(3))))
                .contains("does not reach 2: there would be 1, and 2 are needed");
        assertThat(refusal(change(group(1, 0), 1, remove(1)))).contains("is the last member");
        assertThat(epoch(group.node(1))).isEqualTo(1);
    }

    @Test
    void theJournalLeadsThroughEveryEpoch() {
        Group group = group(3, 0);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        var _ = node.command(1, session, 1, 0, "5");
        group.run();
        var _ = change(group, 1, remove(3));
        var _ = node.command(1, session, 2, 0, "6");
        group.run();
        var _ = change(group, 1, remove(2));
        var _ = node.command(1, session, 3, 0, "7");
        group.run();
        Reign last = node.replica.reign();
        StateDigest digest = node.replica.stateDigest();
        node.restart();
        group.run();
        assertThat(node.replica.reign()).isEqualTo(last);
        assertThat(node.replica.stateDigest()).isEqualTo(digest);
        // Those of former epochs are served as well.
        HistoryBlock block = HistoryBlock.decode(node.replica.history(1));
        assertThat(block.last()).isEqualTo(node.replica.status().executedPosition());
    }

    @Test
    void anEpochThatIsNotDurableIsBegunAgain() {
        Group group = group(1, 0);
        Group.Node node = group.node(1);
        group.node(1).open(7, Group.SECOND);
        Group pair = group(2, 0);
        Group.Node first = pair.node(1);
        first.open(7, Group.SECOND);
        first.replica.change(pair.now(), remove(2));
        // The sign is durable, and with it delivered; the record of the epoch is lost.
        first.replica.onDurable(pair.now(), first.journal.sync());
        assertThat(first.journal.records.getLast().kind()).isEqualTo(RecordKind.EPOCH);
        assertThat(first.replica.reign().epoch().value()).isEqualTo(1);
        first.restart();
        assertThat(first.journal.records.getLast().kind()).isEqualTo(RecordKind.EPOCH);
        assertThat(first.replica.reign().epoch().value()).isEqualTo(1);
        pair.run();
        assertThat(first.replica.reign().epoch().value()).isEqualTo(2);
        assertThat(node.replica.reign().epoch().value()).isEqualTo(1);
    }

    @Test
    void aSnapshotSaysInWhichEpochItWasTaken() throws IOException {
        Group group = group(3, 0);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        var _ = change(group, 1, remove(3));
        var _ = node.command(1, session, 1, 0, "5");
        group.run();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FakeSnapshots snapshots = new FakeSnapshots();
        node.snapshots = snapshots;
        node.restart();
        node.replica.wantSnapshot(group.now());
        node.replica.advance(group.now());
        snapshots.content.writeTo(out);
        Reign reign = node.replica.reign();
        node.snapshots = new FakeSnapshots();
        node.restartWith(out.toByteArray());
        assertThat(node.replica.reign()).isEqualTo(reign);
        assertThat(node.ledger.text()).isEqualTo("5;");
    }

    @Test
    void aJournalThatSkipsAnEpochIsRefused() {
        Group group = group(1, 0);
        Group.Node node = group.node(1);
        node.open(7, Group.SECOND);
        Bytes anything = new BytesWriter(8).putLong(1).toBytes();
        JournalRecord ahead = new JournalRecord(9, RecordKind.PROTOCOL, 3, anything);
        node.journal.records.add(ahead);
        node.journal.sync();
        assertThatThrownBy(node::restart)
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("is of epoch 3, and no record says how that began");
    }

    @Test
    void membersAreThoseOfTheFirstStartWhateverIsConfigured() {
        Group group = group(3, 0);
        List<JournalRecord> records = List.copyOf(group.node(1).journal.records);
        assertThat(records.getFirst().kind()).isEqualTo(RecordKind.EPOCH);
        Group other = new Group(2, 1, options -> options);
        Group.Node node = other.node(1);
        node.journal.records.clear();
        node.journal.records.addAll(records);
        node.journal.sync();
        node.restart();
        assertThat(node.replica.reign().members()).isEqualTo(group.members);
    }
}
