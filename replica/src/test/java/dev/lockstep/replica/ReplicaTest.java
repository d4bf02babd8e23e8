package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;

/// A command's whole journey, on one replica and on three.
class ReplicaTest {

    @Test
    void aCommandIsExecutedEverywhereAndAnsweredWhereItsClientIs() {
        Group group = new Group(3);
        Group.Node second = group.node(2);
        long session = second.open(77, 10 * Group.SECOND);
        assertThat(second.command(1, session, 1, 0, "a")).isEqualTo(Status.OK);
        assertThat(second.command(1, session, 2, 0, "b")).isEqualTo(Status.OK);
        group.run();

        assertThat(second.said()).isEqualTo("OK 2 4");
        assertThat(second.lastReply().position()).isEqualTo(2);
        for (Group.Node node : group.nodes()) {
            assertThat(node.ledger.text()).isEqualTo("a;b;");
            assertThat(node.replica.stateDigest()).isEqualTo(second.replica.stateDigest());
        }
        assertThat(group.node(1).replies).isEmpty();
        assertThat(group.node(3).replies).isEmpty();
        assertThat(second.preferred).isEqualTo(1);
        assertThat(second.replica.status().waitingRequests()).isZero();
        assertThat(second.replica.status().inFlightBytes()).isZero();
    }

    @Test
    void aRetryAtAnotherReplicaIsAnsweredFromWhatWasRemembered() {
        Group group = new Group(3);
        long session = group.node(2).open(77, 10 * Group.SECOND);
        var _ = group.node(2).command(1, session, 1, 0, "a");
        group.run();
        assertThat(group.node(3).command(5, session, 1, 0, "a")).isEqualTo(Status.OK);
        assertThat(group.node(3).said()).isEqualTo("OK 1 2");
        assertThat(group.node(3).repliedTo.getLast()).isEqualTo(5);
        group.run();
        assertThat(group.node(1).ledger.text()).isEqualTo("a;");
        assertThat(group.node(1).replica.status().commands()).isEqualTo(1);
    }

    @Test
    void aRestartedReplicaReplaysToTheSameState() {
        Group group = new Group(3);
        long session = group.node(1).open(77, 10 * Group.SECOND);
        for (int i = 1; i <= 5; i++) {
            var _ = group.node(1).command(1, session, i, 0, "c" + i);
            group.run();
        }
        StateDigest before = group.node(2).replica.stateDigest();
        group.node(2).restart();
        group.run();
        assertThat(group.node(2).replica.stateDigest()).isEqualTo(before);
    }

    @Test
    void aLinearizableQuerySeesWhatWasAcknowledgedAnywhere() {
        Group group = new Group(3);
        long session = group.node(2).open(77, 10 * Group.SECOND);
        var _ = group.node(2).command(1, session, 1, 0, "a");
        group.run();
        group.node(3).query(9, 40, Freshness.LINEARIZABLE, 0);
        group.node(3).query(9, 41, Freshness.LINEARIZABLE, 0);
        assertThat(group.node(3).replies).isEmpty();
        group.run();
        assertThat(group.node(3).said()).isEqualTo("OK 41 a;");
        assertThat(group.node(3).replies).hasSize(2);
    }

    /// Many large answers must not keep a replica from its peers.
    @Test
    void aCycleGivesNoMoreAnswersThanItsShare() {
        Group group = new Group(3);
        long session = group.node(1).open(77, 10 * Group.SECOND);
        int size = Queries.ANSWER_BYTES / 4;
        var _ = group.node(1).command(1, session, 1, 0, "x".repeat(size));
        group.run();
        group.node(1).replies.clear();
        for (int i = 0; i < 10; i++) {
            group.node(1).query(9, i, Freshness.LINEARIZABLE, 0);
        }
        group.node(1).replica.advance(group.now());
        assertThat(group.node(1).replies).hasSize(4);
        assertThat(group.node(1).replica.nextDeadlineNanos())
                .isLessThanOrEqualTo(group.now().monotonicNanos());
        group.run();
        assertThat(group.node(1).replies).hasSize(10);
    }

    @Test
    void closingASessionIsAnswered() {
        Group group = new Group(3);
        long session = group.node(2).open(77, 10 * Group.SECOND);
        group.node(2).replica.onClient(group.now(), 1, new ClientRequest.Close(session));
        group.run();
        assertThat(group.node(2).said()).isEqualTo("OK 0 ");
        assertThat(group.node(1).replica.status().sessions()).isZero();
    }
}
