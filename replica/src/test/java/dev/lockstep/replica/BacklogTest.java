package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;

/// A few bytes of commands that ask for a great deal do not keep a replica from its peers and
/// clients; the order is kept.
class BacklogTest {

    private static final int RESULT_BYTES = 1 << 20;
    private static final int COMMANDS = 40;

    /// Every command is a batch.
    private static Group group(int size) {
        return new Group(
                size,
                options -> {
                    ReplicaLimits from = options.limits();
                    return options.withLimits(
                            new ReplicaLimits(
                                    from.requestBytes(),
                                    from.replyBytes(),
                                    1,
                                    from.inFlightBytes(),
                                    from.inFlightBytesPerConnection(),
                                    from.journalPendingBytes(),
                                    from.parkedRequests(),
                                    from.parkedBytes(),
                                    from.minSessionTimeoutNanos(),
                                    from.maxSessionTimeoutNanos(),
                                    from.pendingQueries(),
                                    from.queryTimeoutNanos()));
                });
    }

    private static long ask(Group.Node node) {
        long session = node.open(7, Group.SECOND);
        for (int sequence = 1; sequence <= COMMANDS; sequence++) {
            var _ = node.command(1, session, sequence, 0, "size " + RESULT_BYTES);
        }
        node.replies.clear();
        return session;
    }

    @Test
    void aDutyCycleMakesABoundedAmountOfResults() {
        Group group = group(1);
        Group.Node node = group.node(1);
        ask(node);
        long most = Backlog.RESULT_BYTES / RESULT_BYTES;
        int cycles = 0;
        while (node.replies.size() < COMMANDS) {
            int before = node.replies.size();
            // The executed ones of two cycles: the end of one delivers, the next goes on.
            node.work();
            assertThat(node.replies.size() - before).isLessThanOrEqualTo((int) (2 * most));
            assertThat(++cycles).isLessThan(COMMANDS);
            if (node.replies.size() < COMMANDS) {
                assertThat(node.replica.nextDeadlineNanos())
                        .isEqualTo(group.now().monotonicNanos());
            }
        }
        assertThat(cycles).isGreaterThanOrEqualTo(3);
        assertThat(node.replies)
                .extracting(ClientReply::sequence)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void replicasThatExecuteInOtherCyclesAgree() {
        Group group = group(3);
        Group.Node node = group.node(2);
        long session = ask(node);
        group.run();
        assertThat(node.replies).hasSize(COMMANDS);
        var _ = node.command(1, session, COMMANDS + 1, COMMANDS, "last");
        group.run();
        for (Group.Node each : group.nodes()) {
            assertThat(each.replica.status().executedPosition()).isEqualTo(COMMANDS + 2);
            assertThat(each.replica.stateDigest()).isEqualTo(node.replica.stateDigest());
        }
    }

    @Test
    void aQuerySeesEveryCommandThatWasDeliveredBeforeIt() {
        Group group = group(1);
        Group.Node node = group.node(1);
        ask(node);
        node.work();
        node.work();
        node.query(2, 1, Freshness.LINEARIZABLE, 0);
        group.run();
        String seen = new String(node.lastReply().bytes().toByteArray(), UTF_8);
        assertThat(seen.split(";", -1)).hasSize(COMMANDS + 1);
    }

    /// What waits is bounded, whatever it asks for.
    @Test
    void whatWaitsIsBounded() {
        Group group = group(1);
        Group.Node node = group.node(1);
        long session = node.open(7, Group.SECOND);
        var _ = node.command(1, session, 1, 0, "size " + Backlog.RESULT_BYTES);
        int bytes = 1 << 20;
        int beyond = 12;
        int more = (int) (Backlog.WAITING_BYTES / bytes) + beyond;
        for (int sequence = 2; sequence <= more + 1; sequence++) {
            // Large batches with large results.
            var _ = node.command(1, session, sequence, 0, "size " + "0".repeat(bytes) + bytes);
        }
        node.work();
        long executed = node.replica.status().commands();
        assertThat(executed).isBetween((long) beyond, beyond + 3L);
        group.run();
        assertThat(node.replica.status().commands()).isEqualTo(more + 1);
    }
}
