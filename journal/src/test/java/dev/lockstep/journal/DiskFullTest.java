package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.JournalRecord;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The disk may fill up at any byte: nothing durable is lost, and room is all that is needed.
class DiskFullTest {

    private static final int NEEDED = 20_000;

    @Test
    void atEveryByteKnownBeforehandOrNot() throws IOException {
        for (int free = 0; free < NEEDED; free += 7) {
            run(free, true);
            run(free, false);
        }
    }

    private static void run(int free, boolean saysUsable) throws IOException {
        CrashStore store = new CrashStore();
        store.freeBytes = free;
        store.saysUsable = saysUsable;
        SegmentJournal journal;
        try {
            journal = Journals.open(store);
        } catch (DiskFullException e) {
            assertThat(free).isLessThan(Journals.SMALL.segmentBytes());
            store.freeBytes = 1 << 20;
            journal = Journals.open(store);
        }
        List<JournalRecord> written = new ArrayList<>();
        int refusals = 0;
        for (int i = 1; i <= 9; i++) {
            written.add(Journals.append(journal, i, 200 * i));
            while (journal.durableThrough() < i) {
                if (!drive(journal)) {
                    refusals++;
                    assertThat(journal.hasRoom()).isFalse();
                    checkCrash(store, written, journal.durableThrough());
                    if (refusals > 1) {
                        store.freeBytes = 1 << 20;
                    }
                }
            }
            assertThat(journal.hasRoom()).isTrue();
        }
        checkCrash(store, written, written.size());
    }

    private static boolean drive(SegmentJournal journal) throws IOException {
        Preparation preparation = journal.preparation();
        if (preparation != null) {
            preparation.run();
            journal.onPrepared(preparation);
        }
        Group group = journal.nextGroup();
        if (group == null) {
            return true;
        }
        try {
            group.write();
        } catch (DiskFullException e) {
            journal.onDiskFull(group, e);
            return false;
        }
        group.force();
        journal.onDurable(group);
        return true;
    }

    private static void checkCrash(CrashStore store, List<JournalRecord> written, long durable)
            throws IOException {
        SegmentJournal after = Journals.open(store.crash(new SplittableRandom(durable)));
        assertThat(after.lastSequence()).isBetween(durable, (long) written.size());
        assertThat(Journals.replay(after))
                .isEqualTo(written.subList(0, (int) after.lastSequence()));
    }
}
