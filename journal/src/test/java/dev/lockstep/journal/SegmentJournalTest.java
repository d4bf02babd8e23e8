package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

class SegmentJournalTest {

    private final CrashStore store = new CrashStore();

    @Test
    void sequencesAreDenseAndDurableOnlyWhenReported() throws IOException {
        SegmentJournal journal = Journals.open(store);
        assertThat(journal.lastSequence()).isZero();
        assertThat(journal.nextGroup()).isNull();
        Journals.append(journal, 1, 10);
        Journals.append(journal, 2, 10);
        assertThat(journal.lastSequence()).isEqualTo(2);
        assertThat(journal.pendingBytes()).isEqualTo(2L * Frame.sizeOf(10));
        Group group = Objects.requireNonNull(journal.nextGroup());
        assertThat(group.lastSequence()).isEqualTo(2);
        Journals.append(journal, 3, 10);
        assertThat(journal.nextGroup()).as("one group at a time").isNull();
        group.write();
        group.force();
        assertThat(journal.durableThrough()).isZero();
        assertThat(journal.onDurable(group)).isEqualTo(2);
        assertThat(journal.pendingBytes()).isEqualTo(Frame.sizeOf(10));
        assertThat(Objects.requireNonNull(journal.nextGroup()).lastSequence()).isEqualTo(3);
    }

    @Test
    void aGroupIsOneWriteAndOneForce() throws IOException {
        SegmentJournal journal = Journals.open(store, Journals.SMALL.withSegmentBytes(1 << 20));
        for (int i = 0; i < 100; i++) {
            Journals.append(journal, i, 100);
        }
        int writes = store.writes;
        int forces = store.forces;
        Group group = Objects.requireNonNull(journal.nextGroup());
        group.write();
        group.force();
        assertThat(store.writes - writes).isEqualTo(1);
        assertThat(store.forces - forces).isEqualTo(1);
    }

    @Test
    void recordsAreReadBackFromAllSegmentsAndFromMemory() throws IOException {
        SegmentJournal journal = Journals.open(store);
        List<JournalRecord> written = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            written.add(Journals.append(journal, i, i));
            if (i % 7 == 0) {
                Journals.drive(journal);
                Journals.mark(journal);
            }
        }
        for (JournalRecord record : written) {
            assertThat(journal.read(record.sequence())).isEqualTo(record);
        }
        assertThatThrownBy(() -> journal.read(201)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> journal.read(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theHeadIsCopiedAtOnce() throws IOException {
        SegmentJournal journal = Journals.open(store);
        byte[] head = {1, 2, 3};
        journal.append(1, 1, Bytes.wrap(head), Bytes.EMPTY);
        head[0] = 9;
        Journals.drive(journal);
        assertThat(journal.read(1).content().getByte(0)).isEqualTo((byte) 1);
    }

    @Test
    void whatWasDurableSurvivesManyReopenings() throws IOException {
        List<JournalRecord> written = new ArrayList<>();
        CrashStore disk = store;
        for (int boot = 0; boot < 30; boot++) {
            SegmentJournal journal = Journals.open(disk);
            assertThat(journal.recovery().cut()).isNull();
            assertThat(journal.recovery().lastSequence()).isEqualTo(written.size());
            assertThat(Journals.replay(journal)).isEqualTo(written);
            for (int i = 0; i < 5; i++) {
                written.add(Journals.append(journal, boot * 5 + i, 300 * i));
            }
            Journals.drive(journal);
            if (boot % 3 == 0) {
                Journals.mark(journal);
            }
            journal.close();
            disk = boot % 2 == 0 ? disk : disk.crash(RandomGenerator.of("L64X128MixRandom"));
        }
    }

    @Test
    void aRecordLargerThanASegmentGetsItsOwn() throws IOException {
        SegmentJournal journal = Journals.open(store);
        List<JournalRecord> written = new ArrayList<>();
        written.add(Journals.append(journal, 1, 3000));
        Journals.drive(journal);
        written.add(Journals.append(journal, 2, 100_000));
        written.add(Journals.append(journal, 3, 1));
        written.add(Journals.append(journal, 4, GroupWriter.MAX_BUFFER_BYTES * 2 + 12345));
        written.add(Journals.append(journal, 5, 1));
        Journals.drive(journal);
        for (JournalRecord record : written) {
            assertThat(journal.read(record.sequence())).isEqualTo(record);
        }
        SegmentJournal again = Journals.open(store);
        assertThat(Journals.replay(again)).isEqualTo(written);
    }

    @Test
    void theLargestRecordFitsAndALargerOneIsRefused() throws IOException {
        MemoryStore memory = new MemoryStore();
        SegmentJournal journal = Journals.open(memory);
        byte[] largest = new byte[JournalOptions.MAX_RECORD_BYTES - 3];
        largest[largest.length - 1] = 7;
        journal.append(1, 1, Bytes.wrap(new byte[3]), Bytes.wrap(largest));
        Journals.drive(journal);
        assertThat(Journals.replay(Journals.open(memory)).getFirst().content().size())
                .isEqualTo(JournalOptions.MAX_RECORD_BYTES);
        assertThatThrownBy(() -> journal.append(1, 1, Bytes.wrap(new byte[4]), Bytes.wrap(largest)))
                .isInstanceOf(Invariant.Broken.class);
    }

    @Test
    void whatNothingWaitsForIsWrittenWithTheNextRecordOrInAQuietMoment() throws IOException {
        SegmentJournal journal = Journals.open(store);
        Bytes content = Bytes.wrap(new byte[10]);
        assertThat(journal.appendLazily(1, 1, content, Bytes.EMPTY)).isEqualTo(1);
        assertThat(journal.isAwaited()).isFalse();
        assertThat(journal.nextGroup()).isNull();
        assertThat(journal.append(1, 1, content, Bytes.EMPTY)).isEqualTo(2);
        assertThat(journal.isAwaited()).isTrue();
        Journals.drive(journal);
        assertThat(journal.durableThrough()).isEqualTo(2);
        assertThat(journal.appendLazily(1, 1, content, Bytes.EMPTY)).isEqualTo(3);
        Journals.drive(journal);
        assertThat(journal.durableThrough()).isEqualTo(2);
        Journals.mark(journal);
        assertThat(journal.durableThrough()).isEqualTo(3);
        assertThat(journal.pendingBytes()).isZero();
        assertThat(Journals.replay(Journals.open(store))).hasSize(3);
    }

    @Test
    void aMarkProvesTheLastGroup() throws IOException {
        SegmentJournal journal = Journals.open(store);
        assertThat(journal.markIfIdle()).as("nothing to prove").isNull();
        Journals.append(journal, 1, 10);
        assertThat(journal.markIfIdle()).as("something to write").isNull();
        Journals.drive(journal);
        CrashStore unproven = store.copy();
        int forces = store.forces;
        Journals.mark(journal);
        assertThat(store.forces).as("lazily").isEqualTo(forces);
        assertThat(journal.markIfIdle()).as("said already").isNull();
        assertThat(journal.durableThrough()).isEqualTo(1);

        String segment = SegmentFiles.segmentName(1);
        unproven.bytes(segment)[SegmentHeader.BYTES + 50] ^= 1;
        RecoveryReport.Cut cut = Objects.requireNonNull(Journals.open(unproven).recovery().cut());
        assertThat(cut).isEqualTo(new RecoveryReport.Cut(segment, 512, 1, cut.bytes()));
        assertThat(cut.toString()).contains(segment).contains("offset 512").contains("sequence 1");

        CrashStore proven = store.copy();
        proven.bytes(segment)[SegmentHeader.BYTES + 50] ^= 1;
        assertThatThrownBy(() -> Journals.open(proven))
                .isInstanceOfSatisfying(
                        JournalDamagedException.class,
                        e -> {
                            assertThat(e.file()).isEqualTo(segment);
                            assertThat(e.offset()).isEqualTo(512);
                            assertThat(e.sequence()).isEqualTo(1);
                            assertThat(Objects.requireNonNull(e.lost()).kind()).isEqualTo(1);
                            assertThat(e.lost().checksum())
                                    .isEqualTo(Journals.content(1, 10).crc32c());
                            assertThat(e).hasMessageContaining("restore");
                        });
    }

    @Test
    void anIndexRemembersARecordWhoseHeaderIsDamaged() throws IOException {
        SegmentJournal journal = Journals.open(store);
        for (int i = 1; i <= 100; i++) {
            Journals.append(journal, i, 100);
            Journals.drive(journal);
        }
        store.bytes(SegmentFiles.segmentName(1))[SegmentHeader.BYTES + 4] ^= 1;
        assertThatThrownBy(() -> Journals.open(store))
                .isInstanceOfSatisfying(
                        JournalDamagedException.class,
                        e ->
                                assertThat(e.lost())
                                        .isEqualTo(
                                                new JournalDamagedException.Lost(
                                                        1,
                                                        2,
                                                        100,
                                                        Journals.content(1, 100).crc32c())));
    }

    @Test
    void indexesSayWhatAScanFindsAndAreMadeAgain() throws IOException {
        SegmentJournal journal = Journals.open(store);
        for (int i = 1; i <= 300; i++) {
            Journals.append(journal, i, i);
            Journals.drive(journal);
        }
        List<String> indexes =
                store.list().stream().filter(n -> SegmentFiles.generationOfIndex(n) > 0).toList();
        assertThat(indexes).hasSizeGreaterThan(5);
        CrashStore without = store.copy();
        for (String name : indexes) {
            without.delete(name);
        }
        SegmentJournal scanned = Journals.open(without);
        assertThat(without.list().stream().filter(indexes::contains)).hasSameSizeAs(indexes);
        for (String name : indexes) {
            SegmentFiles from = new SegmentFiles(store);
            SegmentFiles to = new SegmentFiles(without);
            long generation = SegmentFiles.generationOfIndex(name);
            SegmentIndex.Stored a = Objects.requireNonNull(from.readIndex(generation));
            SegmentIndex.Stored b = Objects.requireNonNull(to.readIndex(generation));
            assertThat(a.index().holdsTheSameAs(b.index())).isTrue();
            for (int i = 0; i < a.index().count(); i++) {
                JournalRecord record = scanned.read(a.firstSequence() + i);
                SegmentIndex.Entry entry = a.index().entry(i);
                assertThat(entry.kind()).isEqualTo(record.kind());
                assertThat(entry.epoch()).isEqualTo(record.epoch());
                assertThat(entry.length()).isEqualTo(record.content().size());
            }
        }
    }

    @Test
    void aMissingLastSegmentIsNoticedByTheIndexBeforeIt() throws IOException {
        SegmentJournal journal = Journals.open(store);
        for (int i = 1; i <= 100; i++) {
            Journals.append(journal, i, 100);
            Journals.drive(journal);
        }
        List<String> segments =
                store.list().stream().filter(n -> SegmentFiles.generationOfSegment(n) > 0).toList();
        for (int gone = 0; gone < segments.size() - 2; gone++) {
            CrashStore disk = store.copy();
            for (String name : segments.subList(gone, segments.size())) {
                disk.delete(name);
            }
            assertThatThrownBy(() -> Journals.open(disk))
                    .isInstanceOf(JournalDamagedException.class);
        }
    }

    @Test
    void aMissingFirstOrMiddleSegmentIsNoticed() throws IOException {
        SegmentJournal journal = Journals.open(store);
        for (int i = 1; i <= 100; i++) {
            Journals.append(journal, i, 100);
            Journals.drive(journal);
        }
        for (int generation = 1; generation <= 2; generation++) {
            CrashStore disk = store.copy();
            disk.delete(SegmentFiles.segmentName(generation));
            assertThatThrownBy(() -> Journals.open(disk))
                    .isInstanceOf(JournalDamagedException.class);
        }
    }

    @Test
    void droppedSegmentsAreDeletedAndStayGone() throws IOException {
        SegmentJournal journal = Journals.open(store);
        List<JournalRecord> written = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            written.add(Journals.append(journal, i, 100));
            Journals.drive(journal);
        }
        int before = store.list().size();
        journal.dropBefore(60);
        Journals.drive(journal);
        assertThat(store.list()).hasSizeLessThan(before - 2);
        long first = journal.firstSequence();
        assertThat(first).isBetween(30L, 60L);
        assertThat(journal.read(60)).isEqualTo(written.get(59));
        assertThatThrownBy(() -> journal.read(first - 1))
                .isInstanceOf(IllegalArgumentException.class);
        SegmentJournal again = Journals.open(store);
        assertThat(again.recovery().firstSequence()).isEqualTo(first);
        assertThat(Journals.replay(again)).isEqualTo(written.subList((int) first - 1, 100));
        again.dropBefore(Long.MAX_VALUE);
        written.add(Journals.append(again, 101, 100));
        Journals.drive(again);
        assertThat(again.read(101)).isEqualTo(written.getLast());
        assertThat(store.list().stream().filter(n -> n.endsWith(".seg")).count())
                .isLessThanOrEqualTo(2);
    }

    /// A crash in the middle of the write that began a segment left its header alone.
    @Test
    void aMarkBeforeTheFirstRecordOfASegmentIsNoneOfItsRecords() throws IOException {
        SegmentJournal journal = Journals.open(store);
        List<JournalRecord> written = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            written.add(Journals.append(journal, i, 1000));
            Journals.drive(journal);
        }
        Journals.append(journal, 4, 1000);
        Objects.requireNonNull(journal.nextGroup()).write();
        String second = SegmentFiles.segmentName(2);
        store.put(second, Arrays.copyOf(store.bytes(second), SegmentHeader.BYTES));
        store.put(second, Arrays.copyOf(store.bytes(second), Journals.SMALL.segmentBytes()));

        SegmentJournal again = Journals.open(store);
        assertThat(again.lastSequence()).isEqualTo(written.size());
        Journals.mark(again);
        for (int i = 101; i <= 102; i++) {
            written.add(Journals.append(again, i, 1000));
            Journals.drive(again);
            assertThat(again.read(again.lastSequence())).isEqualTo(written.getLast());
        }
        assertThat(Journals.replay(Journals.open(store))).isEqualTo(written);
    }

    @Test
    void nothingIsForcedWithoutSync() throws IOException {
        JournalOptions unsynced = Journals.SMALL.withSync(false);
        SegmentJournal journal = Journals.open(store, unsynced);
        Journals.append(journal, 1, 10);
        int forces = store.forces;
        Group group = Objects.requireNonNull(journal.nextGroup());
        group.write();
        group.force();
        assertThat(journal.onDurable(group)).isEqualTo(1);
        assertThat(store.forces).isEqualTo(forces);
        assertThat(journal.markIfIdle()).as("nothing is proven").isNull();
        assertThat(Journals.replay(Journals.open(store.copy(), unsynced))).hasSize(1);
    }

    @Test
    void aFailedForceIsNeverRetried() throws IOException {
        SegmentJournal journal = Journals.open(store);
        Journals.append(journal, 1, 10);
        Group group = Objects.requireNonNull(journal.nextGroup());
        group.write();
        store.failsForce = true;
        assertThatThrownBy(group::force).hasMessage("the disk failed");
        store.failsForce = false;
        assertThatThrownBy(group::force).isInstanceOf(Invariant.Broken.class);
        assertThatThrownBy(() -> journal.onDurable(group)).isInstanceOf(Invariant.Broken.class);
        assertThat(journal.nextGroup()).isNull();
    }

    @Test
    void anotherClusterGroupOrVersionIsRefusedInASentence() throws IOException {
        Journals.open(store).close();
        assertThatThrownBy(
                        () ->
                                SegmentJournal.open(
                                        store, new ClusterId(1, 2), GroupId.ZERO, Journals.SMALL))
                .isExactlyInstanceOf(IOException.class)
                .hasMessageContaining(Journals.CLUSTER.toString())
                .hasMessageContaining("check");
        assertThatThrownBy(
                        () ->
                                SegmentJournal.open(
                                        store, Journals.CLUSTER, new GroupId(1), Journals.SMALL))
                .isExactlyInstanceOf(IOException.class)
                .hasMessageContaining("group 0");
    }

    @Test
    void aSegmentHalfMadeIsRemoved() throws IOException {
        Journals.open(store).close();
        store.put("journal-000000000002.new", new byte[700]);
        SegmentJournal journal = Journals.open(store);
        assertThat(journal.recovery().removed()).containsExactly("journal-000000000002.new");
        assertThat(store.list()).containsExactly(SegmentFiles.segmentName(1));
    }

    @Test
    void theNextSegmentIsMadeAheadAndAGroupWaitsForOneBeingMade() throws IOException {
        SegmentJournal journal = Journals.open(store);
        assertThat(journal.preparation()).as("the first one is empty").isNull();
        Journals.append(journal, 1, 2500);
        Group group = Objects.requireNonNull(journal.nextGroup());
        group.write();
        group.force();
        Preparation preparation = Objects.requireNonNull(journal.preparation());
        journal.onDurable(group);
        assertThat(journal.preparation()).as("one at a time").isNull();
        Journals.append(journal, 2, 2500);
        assertThat(journal.nextGroup()).as("needs the next segment").isNull();
        preparation.run();
        journal.onPrepared(preparation);
        int writes = store.writes;
        Group next = Objects.requireNonNull(journal.nextGroup());
        next.write();
        assertThat(store.writes - writes).as("header and record together").isEqualTo(1);
    }

    @Test
    void aFullDiskStopsAndRoomLetsItGoOn() throws IOException {
        SegmentJournal journal = Journals.open(store);
        store.freeBytes = 1000;
        List<JournalRecord> written = new ArrayList<>();
        Group full = null;
        for (int i = 1; full == null; i++) {
            written.add(Journals.append(journal, i, 500));
            Group group = Objects.requireNonNull(journal.nextGroup());
            try {
                group.write();
                group.force();
                journal.onDurable(group);
            } catch (DiskFullException e) {
                assertThat(e).hasMessageContaining("4096").hasMessageContaining("1000");
                journal.onDiskFull(group, e);
                full = group;
            }
        }
        assertThat(journal.hasRoom()).isFalse();
        written.add(Journals.append(journal, 99, 500));
        assertThat(journal.preparation()).as("not while a group makes its own").isNull();
        assertThat(journal.nextGroup()).isSameAs(full);
        store.freeBytes = 100_000;
        full.write();
        full.force();
        journal.onDurable(full);
        assertThat(journal.hasRoom()).isTrue();
        Journals.drive(journal);
        assertThat(Journals.replay(Journals.open(store))).isEqualTo(written);
    }
}
