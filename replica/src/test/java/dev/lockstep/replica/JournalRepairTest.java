package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.DamagedJournal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.LostRecord;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

class JournalRepairTest {

    private static final Member ONE = member(1);
    private static final Member TWO = member(2);
    private static final long MS = 1_000_000L;

    private final Damaged journal = new Damaged();
    private final Wire wire = new Wire();
    private long nanos = 1;

    private static Member member(int id) {
        return new Member(new ReplicaId(id), new Incarnation(7, id));
    }

    private static Bytes content(int number) {
        return new BytesWriter(8).putLong(number).toBytes();
    }

    private static RecordIdentity identity(int kind, Bytes content) {
        return new RecordIdentity(kind, 1, content.size(), content.crc32c());
    }

    /// Records of which some are lost.
    private static final class Damaged implements DamagedJournal {
        private final TreeMap<Long, LostRecord> lost = new TreeMap<>();
        private final TreeMap<Long, Bytes> put = new TreeMap<>();
        private final TreeMap<Long, Integer> replaced = new TreeMap<>();
        private final List<JournalRecord> intact = new ArrayList<>();

        void lose(long sequence, int kind, Bytes content) {
            lost.put(sequence, new LostRecord(sequence, identity(kind, content)));
        }

        @Override
        public List<LostRecord> lost() {
            return List.copyOf(lost.values());
        }

        @Override
        public boolean put(LostRecord record, Bytes content) {
            if (!record.identity().fits(content)) {
                return false;
            }
            lost.remove(record.sequence());
            put.put(record.sequence(), content);
            return true;
        }

        @Override
        public void replace(LostRecord record, int kind, Bytes content) {
            assertThat(content.size()).isEqualTo(record.identity().length());
            lost.remove(record.sequence());
            replaced.put(record.sequence(), kind);
        }

        @Override
        public List<@Nullable JournalRecord> find(List<RecordIdentity> wanted) {
            List<@Nullable JournalRecord> found = new ArrayList<>();
            for (RecordIdentity identity : wanted) {
                found.add(
                        intact.stream()
                                .filter(each -> identity.fits(each.content()))
                                .findFirst()
                                .orElse(null));
            }
            return found;
        }
    }

    /// What is sent, and to whom.
    private static final class Wire implements PeerPort {
        private record Sent(ReplicaId to, Bytes frame) {}

        private final List<Sent> sent = new ArrayList<>();
        private boolean isDown;

        @Override
        public boolean send(ReplicaId to, Bytes head, Bytes body, long flushToken) {
            if (isDown) {
                return false;
            }
            assertThat(body.isEmpty()).isTrue();
            sent.add(new Sent(to, head));
            return true;
        }

        private Sent take() {
            assertThat(sent).isNotEmpty();
            return sent.removeFirst();
        }

        private List<RecordIdentity> takeQuestion(Member to) {
            Sent question = take();
            assertThat(question.to).isEqualTo(to.id());
            assertThat(PeerFrames.kind(question.frame)).isEqualTo(RepairFrames.NEED_RECORDS);
            return RepairFrames.decodeNeedRecords(PeerFrames.content(question.frame));
        }
    }

    private Now now() {
        return new Now(nanos, nanos);
    }

    private JournalRepair repair(Long... snapshots) {
        return new JournalRepair(journal, wire, List.of(snapshots));
    }

    private void answer(
            JournalRepair repair,
            Member from,
            int members,
            List<RecordIdentity> wanted,
            List<@Nullable JournalRecord> found) {
        repair.onPeerFrame(
                now(),
                from,
                RepairFrames.records(members == 0 ? 0 : 4, members, wanted, found, 1_000));
    }

    private static JournalRecord record(long sequence, Bytes content) {
        return new JournalRecord(sequence, RecordKind.PROTOCOL, 1, content);
    }

    private static List<@Nullable JournalRecord> nothing(int count) {
        List<@Nullable JournalRecord> none = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            none.add(null);
        }
        return none;
    }

    @Test
    void aRecordComesBackFromWhoeverHasIt() {
        journal.lose(3, RecordKind.PROTOCOL, content(30));
        JournalRepair repair = repair();
        repair.onPeerConnected(now(), ONE);
        repair.onPeerConnected(now(), TWO);
        answer(repair, ONE, 3, wire.takeQuestion(ONE), nothing(1));
        assertThat(repair.isDone()).isFalse();
        assertThat(repair.givenUp()).isNull();

        answer(repair, TWO, 3, wire.takeQuestion(TWO), List.of(record(9, content(30))));
        assertThat(repair.isDone()).isTrue();
        assertThat(repair.repaired()).isEqualTo(1);
        assertThat(repair.givers()).containsOnlyKeys(TWO.id());
        assertThat(journal.put).containsEntry(3L, content(30));
        assertThat(repair.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatAMajorityOfTheMembersDoesNotHaveIsGivenUp() {
        journal.lose(3, RecordKind.PROTOCOL, content(30));
        JournalRepair repair = repair();
        repair.onPeerConnected(now(), ONE);
        answer(repair, ONE, 3, wire.takeQuestion(ONE), nothing(1));
        assertThat(repair.givenUp()).isNull();
        repair.onPeerConnected(now(), TWO);
        answer(repair, TWO, 3, wire.takeQuestion(TWO), nothing(1));

        assertThat(repair.givenUp()).isEqualTo("2 of 3 members do not have record 3 any more");
        assertThat(repair.isDone()).isFalse();
    }

    @Test
    void whoIsBeingMendedItselfIsNoReasonToGiveUp() {
        journal.lose(3, RecordKind.PROTOCOL, content(30));
        JournalRepair repair = repair();
        for (Member peer : List.of(ONE, TWO)) {
            repair.onPeerConnected(now(), peer);
            answer(repair, peer, 0, wire.takeQuestion(peer), nothing(1));
        }
        assertThat(repair.givenUp()).isNull();
        assertThat(wire.sent).isEmpty();

        // Both are asked again.
        nanos += 200 * MS;
        assertThat(repair.nextDeadlineNanos()).isLessThanOrEqualTo(nanos);
        repair.advance(now());
        wire.takeQuestion(ONE);
        answer(repair, TWO, 0, wire.takeQuestion(TWO), List.of(record(9, content(30))));
        assertThat(repair.isDone()).isTrue();
    }

    @Test
    void whoDoesNotAnswerIsAskedAgain() {
        journal.lose(3, RecordKind.PROTOCOL, content(30));
        JournalRepair repair = repair();
        repair.onPeerConnected(now(), ONE);
        wire.takeQuestion(ONE);
        repair.advance(now());
        assertThat(wire.sent).isEmpty();

        nanos = repair.nextDeadlineNanos();
        repair.advance(now());
        assertThat(wire.takeQuestion(ONE)).hasSize(1);
        repair.onPeerLost(now(), ONE);
        assertThat(wire.sent).isEmpty();
        repair.onPeerConnected(now(), ONE);
        assertThat(wire.takeQuestion(ONE)).hasSize(1);
    }

    @Test
    void anotherRecordIsNotTaken() {
        journal.lose(3, RecordKind.PROTOCOL, content(30));
        JournalRepair repair = repair();
        repair.onPeerConnected(now(), ONE);
        List<RecordIdentity> wanted = wire.takeQuestion(ONE);
        answer(repair, ONE, 3, wanted, List.of(record(9, content(31))));

        assertThat(repair.isDone()).isFalse();
        assertThat(journal.put).isEmpty();
        assertThat(wire.sent).as("it is not asked again at once").isEmpty();
    }

    @Test
    void manyAreAskedForInParts() {
        for (int i = 1; i <= 100; i++) {
            journal.lose(i, RecordKind.PROTOCOL, content(i));
        }
        JournalRepair repair = repair();
        repair.onPeerConnected(now(), ONE);
        int questions = 0;
        while (!repair.isDone()) {
            List<RecordIdentity> wanted = wire.takeQuestion(ONE);
            assertThat(wanted).hasSizeLessThanOrEqualTo(RepairFrames.MOST_RECORDS);
            List<@Nullable JournalRecord> found = new ArrayList<>();
            for (RecordIdentity identity : wanted) {
                for (int i = 1; i <= 100; i++) {
                    if (identity.fits(content(i))) {
                        found.add(record(i, content(i)));
                    }
                }
            }
            // So few bytes fit that most have to wait.
            repair.onPeerFrame(now(), ONE, RepairFrames.records(4, 3, wanted, found, 80));
            questions++;
        }
        assertThat(questions).isEqualTo(10);
        assertThat(repair.repaired()).isEqualTo(100);
    }

    @Test
    void itAnswersOthersWithWhatItHas() {
        journal.lose(3, RecordKind.PROTOCOL, content(30));
        journal.intact.add(record(4, content(40)));
        JournalRepair repair = repair();
        List<RecordIdentity> wanted = List.of(identity(1, content(30)), identity(1, content(40)));
        repair.onPeerFrame(now(), TWO, RepairFrames.needRecords(wanted));

        Wire.Sent answer = wire.take();
        assertThat(answer.to).isEqualTo(TWO.id());
        RepairFrames.Records records =
                RepairFrames.decodeRecords(
                        PeerFrames.epoch(answer.frame), PeerFrames.content(answer.frame));
        assertThat(records.members()).isZero();
        assertThat(records.answers().getFirst().isThere()).isFalse();
        assertThat(records.answers().getLast().content()).isEqualTo(content(40));
    }

    @Test
    void whatCanBeToldOrDoneWithoutIsMendedAlone() {
        journal.lose(1, RecordKind.HISTORY_INDEX, content(10));
        journal.lose(2, RecordKind.TAKEN, content(500));
        journal.lose(3, RecordKind.TAKEN, content(777));
        journal.lose(4, RecordKind.BASE, content(400));
        JournalRepair repair = repair(500L, 400L);

        assertThat(repair.isDone()).isTrue();
        assertThat(repair.givenUp()).isNull();
        assertThat(journal.put).containsOnlyKeys(2L, 4L);
        assertThat(journal.replaced)
                .containsEntry(1L, RecordKind.VOID)
                .containsEntry(3L, RecordKind.VOID);
    }

    @Test
    void withoutTheRecordThatSaysWhereTheJournalBeginsItIsGivenUp() {
        journal.lose(4, RecordKind.BASE, content(400));
        assertThat(repair(500L).givenUp()).contains("from which snapshot");
    }

    @Test
    void whatIsSaidToReplicasThatTakePartIsPassedOver() {
        journal.lose(3, RecordKind.PROTOCOL, content(30));
        JournalRepair repair = repair();
        repair.onPeerFrame(now(), ONE, PeerFrames.chain(1, 256, 9));
        assertThat(wire.sent).isEmpty();
    }

    @Test
    void aFullBufferIsTriedAgain() {
        journal.lose(3, RecordKind.PROTOCOL, content(30));
        JournalRepair repair = repair();
        wire.isDown = true;
        repair.onPeerConnected(now(), ONE);
        wire.isDown = false;
        nanos = repair.nextDeadlineNanos();
        repair.advance(now());
        assertThat(wire.takeQuestion(ONE)).hasSize(1);
    }
}
