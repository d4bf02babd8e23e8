package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.JournalOptions;
import dev.lockstep.journal.MemoryStore;
import dev.lockstep.journal.SegmentJournal;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;

/// When the loop is to come back to a journal whose disk fills up.
class JournalDriverTest {

    private static final long SECOND = 1_000_000_000L;

    private final FillingStore store = new FillingStore(new MemoryStore());
    private final SegmentJournal journal;
    private final JournalDriver driver;

    JournalDriverTest() throws IOException {
        journal =
                SegmentJournal.open(
                        store,
                        new ClusterId(1, 2),
                        GroupId.ZERO,
                        new JournalOptions(1 << 20, true, 3));
        driver =
                new JournalDriver(
                        journal, "test", JournalThreading.INLINE, () -> {}, new NodeMetrics());
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private void append() {
        var _ = journal.append(1, 1, Bytes.wrap(new byte[100]), Bytes.EMPTY);
    }

    /// The journal writes on in what room there is, and the loop must not run in circles meanwhile.
    @Test
    void aDiskThatWasFullAndStaysNearlyFullIsWrittenWithoutHaste() {
        append();
        store.full = true;
        assertThat(driver.begin(SECOND)).isFalse();
        assertThat(driver.hasWork()).isFalse();
        assertThat(driver.nextDeadlineNanos()).isGreaterThan(SECOND);

        store.full = false;
        store.low = true;
        driver.lookAtRoom(0);
        assertThat(driver.begin(2 * SECOND)).isTrue();
        assertThat(journal.hasRoom()).isFalse();
        assertThat(driver.nextDeadlineNanos()).isGreaterThan(2 * SECOND);
        append();
        assertThat(driver.hasWork()).isTrue();

        store.low = false;
        driver.lookAtRoom(0);
        assertThat(journal.hasRoom()).isTrue();
    }
}
