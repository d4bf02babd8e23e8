package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;

/// What is due happens by agreed time, at one position everywhere, in an idle cluster too.
class AgreedTimeTest {

    @Test
    void anIdleSessionExpires() {
        Group group = new Group(3);
        long session = group.node(2).open(77, 2 * Group.SECOND);
        group.pass(2 * Group.SECOND - Group.MS);
        assertThat(group.node(3).replica.status().sessions()).isEqualTo(1);
        group.pass(Group.MS);
        for (Group.Node node : group.nodes()) {
            assertThat(node.replica.status().sessions()).isZero();
            assertThat(node.heard).contains("ended " + session + " true");
            assertThat(node.replica.status().executedPosition()).isEqualTo(2);
        }
        var _ = group.node(2).command(1, session, 1, 0, "a");
        group.run();
        assertThat(group.node(2).said()).startsWith("SESSION_EXPIRED 1");
        assertThat(group.node(1).ledger.text()).isEmpty();
    }

    @Test
    void aSessionThatIsHeardOfLives() {
        Group group = new Group(3);
        long session = group.node(2).open(77, 2 * Group.SECOND);
        for (int i = 0; i < 5; i++) {
            group.pass(1_500 * Group.MS);
            group.node(3).replica.onClient(group.now(), 1, new ClientRequest.KeepAlive(session, 0));
            group.run();
            assertThat(group.node(3).said()).isEqualTo("OK 0 ");
        }
        group.pass(1_999 * Group.MS);
        assertThat(group.node(1).replica.status().sessions()).isEqualTo(1);
        group.pass(Group.MS);
        assertThat(group.node(1).replica.status().sessions()).isZero();
    }

    @Test
    void timeoutsAreKeptWithinTheLimits() {
        Group group = new Group(1);
        long _ = group.node(1).open(77, 1);
        group.pass(Group.limits().minSessionTimeoutNanos() - 1);
        assertThat(group.node(1).replica.status().sessions()).isEqualTo(1);
        group.pass(1);
        assertThat(group.node(1).replica.status().sessions()).isZero();
    }

    @Test
    void whatWaitsPastAGapOfAnExpiredSessionIsAnswered() {
        Group group = new Group(3);
        Group.Node node = group.node(2);
        long session = node.open(77, 2 * Group.SECOND);
        var _ = node.command(1, session, 2, 0, "b");
        group.run();
        group.pass(2 * Group.SECOND);
        assertThat(node.said()).startsWith("SESSION_EXPIRED 2");
        assertThat(node.replica.status().waitingRequests()).isZero();
    }

    @Test
    void aDeadlineComesInAnIdleClusterAndOneBatchDoesForAll() {
        Group group = new Group(3);
        Group.Node node = group.node(2);
        long session = node.open(77, 60 * Group.SECOND);
        var _ = node.command(1, session, 1, 0, "at " + (group.wallNanos() + 300 * Group.MS));
        group.run();
        long before = node.replica.status().executedPosition();
        group.pass(299 * Group.MS);
        assertThat(node.ledger.text()).doesNotContain("deadline");
        group.pass(Group.MS);
        group.pass(100 * Group.MS);
        for (Group.Node each : group.nodes()) {
            assertThat(each.ledger.text()).endsWith(";deadline@" + (before + 1) + ";");
            assertThat(each.replica.status().executedPosition()).isEqualTo(before + 1);
        }
    }

    @Test
    void aReplicaOfHigherRankActsLater() {
        Group group = new Group(3);
        Group.Node node = group.node(3);
        long session = node.open(77, 60 * Group.SECOND);
        long due = group.wallNanos() + 300 * Group.MS;
        var _ = node.command(1, session, 1, 0, "at " + due);
        group.run();
        group.node(1).toy().refuses = true;
        group.pass(300 * Group.MS);
        assertThat(node.ledger.text()).doesNotContain("deadline");
        group.node(2).toy().refuses = true;
        group.pass(39 * Group.MS);
        assertThat(node.ledger.text()).doesNotContain("deadline");
        group.pass(Group.MS);
        assertThat(node.ledger.text()).contains("deadline");
    }

    /// Whatever else was refused meanwhile.
    @Test
    void aQueryWhoseEmptyBatchWasRefusedIsNotAnsweredFromAnOldState() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        long session = node.open(77, 60 * Group.SECOND);
        long due = group.wallNanos() + 300 * Group.MS;
        var _ = node.command(1, session, 1, 0, "at " + due);
        group.run();
        node.toy().refuses = true;
        group.jump(300 * Group.MS);
        node.replies.clear();
        node.query(2, 1, Freshness.LINEARIZABLE, 0);
        node.work();
        var _ = node.command(1, session, 2, 0, "more");
        node.work();
        assertThat(node.replies)
                .extracting(ClientReply::kind)
                .containsOnly(ClientReply.Kind.COMMAND);
        node.toy().refuses = false;
        group.run();
        assertThat(node.lastReply().kind()).isEqualTo(ClientReply.Kind.QUERY);
        assertThat(node.said()).contains("deadline@");
    }

    @Test
    void aQueryOrdersAnEmptyBatchFirstIfTheStateIsOverdue() {
        Group group = new Group(3);
        Group.Node node = group.node(3);
        long session = node.open(77, 60 * Group.SECOND);
        var _ = node.command(1, session, 1, 0, "at " + (group.wallNanos() + 300 * Group.MS));
        group.run();
        // The clocks move, and the query comes before anybody had the time to notice.
        group.jump(301 * Group.MS);
        node.query(1, 5, Freshness.LINEARIZABLE, 0);
        node.query(1, 6, Freshness.SESSION, 2);
        node.query(1, 7, Freshness.LOCAL, 0);
        assertThat(node.said()).startsWith("OK 7 at ").doesNotContain("deadline");
        group.run();
        assertThat(node.replies).hasSize(5);
        assertThat(node.replies.subList(3, 5))
                .allSatisfy(
                        reply ->
                                assertThat(new String(reply.bytes().toByteArray(), UTF_8))
                                        .contains("deadline"));
    }

    /// Also while more is asked for than a cycle may answer.
    @Test
    void aQueryThatOrdersAnEmptyBatchIsNotOvertaken() {
        Group group = new Group(3);
        Group.Node node = group.node(3);
        long session = node.open(77, 60 * Group.SECOND);
        var _ = node.command(1, session, 1, 0, "x".repeat(Queries.ANSWER_BYTES / 4));
        var _ = node.command(1, session, 2, 0, "at " + (group.wallNanos() + 300 * Group.MS));
        group.run();
        node.replies.clear();
        group.jump(301 * Group.MS);
        int asked = 0;
        while (asked < 10) {
            node.query(1, asked++, Freshness.LINEARIZABLE, 0);
        }
        node.replica.advance(group.now());
        while (asked < 100) {
            for (int i = 0; i < 5; i++) {
                node.query(1, asked++, Freshness.LINEARIZABLE, 0);
            }
            group.nodes().forEach(Group.Node::work);
        }
        group.run();
        assertThat(node.replies).extracting(ClientReply::sequence).hasSize(100).isSorted();
    }

    @Test
    void aWallClockThatJumpsMakesNothingDueBeyondTheSkew() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        long _ = node.open(77, 60 * Group.SECOND);
        group.jump(3_600 * Group.SECOND);
        group.run();
        assertThat(node.replica.status().sessions()).isEqualTo(1);
        group.pass(58 * Group.SECOND);
        assertThat(node.replica.status().executedPosition()).isEqualTo(1);
        group.pass(Group.SECOND);
        assertThat(node.replica.status().sessions()).isZero();
    }

    @Test
    void randomnessIsTheSameEverywhereAndDiffersFromCommandToCommand() {
        Group group = new Group(3);
        Group.Node node = group.node(2);
        long session = node.open(77, 60 * Group.SECOND);
        var _ = node.command(1, session, 1, 0, "random");
        var _ = node.command(1, session, 2, 0, "random");
        group.run();
        assertThat(node.replies.get(1).bytes()).isNotEqualTo(node.replies.get(2).bytes());
        assertThat(node.lastReply().status()).isEqualTo(Status.OK);
        for (Group.Node each : group.nodes()) {
            assertThat(each.replica.stateDigest()).isEqualTo(node.replica.stateDigest());
        }
    }
}
