package dev.lockstep.node;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.journal.Group;
import dev.lockstep.journal.Preparation;
import dev.lockstep.journal.SegmentJournal;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.Locale;

/// Sees to it that what the replica appends becomes durable: group after group, on the loop's
/// thread or another.
///
/// Threading: the loop's thread, except that groups and preparations may run on others.
final class JournalDriver {

    private static final Logger LOG = LoggerFactory.getLogger(JournalDriver.class);

    /// A full disk is tried again after this time.
    private static final long FULL_PAUSE_NANOS = 100_000_000;

    /// After this time without a new record, a mark says that all are durable.
    private static final long MARK_NANOS = 5_000_000;

    /// For so long there must be room before that is told: on a disk with hardly any it comes and
    /// goes with every snapshot.
    private static final long ROOM_NANOS = 60_000_000_000L;

    private static final long NEVER = Long.MAX_VALUE;

    private final SegmentJournal journal;
    private final String name;
    private final WriterPolicy policy;
    private final Runnable wakeup;
    private final NodeMetrics metrics;
    private final GroupWriter inline = new InlineWriter();

    /// Made when it is first needed.
    private @Nullable GroupWriter threaded;

    /// The writer that has a group under way; null if none has.
    private @Nullable GroupWriter busy;

    /// Under way on its own thread; null if there is none.
    private @Nullable BackgroundPreparation preparing;

    /// Not before this time is anything written: the disk was full.
    private long pausedUntil;

    /// True from the first group that found the disk full to the first that did not.
    private boolean full;

    /// True from the line that says that there is hardly any room to the one that says there is.
    private boolean saidLow;

    /// Since when there has been room, while that is not told; [#NEVER] while there is none.
    private long roomSince = NEVER;

    /// True while what waits cannot be written before the preparation is done.
    private boolean needsPreparation;

    /// When a mark is to be written; [#NEVER] if there was one since the last group.
    private long markAt = NEVER;

    /// @param name for the names of threads, such as `lockstep-2`
    /// @param wakeup ends the loop's poll; any thread
    JournalDriver(
            SegmentJournal journal,
            String name,
            JournalThreading threading,
            Runnable wakeup,
            NodeMetrics metrics) {
        this.journal = journal;
        this.name = name;
        this.policy = WriterPolicy.of(threading);
        this.wakeup = wakeup;
        this.metrics = metrics;
    }

    /// Takes what other threads have finished.
    ///
    /// @return true if records became durable, see [SegmentJournal#durableThrough]
    boolean poll(long nowNanos) {
        BackgroundPreparation prepared = preparing;
        if (prepared != null && prepared.isDone()) {
            preparing = null;
            needsPreparation = false;
            prepared.finish(journal, name);
        }
        GroupWriter writer = busy;
        GroupWriter.Outcome outcome = writer == null ? null : writer.poll();
        return outcome != null && finish(outcome, nowNanos);
    }

    /// Begins to write what waits; on the loop's own thread that is done when this returns.
    ///
    /// @return true if records became durable, see [SegmentJournal#durableThrough]
    boolean begin(long nowNanos) {
        if (preparing == null) {
            Preparation preparation = journal.preparation();
            if (preparation != null) {
                preparing = new BackgroundPreparation(preparation, name, wakeup);
            }
        }
        if (busy != null || nowNanos < pausedUntil) {
            return false;
        }
        Group group = journal.nextGroup();
        if (group == null && nowNanos >= markAt) {
            markAt = NEVER;
            group = journal.markIfIdle();
        }
        if (group == null && markAt == NEVER && journal.pendingBytes() > 0) {
            // Nothing waits for it; it is written in a quiet moment at the latest.
            markAt = nowNanos + MARK_NANOS;
        }
        if (group == null) {
            needsPreparation = preparing != null && journal.isAwaited();
            noteRoom();
            return false;
        }
        GroupWriter writer = policy.inline(group.sizeBytes()) ? inline : threadedWriter();
        busy = writer;
        writer.begin(group);
        GroupWriter.Outcome outcome = writer.poll();
        return outcome != null && finish(outcome, nowNanos);
    }

    private boolean finish(GroupWriter.Outcome outcome, long nowNanos) {
        busy = null;
        switch (outcome.failure()) {
            case null -> {}
            case DiskFullException reason -> {
                journal.onDiskFull(outcome.group(), reason);
                pausedUntil = nowNanos + FULL_PAUSE_NANOS;
                if (!full && journal.isFull()) {
                    LOG.warn(
                            "the disk is full, commands are refused until there is room: {}",
                            reason.getMessage());
                    full = true;
                }
                return false;
            }
            case IOException failure ->
                    throw new NodeFailure(
                            "the journal cannot be written (%s), and what became of the last write is unknown: look after the disk, then start the replica again"
                                    .formatted(failure.getMessage()),
                            failure);
            case Throwable thrown ->
                    throw new NodeFailure("writing the journal failed: " + thrown, thrown);
        }
        long before = journal.durableThrough();
        boolean mark = journal.onDurable(outcome.group()) == before;
        noteRoom();
        policy.onWritten(outcome.nanos());
        if (!mark) {
            markAt = nowNanos + MARK_NANOS;
            metrics.onGroup(outcome.group().sizeBytes(), outcome.nanos());
        }
        return !mark;
    }

    private void noteRoom() {
        if (full && !journal.isFull()) {
            full = false;
            if (journal.hasRoom() && !saidLow) {
                LOG.info("there is room on the disk again");
            }
        }
    }

    /// Looks from time to time whether the disk is nearly full.
    ///
    /// @param snapshotBytes what the next snapshot may still take
    void lookAtRoom(long snapshotBytes, long nowNanos) {
        journal.lookAtRoom(snapshotBytes);
        if (!journal.hasRoom()) {
            roomSince = NEVER;
            if (!saidLow && !journal.isFull()) {
                saidLow = true;
                LOG.warn("{}", lowSentence(snapshotBytes));
            }
        } else if (saidLow && roomSince == NEVER) {
            roomSince = nowNanos;
        } else if (saidLow && nowNanos - roomSince >= ROOM_NANOS) {
            saidLow = false;
            LOG.info("there has been room on the disk for a minute");
        }
    }

    private String lowSentence(long snapshotBytes) {
        long reserve = journal.reserveBytes();
        return ("the disk is nearly full: %s are free, and %s are kept for what cannot be refused"
                        + " (%s for a snapshot, %s for the journal); commands are refused while there"
                        + " is less, however often that changes")
                .formatted(
                        mib(journal.usableBytes()),
                        mib(reserve),
                        mib(snapshotBytes),
                        mib(reserve - snapshotBytes));
    }

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }

    /// True if [#begin] would write now: the loop should not wait.
    boolean hasWork() {
        return busy == null && !full && !needsPreparation && journal.isAwaited();
    }

    /// When [#begin] is to be called at the latest.
    long nextDeadlineNanos() {
        if (busy != null) {
            return NEVER;
        }
        return full ? pausedUntil : markAt;
    }

    /// Waits for what is under way and closes the journal. What is not durable may be lost, as at
    /// a crash.
    void close() {
        inline.close();
        GroupWriter writer = threaded;
        if (writer != null) {
            writer.close();
        }
        BackgroundPreparation last = preparing;
        if (last != null) {
            last.await();
        }
        try {
            journal.close();
        } catch (IOException e) {
            LOG.warn("the journal's files could not be closed: {}", e.getMessage());
        }
    }

    private GroupWriter threadedWriter() {
        GroupWriter writer = threaded;
        if (writer == null) {
            writer = new ThreadedWriter(name + "-journal", wakeup);
            threaded = writer;
        }
        return writer;
    }
}
