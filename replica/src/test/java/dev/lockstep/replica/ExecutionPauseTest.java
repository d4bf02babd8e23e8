package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.port.SnapshotEvent;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;

/// A replica whose state cannot be frozen executes nothing while it writes a snapshot, and is the
/// only one that does so.
class ExecutionPauseTest {

    private static FakeSnapshots live(Group.Node node) {
        FakeSnapshots snapshots = new FakeSnapshots();
        node.snapshots = snapshots;
        node.live = true;
        node.restart();
        return snapshots;
    }

    private static long run(Group group, long session, long from, int commands) {
        for (long i = from; i < from + commands; i++) {
            var _ = group.node(1).command(1, session, i, i - 1, "c");
            group.run();
            assertThat(group.node(1).said()).startsWith("OK " + i);
        }
        return from + commands;
    }

    private static void want(Group group, Group.Node node) {
        node.replica.wantSnapshot(group.now());
        group.run();
    }

    private static void written(Group group, Group.Node node, long position) {
        node.replica.onSnapshot(
                group.now(), new SnapshotEvent.Written(FakeSnapshots.at(position, 1)));
        group.run();
    }

    @Test
    void itLogsAndOthersAnswerMeanwhile() {
        Group group = new Group(3);
        Group.Node paused = group.node(2);
        FakeSnapshots snapshots = live(paused);
        group.connectAll();
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = run(group, session, 1, 3);
        want(group, paused);
        long position = paused.replica.status().executedPosition();
        assertThat(snapshots.take()).containsExactly("write " + position);
        assertThat(paused.replica.isExecutionPaused()).isTrue();

        long logged = paused.journal.durableThrough();
        next = run(group, session, next, 5);
        assertThat(paused.journal.durableThrough()).isEqualTo(logged + 5);
        assertThat(paused.replica.status().executedPosition()).isEqualTo(position);
        assertThat(paused.replica.status().serving()).isFalse();
        assertThat(paused.command(9, session, next, 0, "c")).isEqualTo(Status.UNAVAILABLE);
        paused.query(9, 1, Freshness.LOCAL, 0);
        assertThat(paused.said())
                .isEqualTo("UNAVAILABLE 1 replica 2 writes a snapshot; ask another");

        written(group, paused, position);
        assertThat(paused.replica.isExecutionPaused()).isFalse();
        assertThat(paused.replica.stateDigest()).isEqualTo(group.node(1).replica.stateDigest());
        paused.query(9, 2, Freshness.LOCAL, 0);
        assertThat(paused.said()).startsWith("OK 2 ");
    }

    @Test
    void oneAtATime() {
        Group group = new Group(3);
        FakeSnapshots second = live(group.node(2));
        FakeSnapshots third = live(group.node(3));
        group.connectAll();
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long _ = run(group, session, 1, 3);
        group.node(2).replica.wantSnapshot(group.now());
        want(group, group.node(3));
        long position = group.node(2).replica.status().executedPosition();
        assertThat(second.asked.size() + third.asked.size()).isOne();
        for (int i = 0; i < 30; i++) {
            group.pass(Group.SECOND);
        }
        assertThat(second.asked.size() + third.asked.size()).as("however long it takes").isOne();
        Group.Node writer = group.node(second.asked.isEmpty() ? 3 : 2);
        written(group, writer, position);
        for (int i = 0; i < 3; i++) {
            group.pass(Group.SECOND);
        }
        assertThat(second.asked).hasSize(1);
        assertThat(third.asked).hasSize(1);
    }

    /// Who had the turn and was never heard of again.
    @Test
    void aTurnIsNotLostWithWhoHadIt() {
        Group group = new Group(3);
        FakeSnapshots second = live(group.node(2));
        FakeSnapshots third = live(group.node(3));
        group.connectAll();
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long _ = run(group, session, 1, 3);
        want(group, group.node(2));
        assertThat(second.take()).hasSize(1);
        group.node(2).up = false;
        want(group, group.node(3));
        assertThat(third.take()).isEmpty();
        for (int i = 0; i < 12; i++) {
            group.pass(Group.SECOND);
        }
        assertThat(third.take()).hasSize(1);
    }

    /// The sequencer of this protocol is always the same: it is waited for, and not for ever.
    @Test
    void whoeverNobodyTakesOverFromWritesAllTheSame() {
        Group group = new Group(3);
        FakeSnapshots snapshots = live(group.node(1));
        group.connectAll();
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long _ = run(group, session, 1, 3);
        want(group, group.node(1));
        assertThat(group.node(1).toy().trace.toString()).containsOnlyOnce("HandOver");
        assertThat(snapshots.take()).isEmpty();
        group.pass(ExecutionPause.ASK_AGAIN_NANOS);
        assertThat(group.node(1).toy().trace.toString().split("HandOver", -1)).hasSize(3);
        assertThat(snapshots.take()).isEmpty();
        group.pass(ExecutionPause.HAND_OVER_NANOS);
        assertThat(snapshots.take()).hasSize(1);
    }

    /// Where there is no leader, nobody could take over.
    @Test
    void whoOrdersForNobodyElseHandsNothingOver() {
        Group group = new Group(3);
        FakeSnapshots snapshots = live(group.node(1));
        group.connectAll();
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long _ = run(group, session, 1, 3);
        group.node(1).toy().ordersAlone = true;
        want(group, group.node(1));
        assertThat(snapshots.take()).hasSize(1);
        assertThat(group.node(1).toy().trace.toString()).doesNotContain("HandOver");
    }

    @Test
    void aClusterOfOneKeepsItsClientsWaiting() {
        Group group = new Group(1);
        Group.Node alone = group.node(1);
        FakeSnapshots snapshots = live(alone);
        long session = alone.open(7, 3_600 * Group.SECOND);
        long next = run(group, session, 1, 3);
        want(group, alone);
        assertThat(snapshots.take()).hasSize(1);
        int before = alone.replies.size();
        assertThat(alone.command(1, session, next, next - 1, "c")).isEqualTo(Status.OK);
        alone.query(1, 5, Freshness.LOCAL, 0);
        alone.query(1, 6, Freshness.LINEARIZABLE, 0);
        group.run();
        assertThat(alone.replies).hasSize(before);
        written(group, alone, alone.replica.status().executedPosition());
        assertThat(alone.replies).hasSize(before + 3);
        assertThat(alone.replies.stream().skip(before)).allMatch(r -> r.status() == Status.OK);
    }

    /// More than may wait in memory comes back from the journal.
    @Test
    void whatWaitsIsBounded() {
        Group group = new Group(3);
        Group.Node paused = group.node(2);
        FakeSnapshots _ = live(paused);
        group.connectAll();
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        long next = run(group, session, 1, 1);
        want(group, paused);
        long position = paused.replica.status().executedPosition();
        String megabyte = "c" + "x".repeat(1 << 20);
        for (int i = 0; i < 40; i++) {
            var _ = group.node(1).command(1, session, next, next - 1, megabyte);
            group.run();
            next++;
        }
        int read = paused.journal.read;
        written(group, paused, position);
        assertThat(paused.journal.read - read)
                .isBetween(20, 40)
                .isGreaterThan(40 - (int) (Backlog.WAITING_BYTES >> 20) - 1);
        assertThat(paused.replica.stateDigest()).isEqualTo(group.node(1).replica.stateDigest());
    }

    /// What is delivered and waits is ordered already: the next epoch is not asked for it.
    @Test
    void anEpochMayEndMeanwhile() {
        Group group = new Group(1, 1, options -> options);
        Group.Node alone = group.node(1);
        FakeSnapshots snapshots = live(alone);
        group.connectAll();
        group.pass(Pursuit.PROGRESS_NANOS);
        long session = alone.open(7, 3_600 * Group.SECOND);
        long next = askWhilePaused(group, session, snapshots);
        change(group, new MemberChange.Add(group.node(2).member()));
        assertThat(alone.replica.reign().epoch().value()).isEqualTo(2);
        assertThat(alone.toy().trace.toString()).doesNotContain("Submitted");
        written(group, alone, alone.replica.status().executedPosition());
        assertThat(alone.said()).startsWith("OK " + next);
        // The other one fetches at its own pace.
        for (int i = 0; i < 5; i++) {
            group.pass(Pursuit.PROGRESS_NANOS);
        }
        assertThat(alone.replica.isSettled()).isTrue();
        assertThat(group.node(2).replica.stateDigest()).isEqualTo(alone.replica.stateDigest());
    }

    /// The same where the next epoch begins without it: who was told that a command has no effect
    /// would find that it has.
    @Test
    void whoIsReplacedMeanwhileAnswersWhatWasOrdered() {
        Group group = new Group(1, 1, options -> options);
        Group.Node alone = group.node(1);
        FakeSnapshots snapshots = live(alone);
        group.connectAll();
        group.pass(Pursuit.PROGRESS_NANOS);
        long session = alone.open(7, 3_600 * Group.SECOND);
        long next = askWhilePaused(group, session, snapshots);
        int before = alone.replies.size();
        change(group, new MemberChange.Replace(alone.member().id(), group.node(2).member()));
        assertThat(alone.replica.status().member()).isFalse();
        assertThat(alone.replies).hasSize(before);
        written(group, alone, alone.replica.status().executedPosition());
        assertThat(alone.said()).startsWith("OK " + next);
    }

    private static long askWhilePaused(Group group, long session, FakeSnapshots snapshots) {
        Group.Node alone = group.node(1);
        long next = run(group, session, 1, 3);
        want(group, alone);
        assertThat(snapshots.take()).hasSize(1);
        assertThat(alone.command(1, session, next, next - 1, "c")).isEqualTo(Status.OK);
        group.run();
        group.pass(Pursuit.PROGRESS_NANOS);
        return next;
    }

    private static void change(Group group, MemberChange change) {
        assertThat(group.node(1).replica.change(group.now(), change))
                .isInstanceOf(ChangeAnswer.Begun.class);
        group.run();
    }
}
