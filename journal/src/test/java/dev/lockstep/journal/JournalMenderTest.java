package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.GroupId;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.LostRecord;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.port.RecordSearch;
import dev.lockstep.core.wire.Bytes;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

class JournalMenderTest {

    private CrashStore store = new CrashStore();
    private List<JournalRecord> written = new ArrayList<>();

    /// Several segments, the last of them not full, all proven.
    private void fill() throws IOException {
        store = new CrashStore();
        written = new ArrayList<>();
        SegmentJournal journal = Journals.open(store);
        for (int i = 1; i <= 40; i++) {
            written.add(Journals.append(journal, i, 20 + i * 13 % 700));
            if (i % 3 == 0) {
                Journals.drive(journal);
                Journals.mark(journal);
            }
        }
        Journals.drive(journal);
        Journals.mark(journal);
        journal.close();
    }

    private static JournalMender mender(FileStore disk) throws IOException {
        return Objects.requireNonNull(JournalMender.open(disk, Journals.CLUSTER, GroupId.ZERO));
    }

    /// Puts back what `written` says was there; returns what was lost.
    private List<LostRecord> mend(CrashStore disk) throws IOException {
        return mend(mender(disk));
    }

    private List<LostRecord> mend(JournalMender opened) throws IOException {
        try (JournalMender mender = opened) {
            List<LostRecord> lost = mender.lost();
            for (LostRecord each : lost) {
                JournalRecord record = written.get((int) each.sequence() - 1);
                assertThat(each.identity().kind()).isEqualTo(record.kind());
                assertThat(each.identity().epoch()).isEqualTo(record.epoch());
                assertThat(mender.put(each, record.content())).isTrue();
            }
            assertThat(mender.lost()).isEmpty();
            mender.finish();
            return lost;
        }
    }

    private void assertWhole(CrashStore disk) throws IOException {
        try (SegmentJournal journal = Journals.open(disk)) {
            assertThat(Journals.replay(journal)).isEqualTo(written);
        }
    }

    private static String segment(int number) {
        return SegmentFiles.segmentName(number);
    }

    @Test
    void aRecordIsPutBackByteForByte() throws IOException {
        fill();
        CrashStore damaged = store.copy();
        damaged.bytes(segment(1))[565] ^= 4;
        assertThatThrownBy(() -> Journals.open(damaged))
                .isInstanceOf(JournalDamagedException.class);

        assertThat(mend(damaged)).hasSize(1);
        assertThat(damaged.bytes(segment(1))).isEqualTo(store.bytes(segment(1)));
        assertWhole(damaged);
    }

    @Test
    void whatIsNotTheRecordIsNotTaken() throws IOException {
        fill();
        store.bytes(segment(1))[565] ^= 4;
        try (JournalMender mender = mender(store)) {
            LostRecord lost = mender.lost().getFirst();
            JournalRecord record = written.get((int) lost.sequence() - 1);
            byte[] other = record.content().toByteArray();
            other[0] ^= 1;
            assertThat(mender.put(lost, Bytes.wrap(other))).isFalse();
            assertThat(mender.put(lost, Bytes.EMPTY)).isFalse();
            assertThat(mender.lost()).containsExactly(lost);
        }
    }

    @Test
    void everyFlippedBitOfTheFirstSegmentIsMended() throws IOException {
        fill();
        byte[] original = store.bytes(segment(1)).clone();
        int mended = 0;
        for (int at = SegmentHeader.BYTES; at < original.length; at++) {
            byte[] flipped = original.clone();
            flipped[at] ^= (byte) (1 << (at % 8));
            CrashStore damaged = store.copy();
            damaged.put(segment(1), flipped);
            try (SegmentJournal journal = Journals.open(damaged)) {
                assertThat(Journals.replay(journal)).isEqualTo(written);
            } catch (JournalDamagedException e) {
                mend(damaged);
                // So that what is cut off in the middle of a sector is no third thing.
                assertThat(damaged.bytes(segment(1))).isEqualTo(original);
                assertWhole(damaged);
                mended++;
            }
        }
        assertThat(mended).isGreaterThan(3_000);
    }

    @Test
    void aHeaderThatIsGoneIsKnownFromTheIndex() throws IOException {
        fill();
        for (int i = 0; i < Frame.HEADER_BYTES; i++) {
            store.bytes(segment(1))[SegmentHeader.BYTES + i] = 0x55;
        }
        assertThat(mend(store)).as("the content is there").isEmpty();
        assertWhole(store);
    }

    @Test
    void withoutAnIndexAHeaderThatIsGoneCannotBeMended() throws IOException {
        fill();
        for (int i = 0; i < Frame.HEADER_BYTES; i++) {
            store.bytes(segment(1))[SegmentHeader.BYTES + i] = 0x55;
        }
        store.put(SegmentFiles.indexName(1), new byte[0]);
        assertThat(JournalMender.open(store, Journals.CLUSTER, GroupId.ZERO)).isNull();
    }

    @Test
    void aSoundJournalIsNotMended() throws IOException {
        fill();
        assertThat(JournalMender.open(store, Journals.CLUSTER, GroupId.ZERO)).isNull();
    }

    @Test
    void aRecordThatCanBeDoneWithoutIsReplaced() throws IOException {
        fill();
        store.bytes(segment(1))[565] ^= 4;
        JournalRecord fresh;
        try (JournalMender mender = mender(store)) {
            LostRecord lost = mender.lost().getFirst();
            Bytes zeros = Bytes.wrap(new byte[lost.identity().length()]);
            mender.replace(lost, 200, zeros);
            mender.finish();
            fresh = new JournalRecord(lost.sequence(), 200, lost.identity().epoch(), zeros);
        }
        written.set((int) fresh.sequence() - 1, fresh);
        assertWhole(store);
    }

    @Test
    void aDamagedJournalStillFindsItsOtherRecords() throws IOException {
        fill();
        store.bytes(segment(1))[565] ^= 4;
        try (JournalMender mender = mender(store)) {
            JournalRecord lost = written.get((int) mender.lost().getFirst().sequence() - 1);
            JournalRecord other = written.getLast();
            List<@Nullable JournalRecord> found =
                    mender.find(List.of(identity(lost), identity(other)));
            assertThat(found.getFirst()).isNull();
            assertThat(found.getLast()).isEqualTo(other);
        }
    }

    @Test
    void everyFlippedBitOfAHeaderIsMended() throws IOException {
        fill();
        for (int number = 1; number <= 3; number++) {
            byte[] good = store.bytes(segment(number)).clone();
            for (int bit = 0; bit < 96 * 8; bit++) {
                CrashStore damaged = store.copy();
                damaged.bytes(segment(number))[bit / 8] ^= (byte) (1 << bit % 8);
                assertThatThrownBy(() -> Journals.open(damaged))
                        .isInstanceOf(JournalDamagedException.class)
                        .hasMessageContaining("header is not intact");
                assertThat(mend(damaged)).isEmpty();
                assertThat(damaged.bytes(segment(number))).isEqualTo(good);
            }
        }
        CrashStore worse = store.copy();
        worse.bytes(segment(2))[40] ^= 1;
        worse.bytes(segment(2))[41] ^= 1;
        assertThat(JournalMender.open(worse, Journals.CLUSTER, GroupId.ZERO)).isNull();
    }

    /// Wherever a read fails, no file stays open.
    @Test
    void aDiskThatFailsLeavesNothingOpen() throws IOException {
        fill();
        store.bytes(segment(2))[565] ^= 4;
        int reads = 0;
        for (boolean failed = true; failed; reads++) {
            FaultyStore faulty = new FaultyStore(store.copy());
            faulty.readAt = reads;
            try {
                mender(faulty).close();
                failed = false;
            } catch (IOException expected) {
                assertThat(expected).hasMessage("a bad sector");
            }
            assertThat(faulty.open).as("after read " + reads).isZero();
        }
        assertThat(reads).isGreaterThan(20);
    }

    private static List<@Nullable JournalRecord> find(
            SegmentJournal journal, List<RecordIdentity> wanted) {
        RecordSearch search = journal.search(wanted);
        boolean isDone = false;
        while (!isDone) {
            isDone = search.advance();
        }
        return search.found();
    }

    /// A step looks at so many records, and what rotted since the start is not taken for absent.
    @Test
    void aSearchGoesOnStepByStep() throws IOException {
        int records = 5 * SegmentSearch.STEP;
        try (SegmentJournal journal =
                Journals.open(store, Journals.SMALL.withSegmentBytes(1 << 20))) {
            for (int i = 0; i < records; i++) {
                written.add(Journals.append(journal, i, 8));
            }
            Journals.drive(journal);
            List<RecordIdentity> wanted = List.of(identity(written.getFirst()));
            RecordSearch search = journal.search(wanted);
            int steps = 1;
            while (!search.advance()) {
                steps++;
            }
            assertThat(steps).isBetween(5, 7);
            assertThat(search.found()).containsExactly(written.getFirst());

            store.bytes(segment(1))[SegmentHeader.BYTES + Frame.HEADER_BYTES] ^= 4;
            assertThatThrownBy(() -> find(journal, wanted))
                    .hasRootCauseInstanceOf(JournalDamagedException.class)
                    .hasMessageContaining("sequence 1: the record was intact and is no longer");
        }
    }

    @Test
    void aJournalFindsRecordsByWhatTheyAre() throws IOException {
        fill();
        try (SegmentJournal journal = Journals.open(store)) {
            List<RecordIdentity> wanted = new ArrayList<>();
            written.forEach(record -> wanted.add(identity(record)));
            assertThat(find(journal, wanted)).isEqualTo(written);
            RecordIdentity first = wanted.getFirst();
            RecordIdentity unknown =
                    new RecordIdentity(
                            first.kind(), first.epoch() + 1, first.length(), first.checksum());
            assertThat(find(journal, List.of(unknown, first)))
                    .containsExactly(null, written.getFirst());
        }
    }

    private static RecordIdentity identity(JournalRecord record) {
        return new RecordIdentity(
                record.kind(), record.epoch(), record.content().size(), record.content().crc32c());
    }

    /// Whatever is damaged, what is mended is what was there.
    @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
    void damageOfSeveralRecordsIsMendedOrLeftAlone(@ForAll long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        fill();
        List<String> names = store.list();
        for (int n = 1 + random.nextInt(6); n > 0; n--) {
            byte[] bytes = store.bytes(names.get(random.nextInt(names.size())));
            int at = random.nextInt(SegmentHeader.BYTES, Math.max(513, bytes.length));
            for (int i = random.nextInt(1, 20); i > 0 && at < bytes.length; i--) {
                bytes[at++] ^= (byte) random.nextInt(256);
            }
        }
        boolean isRefused;
        try (SegmentJournal journal = Journals.open(store)) {
            isRefused = false;
            List<JournalRecord> found = Journals.replay(journal);
            assertThat(found).isEqualTo(written.subList(0, found.size()));
        } catch (JournalDamagedException e) {
            isRefused = true;
        }
        JournalMender mender =
                isRefused ? JournalMender.open(store, Journals.CLUSTER, GroupId.ZERO) : null;
        if (mender != null) {
            mend(mender);
            assertWhole(store);
        }
    }
}
