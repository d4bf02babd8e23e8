package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.core.wire.MalformedException;

import org.junit.jupiter.api.Test;

import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Starting, failing services, and leaving in good order.
class LifeTest {

    @Test
    void anExceptionOfTheServiceIsAReplyAndTheReplicaLivesOn() {
        Group group = new Group(3);
        Group.Node node = group.node(2);
        long session = node.open(7, Group.SECOND);
        var _ = node.command(1, session, 1, 0, "boom");
        var _ = node.command(1, session, 2, 0, "after");
        group.run();
        assertThat(node.replies.get(1).status()).isEqualTo(Status.SERVICE_FAILURE);
        assertThat(node.said()).isEqualTo("OK 2 11");
        for (Group.Node each : group.nodes()) {
            assertThat(each.heard).anyMatch(line -> line.startsWith("failure 2 a bug at "));
            assertThat(each.replica.status().serviceFailures()).isEqualTo(1);
            assertThat(each.replica.stateDigest()).isEqualTo(node.replica.stateDigest());
        }
        var _ = node.command(1, session, 1, 0, "boom");
        assertThat(node.said())
                .startsWith("SERVICE_FAILURE 1 the service threw java.lang.IllegalStateException");
    }

    @Test
    void anExceptionInAQueryIsAnswered() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        node.query(1, 4, Freshness.LINEARIZABLE, 0, "!");
        group.run();
        assertThat(node.said()).startsWith("SERVICE_FAILURE 4 the service threw");
    }

    @Test
    void aReplyThatIsTooLargeIsAServiceFailure() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        var _ = node.command(1, session, 1, 0, "size " + (8 << 20));
        var _ = node.command(1, session, 2, 0, "size " + ((8 << 20) + 1));
        group.run();
        assertThat(node.replies.get(1).bytes().size()).isEqualTo(8 << 20);
        assertThat(node.said()).startsWith("SERVICE_FAILURE 2").contains("ReplyTooLarge");
    }

    @Test
    void anErrorOfTheServiceLeavesTheReplica() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        var _ = node.command(1, session, 1, 0, "die");
        assertThatThrownBy(group::run).isInstanceOf(StackOverflowError.class);
    }

    @Test
    void messagesThatDependOnAWriteWaitForIt() {
        Group group = new Group(3);
        Group.Node leader = group.node(1);
        long session = leader.open(7, Group.SECOND);
        leader.syncs = false;
        var _ = leader.command(1, session, 1, 0, "a");
        group.run();
        assertThat(leader.replica.status().heldSends()).isEqualTo(2);
        assertThat(group.node(2).replica.status().executedPosition()).isEqualTo(1);
        leader.syncs = true;
        group.run();
        assertThat(leader.replica.status().heldSends()).isZero();
        assertThat(group.node(2).replica.status().executedPosition()).isEqualTo(2);
    }

    @Test
    void whatWasNotDurableIsGoneAfterACrashAndTheRestIsThere() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        long session = node.open(7, 60 * Group.SECOND);
        var _ = node.command(1, session, 1, 0, "a");
        group.run();
        node.syncs = false;
        var _ = node.command(1, session, 2, 0, "lost");
        group.run();
        node.restart();
        node.syncs = true;
        group.run();
        assertThat(node.ledger.text()).isEqualTo("a;");
        assertThat(node.command(8, session, 2, 1, "b")).isEqualTo(Status.OK);
        group.run();
        assertThat(node.ledger.text()).isEqualTo("a;b;");
        assertThat(node.replica.status().executedPosition()).isEqualTo(3);
    }

    @Test
    void leavingWaitsForWhatWasAdmittedAndHandsDutiesOver() {
        Group group = new Group(3);
        Group.Node leader = group.node(1);
        long session = leader.open(7, 60 * Group.SECOND);
        leader.syncs = false;
        var _ = leader.command(1, session, 1, 0, "a");
        leader.replica.leave(group.now());
        group.run();
        assertThat(leader.toy().trace.toString()).contains("Submitted Leaving");
        assertThat(leader.replica.hasLeft()).isFalse();
        assertThat(leader.replica.status().serving()).isFalse();
        assertThat(leader.command(1, session, 2, 0, "b")).isEqualTo(Status.UNAVAILABLE);
        assertThat(leader.replica.refusal()).isEqualTo("replica 1 is stopping; ask another");
        leader.query(1, 3, Freshness.LOCAL, 0);
        assertThat(leader.said()).startsWith("UNAVAILABLE 3");
        leader.syncs = true;
        group.run();
        assertThat(leader.said()).startsWith("OK 1");
        assertThat(leader.replica.hasLeft()).isTrue();
    }

    @Test
    void leavingDoesNotWaitForEver() {
        Group group = new Group(3);
        Group.Node leader = group.node(1);
        long session = leader.open(7, 60 * Group.SECOND);
        leader.syncs = false;
        var _ = leader.command(1, session, 1, 0, "a");
        leader.replica.leave(group.now());
        group.pass(5 * Group.SECOND - 1);
        assertThat(leader.replica.hasLeft()).isFalse();
        assertThat(leader.replica.nextDeadlineNanos()).isEqualTo(group.now().monotonicNanos() + 1);
        group.pass(1);
        assertThat(leader.replica.hasLeft()).isTrue();
    }

    @Test
    void theSameInputsTwiceGiveTheSameState() {
        StateDigest[] digests = new StateDigest[2];
        for (int round = 0; round < 2; round++) {
            SplittableRandom random = new SplittableRandom(99);
            Group group = new Group(3);
            long[] sessions = new long[4];
            for (int i = 0; i < sessions.length; i++) {
                sessions[i] = group.node(1 + i % 3).open(i, (2 + i) * Group.SECOND);
            }
            String[] orders = {"random", "a", "boom", "at 5000500000000", "size 40"};
            for (int i = 0; i < 400; i++) {
                int which = random.nextInt(sessions.length);
                var _ =
                        group.node(1 + random.nextInt(3))
                                .command(
                                        which,
                                        sessions[which],
                                        1 + random.nextInt(100),
                                        random.nextInt(20),
                                        orders[random.nextInt(orders.length)]);
                if (random.nextInt(3) == 0) {
                    group.pass(random.nextLong(20 * Group.MS));
                }
            }
            group.run();
            digests[round] = group.node(2).replica.stateDigest();
            group.node(3).restart();
            group.run();
            assertThat(group.node(3).replica.stateDigest()).isEqualTo(digests[round]);
        }
        assertThat(digests[0]).isEqualTo(digests[1]);
        assertThat(digests[0].position()).isGreaterThan(100);
    }

    @Test
    void recordsOfNobodyAreRefused() {
        Group group = new Group(1);
        Replica fresh = fresh(group, new Toy.Provider(), new TreeMap<>());
        assertThatThrownBy(() -> fresh.replay(new JournalRecord(1, 99, 1, Bytes.EMPTY)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("kind 99");
        assertThatThrownBy(
                        () ->
                                fresh.replay(
                                        new JournalRecord(1, RecordKind.PROTOCOL, 2, Bytes.EMPTY)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("epoch 2");
        assertThatThrownBy(
                        () ->
                                fresh.replay(
                                        new JournalRecord(1, RecordKind.PROTOCOL, 1, Bytes.EMPTY)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void whatDoesNotFitTogetherIsRefusedInASentence() {
        Group group = new Group(1);
        TreeMap<String, String> unknown = new TreeMap<>();
        unknown.put("colour", "red");
        assertThatThrownBy(() -> fresh(group, new Toy.Provider(), unknown))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the toy has no options");
        Toy.Provider every =
                new Toy.Provider()
                        .withPolicy(
                                new HostPolicy(
                                        HostPolicy.Replies.EVERY_REPLICA,
                                        HostPolicy.History.PROVEN,
                                        HostPolicy.Members.ORDERED,
                                        HostPolicy.Snapshots.ANY_MEMBER));
        assertThatThrownBy(() -> fresh(group, every, new TreeMap<>()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("signs what it says, and this replica has no key");
    }

    @Test
    void aCommandThatComesAsAnObjectIsRefusedThroughThePort() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        node.replica.onClient(
                group.now(),
                1,
                new ClientRequest.Command(5, 1, 0, Bytes.wrap(new byte[9_000_000])));
        assertThat(node.said()).startsWith("REFUSED 1 the command has 9000000 bytes");
    }

    private static Replica fresh(
            Group group, Toy.Provider provider, SortedMap<String, String> protocolOptions) {
        Group.Node node = group.node(1);
        return Replica.create(
                ReplicaOptions.of(
                                Group.CLUSTER,
                                node.id,
                                Group.incarnation(node.id),
                                2,
                                group.members)
                        .withProtocolOptions(protocolOptions),
                provider,
                new Ledger(),
                new ReplicaPorts(
                        new MemoryJournal(),
                        Snapshots.NONE,
                        node,
                        node,
                        new java.util.SplittableRandom(1),
                        ReplicaListener.NONE));
    }
}
