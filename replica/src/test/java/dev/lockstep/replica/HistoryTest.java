package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/// A member that is behind is brought up from the others' journals.
class HistoryTest {

    private static Group groupWithAnAbsentThird(int commands, int bytes) {
        Group group = new Group(3);
        Group.Node leader = group.node(1);
        long session = leader.open(7, 3_600 * Group.SECOND);
        group.node(3).up = false;
        String padding = "x".repeat(bytes);
        for (int sequence = 1; sequence <= commands; sequence++) {
            var _ = leader.command(1, session, sequence, sequence - 1, padding + sequence);
            group.run();
        }
        return group;
    }

    private static void bringBack(Group group) {
        group.node(3).up = true;
        group.node(3).replica.onPeerConnected(group.now(), Group.member(new ReplicaId(1)));
        group.run();
    }

    @Test
    void aMemberCatchesUpOverManyAnswersAndChunks() {
        int commands = 2 * HistoryIndex.CHUNK + 300;
        Group group = groupWithAnAbsentThird(commands, 2_000);
        bringBack(group);
        for (int i = 0; i < 5; i++) {
            group.pass(Group.SECOND);
        }
        Group.Node third = group.node(3);
        assertThat(third.replica.status().executedPosition()).isEqualTo(commands + 1);
        assertThat(third.replica.stateDigest()).isEqualTo(group.node(1).replica.stateDigest());
    }

    /// As fast as allowed, and no faster, whoever asks how often.
    @Test
    void aMemberCatchesUpAtItsPace() {
        int commands = 1_500;
        int bytes = 4_000;
        int megabytesPerSecond = 2;
        Group group = groupWithAnAbsentThird(commands, bytes);
        Group.Node third = group.node(3);
        third.snapshotOptions =
                new SnapshotOptions(Long.MAX_VALUE, Long.MAX_VALUE, megabytesPerSecond << 20);
        third.restart();
        bringBack(group);
        long millis = 0;
        while (third.replica.status().executedPosition() < commands) {
            group.pass(Group.SECOND / 1_000);
            millis++;
            long most = (megabytesPerSecond * millis * 1_050 / bytes) + 2L * (1 << 20) / bytes;
            assertThat(third.replica.status().executedPosition()).isLessThan(most + 3);
            assertThat(millis).isLessThan(10_000);
        }
        assertThat(millis).isBetween(2_300L, 4_000L);
    }

    @Test
    void aMemberThatCaughtUpAndStartedAgainServesOthers() {
        int commands = HistoryIndex.CHUNK + 50;
        Group group = groupWithAnAbsentThird(commands, 10);
        bringBack(group);
        group.node(3).restart();
        group.run();
        assertThat(group.node(3).replica.status().executedPosition()).isEqualTo(commands + 1);
        group.node(3).inbox.clear();
        // A member that has nothing asks the third alone: the others are down.
        group.node(1).up = false;
        Group.Node second = group.node(2);
        second.journal.records.clear();
        second.journal.sync();
        second.restart();
        second.replica.onPeerConnected(group.now(), Group.member(new ReplicaId(3)));
        group.run();
        assertThat(second.replica.stateDigest()).isEqualTo(group.node(3).replica.stateDigest());
    }

    @Test
    void aSilentMemberIsPassedOver() {
        Group group = groupWithAnAbsentThird(5, 1);
        group.node(1).up = false;
        bringBack(group);
        group.pass(1);
        assertThat(group.node(3).replica.status().executedPosition()).isEqualTo(6);
    }

    /// A protocol takes nothing of what it cannot read, and says again what it needs: the next
    /// member is asked, not the one that sent it.
    @Test
    void whoSendsWhatTheProtocolCannotTakeIsNotAskedAgain() {
        Membership members =
                new Membership(
                        IntStream.rangeClosed(1, 3)
                                .mapToObj(id -> Group.member(new ReplicaId(id)))
                                .toList());
        ReplicaId self = new ReplicaId(1);
        ReplicaOptions options =
                ReplicaOptions.of(Group.CLUSTER, self, Group.incarnation(self), 1, members);
        CurrentReign reign = Group.reign(options);
        PeerTable table = new PeerTable(reign);
        List<ReplicaId> asked = new ArrayList<>();
        PeerPort peers =
                (to, head, body, token) -> {
                    asked.add(to);
                    return true;
                };
        HistoryFetch fetch =
                new HistoryFetch(
                        options,
                        reign,
                        table,
                        peers,
                        new MemoryJournal(),
                        (now, entries) -> {},
                        _ -> true,
                        (now, peer) -> {});
        IntStream.rangeClosed(2, 3)
                .forEach(id -> table.onConnected(Group.member(new ReplicaId(id))));
        Now now = new Now(1, 1);
        for (int round = 0; round < 4; round++) {
            fetch.need(now, 1);
            assertThat(asked).hasSize(round + 1);
            fetch.onHistory(now, asked.getLast(), new PeerFrames.History(1, 1, unreadable()));
            assertThat(fetch.isUnderWay()).isFalse();
        }
        ReplicaId first = asked.getFirst();
        ReplicaId second = asked.get(1);
        assertThat(asked).containsExactly(first, second, first, second);
        assertThat(first).isNotEqualTo(second);
    }

    private static List<HistoryEntry> unreadable() {
        BatchId id = new BatchId(new ReplicaId(2), new Incarnation(1, 2), 1, 1);
        return List.of(new HistoryEntry(1, Batch.of(id, 0, Bytes.EMPTY), 0, Bytes.EMPTY));
    }

    @Test
    void whoIsAskedInVainEverywhereStopsAsking() {
        Group group = new Group(3);
        bringBack(group);
        assertThat(group.node(3).replica.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theIndexKeepsOneNumberForAFullChunk() {
        MemoryJournal journal = new MemoryJournal();
        HistoryIndex index = new HistoryIndex(journal, Group.reign());
        index.recovered();
        ReplicaId origin = new ReplicaId(1);
        for (int position = 1; position <= 3 * HistoryIndex.CHUNK; position++) {
            BatchId id = new BatchId(origin, Group.incarnation(origin), 1, position);
            index.onPersisted(id, 10L * position);
            index.onDelivered(position, id, position + 5, Toy.anchor(position));
        }
        assertThat(journal.records).hasSize(3);
        journal.sync();
        index.onDurable();
        for (int position : new int[] {1, HistoryIndex.CHUNK, HistoryIndex.CHUNK + 1, 3_000}) {
            HistoryIndex.Chunk chunk = Objects.requireNonNull(index.chunkOf(position));
            assertThat(chunk.sequence(position)).isEqualTo(10L * position);
            assertThat(chunk.timeNanos(position)).isEqualTo(position + 5);
            assertThat(chunk.anchor(position)).isEqualTo(Toy.anchor(position));
        }
    }

    @Test
    void whatIsServedIsWhatWasDelivered() {
        Group group = new Group(3);
        Group.Node leader = group.node(1);
        long session = leader.open(7, 3_600 * Group.SECOND);
        var _ = leader.command(1, session, 1, 0, "a");
        group.run();
        group.node(2).inbox.clear();
        BytesWriter out = new BytesWriter(32);
        PeerFrames.begin(PeerFrames.NEED_HISTORY, 1, out);
        out.putLong(2);
        leader.replica.onPeerFrame(group.now(), Group.member(new ReplicaId(2)), out.toBytes());
        Bytes answer = group.node(2).inbox.remove().frame();
        PeerFrames.History history = PeerFrames.decodeHistory(PeerFrames.content(answer));
        assertThat(history.from()).isEqualTo(2);
        assertThat(history.deliveredThrough()).isEqualTo(2);
        assertThat(history.entries()).hasSize(1);
        assertThat(history.entries().getFirst().anchor()).isEqualTo(Toy.anchor(2));
    }
}
