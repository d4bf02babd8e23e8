package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A session's commands run in its order, each at most once, whatever is sent again and where.
class ExactlyOnceTest {

    @Test
    void twoCopiesInTwoBatchesRunOnce() {
        Group group = new Group(3);
        long session = group.node(2).open(77, 10 * Group.SECOND);
        var _ = group.node(2).command(1, session, 1, 0, "a");
        var _ = group.node(3).command(1, session, 1, 0, "a");
        group.run();
        assertThat(group.node(1).ledger.text()).isEqualTo("a;");
        assertThat(group.node(2).said()).isEqualTo("OK 1 2");
        assertThat(group.node(3).said()).isEqualTo("OK 1 2");
        assertThat(group.node(3).lastReply().position())
                .isEqualTo(group.node(2).lastReply().position());
    }

    @Test
    void aCopyOverAnotherConnectionIsNotOrderedAgainAndAnsweredThere() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        long session = node.open(77, 10 * Group.SECOND);
        var _ = node.command(1, session, 1, 0, "a");
        assertThat(node.command(2, session, 1, 0, "a")).isEqualTo(Status.OK);
        assertThat(node.replica.status().waitingRequests()).isEqualTo(1);
        group.run();
        assertThat(node.repliedTo.getLast()).isEqualTo(2);
        assertThat(node.ledger.text()).isEqualTo("a;");
    }

    @Test
    void aBatchThatIsDeliveredTwiceRunsOnce() {
        Group group = new Group(3);
        long session = group.node(2).open(77, 10 * Group.SECOND);
        OpenBatch batch = new OpenBatch();
        batch.add(RequestKind.COMMAND, session, 1, 0, new byte[] {'x'}, 0, 1);
        var payload = batch.take();
        group.inject(3, 9, 1, payload);
        group.inject(3, 9, 1, payload);
        assertThat(group.node(2).heard).contains("repeated 3 3.b9#1");
        assertThat(group.node(2).ledger.text()).isEqualTo("x;");
        assertThat(group.node(2).replica.status().executedPosition()).isEqualTo(3);
    }

    @Test
    void commandsPastAGapWaitForIt() {
        Group group = new Group(3);
        Group.Node node = group.node(2);
        long session = node.open(77, 10 * Group.SECOND);
        var _ = node.command(1, session, 3, 0, "c");
        var _ = node.command(1, session, 2, 0, "b");
        group.run();
        assertThat(node.replies).hasSize(1);
        assertThat(node.ledger.text()).isEmpty();
        var _ = node.command(1, session, 1, 0, "a");
        group.run();
        assertThat(node.ledger.text()).isEqualTo("a;b;c;");
        assertThat(node.replies.stream().map(ClientReply::sequence)).endsWith(1L, 2L, 3L);
        assertThat(node.lastReply().status()).isEqualTo(Status.OK);
    }

    @Test
    void asManyCommandsWaitAsTheLimitsAllow() {
        Group group =
                new Group(1, options -> options.withLimits(parking(options.limits(), 3, 1 << 20)));
        Group.Node node = group.node(1);
        long session = node.open(77, 10 * Group.SECOND);
        for (int sequence = 2; sequence <= 5; sequence++) {
            var _ = node.command(1, session, sequence, 0, "c" + sequence);
        }
        group.run();
        assertThat(node.said()).startsWith("OUT_OF_ORDER 5 command 5 is too far past 0");
        var _ = node.command(1, session, 1, 0, "c1");
        group.run();
        assertThat(node.ledger.text()).isEqualTo("c1;c2;c3;c4;");
        var _ = node.command(1, session, 5, 0, "c5");
        group.run();
        assertThat(node.said()).startsWith("OK 5");
    }

    @Test
    void asManyBytesWaitAsTheLimitsAllow() {
        Group group =
                new Group(1, options -> options.withLimits(parking(options.limits(), 100, 8)));
        Group.Node node = group.node(1);
        long session = node.open(77, 10 * Group.SECOND);
        var _ = node.command(1, session, 2, 0, "12345");
        var _ = node.command(1, session, 3, 0, "678");
        var _ = node.command(1, session, 4, 0, "9");
        group.run();
        assertThat(node.replies).hasSize(2);
        assertThat(node.said()).startsWith("OUT_OF_ORDER 4");
        var _ = node.command(1, session, 1, 0, "0");
        group.run();
        assertThat(node.ledger.text()).isEqualTo("0;12345;678;");
    }

    @Test
    void aSkippedNumberRunsNothingAndOpensTheWay() {
        Group group = new Group(3);
        Group.Node node = group.node(3);
        long session = node.open(77, 10 * Group.SECOND);
        var _ = node.command(1, session, 2, 0, "b");
        node.replica.onClient(group.now(), 1, new ClientRequest.Skip(session, 1, 0));
        group.run();
        assertThat(node.ledger.text()).isEqualTo("b;");
        assertThat(node.replies.stream().map(ClientReply::sequence)).endsWith(1L, 2L);
        assertThat(node.command(1, session, 1, 0, "late")).isEqualTo(Status.OK);
        assertThat(node.said()).isEqualTo("OK 1 ");
    }

    @Test
    void acknowledgedRepliesAreForgotten() {
        Group group = new Group(3);
        Group.Node node = group.node(2);
        long session = node.open(77, 10 * Group.SECOND);
        var _ = node.command(1, session, 1, 0, "a");
        var _ = node.command(1, session, 2, 1, "b");
        group.run();
        assertThat(node.command(1, session, 2, 1, "b")).isEqualTo(Status.OK);
        assertThat(node.said()).isEqualTo("OK 2 4");
        assertThat(node.command(1, session, 1, 0, "a")).isEqualTo(Status.OK);
        assertThat(node.said()).startsWith("FORGOTTEN 1 ");
        assertThat(node.ledger.text()).isEqualTo("a;b;");
    }

    @Test
    void whoAcknowledgesNothingIsStoppedAndGoesOnAfterwards() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        long session = node.open(77, 10 * Group.SECOND);
        int most = Session.MAX_REMEMBERED_REPLIES;
        for (int sequence = 1; sequence <= most; sequence++) {
            var _ = node.command(1, session, sequence, 0, "random");
        }
        group.run();
        assertThat(node.said()).startsWith("OK " + most);
        var _ = node.command(1, session, most + 1, 0, "x");
        group.run();
        assertThat(node.said()).startsWith("OUT_OF_ORDER " + (most + 1));
        var _ = node.command(1, session, most + 1, 5, "x");
        group.run();
        assertThat(node.said()).startsWith("OK " + (most + 1));
    }

    @Test
    void theSameOpeningGivesTheSameSession() {
        Group group = new Group(3);
        long session = group.node(2).open(77, 10 * Group.SECOND);
        assertThat(group.node(3).open(77, 10 * Group.SECOND)).isEqualTo(session);
        assertThat(group.node(3).open(78, 10 * Group.SECOND)).isNotEqualTo(session);
        assertThat(group.node(1).replica.status().sessions()).isEqualTo(2);
    }

    @Test
    void anUnknownSessionExecutesNothing() {
        Group group = new Group(1);
        Group.Node node = group.node(1);
        var _ = node.command(1, 123, 1, 0, "a");
        group.run();
        assertThat(node.said()).startsWith("SESSION_EXPIRED 1 the cluster does not know");
        node.replica.onClient(group.now(), 1, new ClientRequest.KeepAlive(123, 0));
        group.run();
        assertThat(node.lastReply().status()).isEqualTo(Status.SESSION_EXPIRED);
        node.replica.onClient(group.now(), 1, new ClientRequest.Close(123));
        group.run();
        assertThat(node.lastReply().status()).isEqualTo(Status.SESSION_EXPIRED);
        assertThat(node.ledger.text()).isEmpty();
    }

    @Test
    void copiesInAnyOrderAtAnyReplicaRunOnceInOrder() {
        for (long seed = 1; seed <= 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Group group = new Group(3);
            long session = group.node(1).open(seed, 60 * Group.SECOND);
            StringBuilder expected = new StringBuilder();
            List<Integer> toSend = new ArrayList<>();
            for (int sequence = 1; sequence <= 30; sequence++) {
                expected.append('c').append(sequence).append(';');
                for (int copy = random.nextInt(3); copy >= 0; copy--) {
                    toSend.add(sequence);
                }
            }
            while (!toSend.isEmpty()) {
                int sequence = toSend.remove(random.nextInt(toSend.size()));
                Group.Node entry = group.node(1 + random.nextInt(3));
                assertThat(entry.command(7, session, sequence, 0, "c" + sequence))
                        .isEqualTo(Status.OK);
                if (random.nextInt(4) == 0) {
                    group.run();
                }
            }
            group.run();
            for (Group.Node node : group.nodes()) {
                assertThat(node.ledger.text()).as("seed %s", seed).isEqualTo(expected.toString());
                assertThat(node.replica.stateDigest())
                        .isEqualTo(group.node(1).replica.stateDigest());
                assertThat(node.replica.status().waitingRequests()).isZero();
            }
        }
    }

    static ReplicaLimits parking(ReplicaLimits from, int requests, int bytes) {
        return new ReplicaLimits(
                from.requestBytes(),
                from.replyBytes(),
                from.batchBytes(),
                from.inFlightBytes(),
                from.inFlightBytesPerConnection(),
                from.journalPendingBytes(),
                requests,
                bytes,
                from.minSessionTimeoutNanos(),
                from.maxSessionTimeoutNanos(),
                from.pendingQueries(),
                from.queryTimeoutNanos());
    }
}
