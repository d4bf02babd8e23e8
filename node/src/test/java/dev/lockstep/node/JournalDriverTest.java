package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.JournalOptions;
import dev.lockstep.journal.MemoryStore;
import dev.lockstep.journal.SegmentJournal;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;

/// When the loop is to come back to a journal whose disk fills up.
class JournalDriverTest {

    private static final long SECOND = 1_000_000_000L;

    private final FillingStore store = new FillingStore(new MemoryStore());
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
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

    @BeforeEach
    void listen() {
        log.start();
        logger().setLevel(Level.INFO);
        logger().addAppender(log);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(JournalDriver.class);
    }

    @AfterEach
    void close() {
        logger().detachAppender(log);
        logger().setLevel(null);
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
        driver.lookAtRoom(0, 2 * SECOND);
        assertThat(driver.begin(2 * SECOND)).isTrue();
        assertThat(journal.hasRoom()).isFalse();
        assertThat(driver.nextDeadlineNanos()).isGreaterThan(2 * SECOND);
        append();
        assertThat(driver.hasWork()).isTrue();

        store.low = false;
        driver.lookAtRoom(0, 3 * SECOND);
        assertThat(journal.hasRoom()).isTrue();
    }

    /// On a disk with hardly any room it comes and goes with every snapshot.
    @Test
    void roomThatComesAndGoesIsToldOnce() {
        driver.lookAtRoom(0, SECOND);
        assertThat(lines()).isEmpty();
        for (int round = 1; round < 20; round++) {
            store.low = round % 2 == 1;
            driver.lookAtRoom(3 << 20, round * 30L * SECOND);
            assertThat(journal.hasRoom()).as("round %d", round).isEqualTo(!store.low);
        }
        assertThat(lines())
                .containsExactly(
                        "the disk is nearly full: 0.0 MiB are free, and 3.5 MiB are kept for what"
                                + " cannot be refused (3.0 MiB for a snapshot, 0.5 MiB for the"
                                + " journal); commands are refused while there is less, however"
                                + " often that changes");
        store.low = false;
        driver.lookAtRoom(0, 600 * SECOND);
        driver.lookAtRoom(0, 659 * SECOND);
        assertThat(lines()).hasSize(1);
        driver.lookAtRoom(0, 660 * SECOND);
        driver.lookAtRoom(0, 661 * SECOND);
        assertThat(lines())
                .hasSize(2)
                .last()
                .isEqualTo("there has been room on the disk for a minute");
        store.low = true;
        driver.lookAtRoom(0, 662 * SECOND);
        assertThat(lines()).hasSize(3);
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
