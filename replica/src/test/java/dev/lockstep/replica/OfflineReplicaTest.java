package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.MalformedException;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What was delivered is executed again without a cluster, and becomes the beginning of another.
class OfflineReplicaTest {

    private static final ClusterId OTHER = new ClusterId(11, 13);
    private static final ReplicaId ONE = new ReplicaId(1);

    private final Group group = new Group(3);
    private final long session = group.node(1).open(7, 3_600 * Group.SECOND);

    private void command(long sequence, String text) {
        var _ = group.node(1).command(1, session, sequence, 0, text);
        group.run();
    }

    private void fill() {
        command(1, "a");
        command(2, "random");
        command(4, "waits for its turn");
        command(3, "boom");
        command(5, "at " + (group.wallNanos() + Group.SECOND));
        group.pass(2 * Group.SECOND);
        command(6, "random");
    }

    private static OfflineReplica execute(Group.Node node, long through) {
        OfflineReplica offline =
                new OfflineReplica(Group.CLUSTER, new Ledger(), ReplicaLimits.DEFAULT);
        HistoryBlock block = HistoryBlock.decode(node.replica.history(1));
        for (HistoryEntry entry : block.entries()) {
            if (entry.position() <= through) {
                offline.execute(entry.position(), entry.batch(), entry.timeNanos());
            }
        }
        return offline;
    }

    private static byte[] contentOf(OfflineReplica offline) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SnapshotContent content = offline.contentFor(OTHER)) {
            content.writeTo(out);
        }
        return out.toByteArray();
    }

    @Test
    void whatWasDeliveredIsExecutedToTheSameState() {
        fill();
        for (Group.Node node : group.nodes()) {
            assertThat(execute(node, Long.MAX_VALUE).digest())
                    .isEqualTo(node.replica.stateDigest());
        }
    }

    @Test
    void aStateGoesThroughAFileAndOn() throws IOException {
        fill();
        OfflineReplica half = execute(group.node(2), 4);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        try (SnapshotContent content = half.contentFor(Group.CLUSTER)) {
            content.writeTo(written);
        }
        OfflineReplica rest =
                new OfflineReplica(Group.CLUSTER, new Ledger(), ReplicaLimits.DEFAULT);
        rest.restore(new ByteArrayInputStream(written.toByteArray()));
        assertThat(rest.position()).isEqualTo(4);
        HistoryBlock.decode(group.node(2).replica.history(5))
                .entries()
                .forEach(e -> rest.execute(e.position(), e.batch(), e.timeNanos()));
        assertThat(rest.digest()).isEqualTo(group.node(2).replica.stateDigest());
        assertThatThrownBy(
                        () ->
                                new OfflineReplica(OTHER, new Ledger(), ReplicaLimits.DEFAULT)
                                        .restore(new ByteArrayInputStream(written.toByteArray())))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void aBlockThatWasChangedAnywhereIsNone() {
        fill();
        byte[] block = group.node(1).replica.history(2).toByteArray();
        for (int i = 0; i < block.length; i++) {
            byte[] changed = block.clone();
            changed[i] ^= 4;
            assertThatThrownBy(() -> HistoryBlock.decode(Bytes.wrap(changed)))
                    .isInstanceOf(MalformedException.class);
        }
        assertThatThrownBy(() -> HistoryBlock.decode(Bytes.wrap(block, 0, block.length - 1)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void historyThatIsNotThereIsAnEmptyBlock() {
        fill();
        long last = group.node(1).replica.status().executedPosition();
        HistoryBlock block = HistoryBlock.decode(group.node(1).replica.history(last + 1));
        assertThat(block.entries()).isEmpty();
        assertThat(block.last()).isEqualTo(last);
        assertThat(block.deliveredThrough()).isEqualTo(last);
        assertThat(block.cluster()).isEqualTo(Group.CLUSTER);
    }

    /// A member of another cluster, alone.
    private static final class Alone implements ClientPort {
        private final MemoryJournal journal;
        private final List<String> replies = new ArrayList<>();
        private final Replica replica;

        Alone(MemoryJournal journal) {
            this.journal = journal;
            Incarnation life = new Incarnation(3, 3);
            Membership members = new Membership(List.of(new Member(ONE, life)));
            replica =
                    Replica.create(
                            ReplicaOptions.of(OTHER, ONE, life, 1, members)
                                    .withSnapshots(SnapshotOptions.NEVER),
                            new Toy.Provider(),
                            new Ledger(),
                            new ReplicaPorts(
                                    journal,
                                    Snapshots.NONE,
                                    (_, _, _, _) -> false,
                                    this,
                                    new SplittableRandom(1),
                                    ReplicaListener.NONE));
        }

        @Override
        public void reply(
                long connection,
                ClientReply.Kind kind,
                ClientReply.Status status,
                long session,
                long sequence,
                long position,
                byte[] bytes,
                int offset,
                int length) {
            String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
            replies.add(status + " " + sequence + " @" + position + " " + text);
        }

        @Override
        public void preferredEntry(long connection, int entry) {}

        void command(Now now, long session, long sequence, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            var _ = replica.onCommand(now, 1, session, sequence, 0, bytes, 0, bytes.length);
            replica.advance(now);
            replica.onDurable(now, journal.sync());
            replica.advance(now);
        }
    }

    @Test
    void anotherClusterGoesOnFromThere() throws IOException {
        fill();
        OfflineReplica offline = execute(group.node(1), Long.MAX_VALUE);
        long position = offline.position();
        byte[] content = contentOf(offline);
        Alone alone = new Alone(new MemoryJournal());
        assertThat(alone.replica.restore(new ByteArrayInputStream(content))).isEqualTo(position);
        alone.replica.recovered(group.now());
        // The session is known, and what it has executed is not executed again.
        alone.command(group.now(), session, 1, "a");
        alone.command(group.now(), session, 7, "b");
        assertThat(alone.replies).hasSize(2);
        assertThat(alone.replies.getFirst()).startsWith("OK 1 @").endsWith(" 2");
        assertThat(alone.replies.getLast()).startsWith("OK 7 @" + (position + 1));
        StateDigest before = alone.replica.stateDigest();

        Alone again = new Alone(alone.journal);
        long restored = again.replica.restore(new ByteArrayInputStream(content));
        assertThat(restored).isEqualTo(position);
        List.copyOf(alone.journal.records).forEach(again.replica::replay);
        again.replica.recovered(group.now());
        assertThat(again.replica.stateDigest()).isEqualTo(before);
    }

    @Test
    void itsJournalLeadsOnFromNothingElse() throws IOException {
        fill();
        Alone alone = new Alone(new MemoryJournal());
        alone.replica.restore(
                new ByteArrayInputStream(contentOf(execute(group.node(1), Long.MAX_VALUE))));
        alone.replica.recovered(group.now());
        alone.command(group.now(), session, 7, "b");
        JournalRecord first = alone.journal.records.getFirst();
        assertThatThrownBy(() -> new Alone(new MemoryJournal()).replica.replay(first))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("the journal continues from a snapshot at position");
    }
}
