package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/// Changed bytes are noticed: never a shorter or another log, never another exception.
class DamageTest {

    private CrashStore store = new CrashStore();
    private List<JournalRecord> written = new ArrayList<>();

    /// Records in three segments, all proven by a mark.
    private void fill() throws IOException {
        store = new CrashStore();
        written = new ArrayList<>();
        SegmentJournal journal = Journals.open(store);
        for (int i = 1; i <= 12; i++) {
            written.add(Journals.append(journal, i, 60 * i));
            Journals.drive(journal);
        }
        Journals.mark(journal);
        journal.close();
    }

    @Test
    void everyBitOfEverySegmentMatters() throws IOException {
        fill();
        List<String> segments =
                store.list().stream().filter(n -> SegmentFiles.generationOfSegment(n) > 0).toList();
        assertThat(segments).hasSizeGreaterThan(2);
        int refused = 0;
        for (String name : segments) {
            byte[] original = store.bytes(name).clone();
            for (int at = 0; at < original.length; at++) {
                byte[] flipped = original.clone();
                flipped[at] ^= (byte) (1 << (at % 8));
                CrashStore disk = store.copy();
                disk.put(name, flipped);
                try (SegmentJournal journal = Journals.open(disk)) {
                    assertThat(Journals.replay(journal)).as("%s %d", name, at).isEqualTo(written);
                } catch (JournalDamagedException e) {
                    refused++;
                    assertThat(disk.bytes(name)).as("nothing is touched").isEqualTo(flipped);
                }
            }
        }
        long used = written.stream().mapToLong(r -> 48 + r.content().size()).sum();
        assertThat(refused).as("all that carries meaning").isGreaterThan((int) used);
    }

    /// The record behind it was synced, and nothing says so yet: it is not taken for torn because
    /// the mark before it is.
    @Test
    void aDamagedMarkTakesNothingAlong() throws IOException {
        store = new CrashStore();
        written = new ArrayList<>();
        SegmentJournal journal = Journals.open(store);
        written.add(Journals.append(journal, 1, 60));
        Journals.drive(journal);
        String name = SegmentFiles.segmentName(1);
        int mark = endOf(store.bytes(name));
        Journals.mark(journal);
        written.add(Journals.append(journal, 2, 60));
        Journals.drive(journal);
        byte[] original = store.bytes(name).clone();
        for (int bit = 0; bit < Frame.HEADER_BYTES * Byte.SIZE; bit++) {
            byte[] flipped = original.clone();
            flipped[mark + bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
            CrashStore disk = store.copy();
            disk.put(name, flipped);
            try (SegmentJournal again = Journals.open(disk)) {
                assertThat(Journals.replay(again)).as("bit %d", bit).isEqualTo(written);
                assertThat(again.recovery().cut()).isNull();
                Journals.append(again, 3, 10);
                Journals.drive(again);
            }
            try (SegmentJournal again = Journals.open(disk)) {
                assertThat(Journals.replay(again)).hasSize(3);
            }
        }
    }

    /// Where the next frame begins.
    private static int endOf(byte[] segment) {
        int at = segment.length - 1;
        while (segment[at] == 0) {
            at--;
        }
        return Math.ceilDiv(at + 1, Frame.ALIGNMENT) * Frame.ALIGNMENT;
    }

    @Test
    void everyLostSectorOfWhatWasProvenIsNoticed() throws IOException {
        fill();
        for (String name : store.list()) {
            if (SegmentFiles.generationOfSegment(name) < 0) {
                continue;
            }
            byte[] original = store.bytes(name).clone();
            for (int at = 0; at < original.length; at += CrashStore.SECTOR) {
                byte[] zeroed = original.clone();
                Arrays.fill(zeroed, at, at + CrashStore.SECTOR, (byte) 0);
                CrashStore disk = store.copy();
                disk.put(name, zeroed);
                try (SegmentJournal journal = Journals.open(disk)) {
                    List<JournalRecord> found = Journals.replay(journal);
                    if (found.size() == written.size() - 1) {
                        // The last group and its mark, both in this sector, were not proven
                        // elsewhere.
                        assertThat(at + CrashStore.SECTOR).isGreaterThan(markOffset(original));
                        found.add(written.getLast());
                    }
                    assertThat(found).isEqualTo(written);
                } catch (JournalDamagedException e) {
                    assertThat(e.file()).startsWith("journal-");
                }
            }
        }
    }

    private static int markOffset(byte[] segment) {
        int at = segment.length - 1;
        while (at > 0 && segment[at] == 0) {
            at--;
        }
        return at - Frame.HEADER_BYTES;
    }

    @Test
    void headersThatContradictEachOtherAreRefusedAndNothingIsTouched() throws IOException {
        fill();
        String second = SegmentFiles.segmentName(2);
        long first = header(store, second).firstSequence();
        assertThat(first).isGreaterThan(2);
        refuses(second, 1, 1, "it begins with 1, and an older segment begins with 1");
        refuses(second, first, first + 1, "all before " + (first + 1) + " was dropped");
        refuses(second, first, first - 1, "there is no segment that begins with it");
        try (SegmentJournal journal = Journals.open(forged(second, first, first))) {
            assertThat(journal.firstSequence()).as("a drop that was said").isEqualTo(first);
        }
    }

    /// A segment whose header survived a crash and whose first record did not is gone on with, and
    /// is too short for what comes then.
    @Test
    void aSegmentWithoutRecordsBeginsWithTheSameAsTheNext() throws IOException {
        store = new CrashStore();
        SegmentJournal journal = Journals.open(store);
        Journals.append(journal, 1, 3_000);
        Journals.drive(journal);
        Journals.append(journal, 2, 3_000);
        Objects.requireNonNull(journal.nextGroup()).write();
        String second = SegmentFiles.segmentName(2);
        assertThat(header(store, second).firstSequence()).isEqualTo(2);
        byte[] onlyHeader = new byte[store.bytes(second).length];
        System.arraycopy(store.bytes(second), 0, onlyHeader, 0, SegmentHeader.BYTES);
        store.put(second, onlyHeader);

        journal = Journals.open(store);
        assertThat(journal.lastSequence()).isEqualTo(1);
        JournalRecord large = Journals.append(journal, 3, 2 * Journals.SMALL.segmentBytes());
        Journals.drive(journal);
        Journals.mark(journal);
        journal.close();

        try (SegmentJournal again = Journals.open(store)) {
            assertThat(Journals.replay(again)).hasSize(2).last().isEqualTo(large);
        }
    }

    private void refuses(String name, long firstSequence, long keptFrom, String why)
            throws IOException {
        CrashStore disk = forged(name, firstSequence, keptFrom);
        CrashStore before = disk.copy();
        assertThatThrownBy(() -> Journals.open(disk))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining(why);
        assertThat(disk.list()).isEqualTo(before.list());
        for (String file : disk.list()) {
            assertThat(disk.bytes(file)).as(file).isEqualTo(before.bytes(file));
        }
    }

    private CrashStore forged(String name, long firstSequence, long keptFrom) throws IOException {
        ByteBuffer sector = ByteBuffer.allocate(SegmentHeader.BYTES);
        header(store, name).withFirstSequence(firstSequence, keptFrom).encode(sector);
        CrashStore disk = store.copy();
        byte[] bytes = disk.bytes(name).clone();
        System.arraycopy(sector.array(), 0, bytes, 0, SegmentHeader.BYTES);
        disk.put(name, bytes);
        return disk;
    }

    private static SegmentHeader header(CrashStore disk, String name) {
        ByteBuffer sector = ByteBuffer.wrap(disk.bytes(name), 0, SegmentHeader.BYTES).slice();
        return Objects.requireNonNull(SegmentHeader.decode(sector));
    }

    @Test
    void aRecordThatChangesWhileTheJournalIsOpenIsNotReturned() throws IOException {
        SegmentJournal journal = Journals.open(store);
        Journals.append(journal, 1, 100);
        Journals.drive(journal);
        store.bytes(SegmentFiles.segmentName(1))[600] ^= 4;
        assertThatThrownBy(() -> journal.read(1))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(JournalDamagedException.class);
    }

    @Test
    void whatAClientSendsIsNeverTakenForARecord() throws IOException {
        // A torn record whose content is the image of a proven one, with every alignment right.
        CrashStore other = new CrashStore();
        SegmentJournal forger =
                Journals.open(other, Journals.SMALL.withSalt(0).withSegmentBytes(8 << 10));
        for (int i = 1; i < 5; i++) {
            Journals.append(forger, i, 20);
            Journals.drive(forger);
        }
        byte[] forged = Arrays.copyOfRange(other.bytes(SegmentFiles.segmentName(1)), 512, 2000);
        SegmentJournal journal = Journals.open(store);
        journal.append(1, 1, Bytes.EMPTY, Bytes.wrap(forged));
        Journals.drive(journal);
        store.bytes(SegmentFiles.segmentName(1))[512] ^= 1;
        SegmentJournal again = Journals.open(store);
        assertThat(again.recovery().cut()).isNotNull();
        assertThat(again.lastSequence()).isZero();
    }

    @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
    void garbageIsRefusedOrCutButNeverBelieved(@ForAll long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        fill();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            List<String> names = store.list();
            String name = names.get(random.nextInt(names.size()));
            store.put(name, damaged(store.bytes(name), random));
        }
        try (SegmentJournal journal = Journals.open(store)) {
            List<JournalRecord> found = Journals.replay(journal);
            assertThat(found).isEqualTo(written.subList(0, found.size()));
            Journals.append(journal, 77, 500);
            Journals.drive(journal);
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotEmpty();
        } catch (RuntimeException e) {
            fail("seed " + seed, e);
        }
    }

    private static byte[] damaged(byte[] original, SplittableRandom random) {
        byte[] bytes = original.clone();
        if (bytes.length == 0) {
            // It was cut to nothing before.
            return bytes;
        }
        switch (random.nextInt(6)) {
            case 0 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            }
            case 1 -> {
                return Arrays.copyOf(bytes, bytes.length + random.nextInt(5000));
            }
            case 2 -> random.nextBytes(bytes);
            case 3 -> Arrays.fill(bytes, (byte) random.nextInt(256));
            case 4 -> {
                int from = random.nextInt(bytes.length);
                int to = random.nextInt(bytes.length);
                int length = random.nextInt(bytes.length - Math.max(from, to));
                System.arraycopy(original, from, bytes, to, length);
            }
            default -> {
                for (int n = 1 + random.nextInt(8); n > 0; n--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
        }
        return bytes;
    }
}
