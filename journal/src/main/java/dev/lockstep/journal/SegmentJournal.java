package dev.lockstep.journal;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.port.RecordSearch;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A journal in the segment files of a [FileStore].
///
/// The driver's duty, in every cycle after the replica's `advance`:
/// 1. [#nextGroup]; if there is one, [Group#write] and [Group#force] on any thread, then
///    [#onDurable] on the replica's, and `Replica.onDurable` with the result. If the write threw a
///    [DiskFullException], [#onDiskFull] instead, and [#nextGroup] again after a pause. After any
///    other exception the replica must stop: nothing is known about what was written.
/// 2. [#preparation]; if there is one, [Preparation#run] on a background thread or at once, then
///    [#onPrepared], then [#nextGroup] again.
/// 3. When nothing has happened for a while (some milliseconds), [#markIfIdle]: a group like any
///    other.
///
/// Threading: the replica's thread, except where said otherwise.
public final class SegmentJournal implements Journal, AutoCloseable {

    private final SegmentFiles files;
    private final ClusterId cluster;
    private final GroupId group;
    private final JournalOptions options;
    private final JournalRules rules;
    private final RecoveryReport recovery;
    private final GroupWriter writer;
    private final PendingRecords pending;
    private final long salt;

    /// Segments with records, ascending; the last one takes the next record. Empty before the first
    /// record is in a group.
    private final List<Segment> segments;

    /// The next segment, made in the background; null if there is none yet.
    private @Nullable Segment spare;

    /// False after there was no room for a spare, until a segment begins or some are deleted: the
    /// group that needs it makes it, and reports the full disk.
    private boolean spareIsWorthTrying = true;

    private long lastGeneration;

    /// Full segments whose index is to be written.
    private final List<Preparation.Indexing> unindexed = new ArrayList<>();

    /// Spares that were too small for the record that needed one, to be deleted.
    private final List<Segment> discarded = new ArrayList<>();

    /// Records below may be deleted; never above `durableThrough + 1`.
    private long dropFloor;

    /// As the segment headers say it: records from here on must be there.
    private long keptFrom;

    private long durableThrough;

    /// What records may claim to be durable: stays behind if nothing is synced.
    private long syncedThrough;

    /// What something in the files claims to be durable.
    private long claimedThrough;

    /// The last record that something waits for; what comes after it is written with the next one,
    /// or when nothing has happened for a while.
    private long awaitedThrough;

    /// The last record that is in a group.
    private long plannedThrough;

    private long pendingBytes;

    /// The frames of all records since the journal was opened.
    private long appendedBytes;
    private boolean hasRoom = true;

    /// True while less is free on the disk than is kept for what cannot be refused.
    private boolean isLow;

    /// What is kept free and what was free, as [#lookAtRoom] last found it.
    private long reserveBytes;

    private long usableBytes;
    private @Nullable Group outstanding;

    /// True if the outstanding group may have to make a segment, which only one at a time may do.
    private boolean outstandingMakesSegments;

    private @Nullable Preparation preparing;

    private SegmentJournal(
            FileStore store,
            ClusterId cluster,
            GroupId group,
            JournalOptions options,
            JournalRules rules,
            Recovery recovered) {
        this.files = new SegmentFiles(store);
        this.cluster = cluster;
        this.group = group;
        this.options = options;
        this.rules = rules;
        this.recovery = recovered.report();
        this.writer = new GroupWriter(files, group.value());
        this.segments = new ArrayList<>(recovered.used);
        this.spare = recovered.spare;
        this.lastGeneration = recovered.lastGeneration;
        this.salt = recovered.newest == null ? options.salt() : recovered.newest.salt();
        this.keptFrom = recovered.keptFrom;
        this.dropFloor = recovered.keptFrom;
        this.durableThrough = recovery.lastSequence();
        this.syncedThrough = durableThrough;
        this.plannedThrough = durableThrough;
        this.claimedThrough = recovered.provenThrough;
        this.pending = new PendingRecords(durableThrough);
        for (Segment segment : recovered.unindexed) {
            indexLater(segment);
        }
    }

    /// True if a store has files of a journal.
    public static boolean isIn(FileStore store) throws IOException {
        return store.list().stream()
                .anyMatch(
                        name ->
                                SegmentFiles.generationOfSegment(name) >= 0
                                        || SegmentFiles.generationOfIndex(name) >= 0);
    }

    /// Opens what is in the store, or begins a journal in an empty one.
    ///
    /// @throws JournalDamagedException if something that was durable has changed or is gone
    /// @throws DiskFullException if there is no room for the first segment
    /// @throws IOException with a sentence if the files are of another cluster, group or version
    public static SegmentJournal open(
            FileStore store, ClusterId cluster, GroupId group, JournalOptions options)
            throws IOException {
        return open(store, cluster, group, options, JournalRules.CORRECT);
    }

    static SegmentJournal open(
            FileStore store,
            ClusterId cluster,
            GroupId group,
            JournalOptions options,
            JournalRules rules)
            throws IOException {
        Recovery recovered = Recovery.run(store, cluster, group, rules);
        SegmentJournal journal =
                new SegmentJournal(store, cluster, group, options, rules, recovered);
        if (journal.segments.isEmpty() && journal.spare == null) {
            Segment first = journal.newSegment(0);
            journal.files.make(first);
            journal.spare = first;
        }
        return journal;
    }

    /// What opening found and did.
    public RecoveryReport recovery() {
        return recovery;
    }

    /// Hands over all records that there were when the journal was opened, in order, reading them
    /// one by one. Before the first [#append].
    ///
    /// @throws JournalDamagedException if a record can no longer be read
    public void replay(Consumer<JournalRecord> sink) throws IOException {
        Invariant.check(
                pending.last() == recovery.lastSequence(), "replay comes before the first append");
        for (Segment segment : segments) {
            SegmentReader reader = new SegmentReader(segment.file(), segment.header());
            for (long s = segment.firstSequence(); s <= segment.lastSequence(); s++) {
                sink.accept(read(reader, segment, s));
            }
        }
    }

    // -- appending

    @Override
    public long append(int kind, long epoch, Bytes head, Bytes body) {
        long sequence = appendLazily(kind, epoch, head, body);
        awaitedThrough = sequence;
        return sequence;
    }

    @Override
    public long appendLazily(int kind, long epoch, Bytes head, Bytes body) {
        Invariant.check(kind >= 0 && kind <= 255, "a kind is one byte", kind);
        long length = (long) head.size() + body.size();
        Invariant.check(
                length <= JournalOptions.MAX_RECORD_BYTES, "a record is not too large", length);
        PendingRecord record = pending.add();
        record.fill(kind, epoch, head, body);
        pendingBytes += record.frameBytes();
        appendedBytes += record.frameBytes();
        return pending.last();
    }

    /// True if there is a record that something waits for and that is not durable.
    public boolean isAwaited() {
        return awaitedThrough > durableThrough;
    }

    /// Everything appended and in no group, or null: if nothing of it is waited for, a group is
    /// outstanding, or the next segment is being prepared. After [#onDiskFull] the same group
    /// again.
    public @Nullable Group nextGroup() {
        Group retried = outstanding;
        if (retried != null) {
            return hasRoom || !rules.triesAgainWhenFull() ? null : retried;
        }
        if (awaitedThrough <= plannedThrough) {
            return null;
        }
        long first = plannedThrough + 1;
        long bytes = 0;
        while (plannedThrough < pending.last()) {
            PendingRecord record = pending.get(plannedThrough + 1);
            int frameBytes = record.frameBytes();
            Segment target = segmentFor(frameBytes);
            if (target == null) {
                break;
            }
            record.segment = target;
            record.offset = target.end();
            target.setEnd(record.offset + frameBytes);
            bytes += frameBytes;
            plannedThrough++;
        }
        if (plannedThrough < first) {
            return null;
        }
        Group next =
                Group.ofRecords(
                        writer,
                        pending.view(),
                        first,
                        plannedThrough,
                        bytes,
                        rules.forces(options.sync()),
                        syncedThrough);
        outstanding = next;
        return next;
    }

    /// Where the next record goes; null if a segment is being made that it could need.
    private @Nullable Segment segmentFor(int frameBytes) {
        if (!segments.isEmpty() && segments.getLast().fits(frameBytes)) {
            return segments.getLast();
        }
        if (preparing != null) {
            return null;
        }
        Segment next = spare;
        spare = null;
        if (next != null && !next.fits(frameBytes)) {
            discarded.add(next);
            next = null;
        }
        if (next == null) {
            outstandingMakesSegments = true;
            next = newSegment(frameBytes);
        }
        next.setHeader(next.header().withFirstSequence(plannedThrough + 1, keptFrom));
        segments.add(next);
        spareIsWorthTrying = true;
        return next;
    }

    private Segment newSegment(int frameBytes) {
        long needed = (long) SegmentHeader.BYTES + frameBytes + Frame.HEADER_BYTES;
        long size = Math.max(options.segmentBytes(), needed);
        long sectors = (size + SegmentHeader.BYTES - 1) / SegmentHeader.BYTES;
        lastGeneration++;
        SegmentHeader header =
                new SegmentHeader(
                        cluster,
                        group.value(),
                        lastGeneration,
                        sectors * SegmentHeader.BYTES,
                        salt,
                        0,
                        keptFrom);
        return new Segment(header, null);
    }

    /// The group was written and forced. Returns [#durableThrough()].
    public long onDurable(Group durable) {
        Invariant.check(durable == outstanding, "the outstanding group is reported");
        Invariant.check(durable.isForced(), "a group is reported when it was forced");
        outstanding = null;
        outstandingMakesSegments = false;
        hasRoom = true;
        claimedThrough = Math.max(claimedThrough, durable.syncedThrough());
        if (durable.isMark()) {
            return durableThrough;
        }
        Segment before = null;
        for (long s = durable.firstSequence(); s <= durable.lastSequence(); s++) {
            PendingRecord record = pending.get(s);
            Segment segment = Segment.require(record.segment);
            if (segment.firstSequence() == s && s > firstSequence()) {
                indexLater(before == null ? segmentOf(s - 1) : before);
            }
            segment.add(
                    record.offset, record.kind, record.epoch, record.length(), record.contentCrc);
            pendingBytes -= record.frameBytes();
            pending.removeFirst();
            before = segment;
        }
        durableThrough = durable.lastSequence();
        if (options.sync()) {
            syncedThrough = durableThrough;
        }
        return durableThrough;
    }

    private void indexLater(Segment full) {
        SegmentIndex index = full.takeIndex();
        if (index != null) {
            unindexed.add(new Preparation.Indexing(full, index));
        }
    }

    /// There was no room for the group: [#hasRoom] is false until writing it succeeds.
    public void onDiskFull(Group full, DiskFullException reason) {
        Invariant.check(full == outstanding, "the outstanding group is reported");
        Invariant.check(full.isPlanned(), "a full disk leaves a group unwritten");
        if (full.isMark()) {
            // Nobody waits for a mark; there will be another one.
            full.giveUpMark();
            outstanding = null;
            return;
        }
        hasRoom = false;
    }

    /// Everything for which nothing has waited so far; otherwise a group that says that all records
    /// are durable and holds none, or null if that is said already or something else is to be
    /// written. Without it, a crash that damages the last group
    /// looks like a torn write. Its [Group#force] does nothing.
    public @Nullable Group markIfIdle() {
        boolean isLazy = awaitedThrough <= plannedThrough && plannedThrough < pending.last();
        if (outstanding == null && isLazy) {
            awaitedThrough = pending.last();
            return nextGroup();
        }
        if (outstanding != null
                || plannedThrough < pending.last()
                || claimedThrough >= syncedThrough
                || segments.isEmpty()) {
            return null;
        }
        Segment last = segments.getLast();
        int offset = last.end();
        if (offset + Frame.HEADER_BYTES > last.header().sizeBytes()) {
            return null;
        }
        last.setEnd(offset + Frame.HEADER_BYTES);
        Group mark =
                Group.ofMark(writer, pending.view(), plannedThrough, syncedThrough, last, offset);
        outstanding = mark;
        return mark;
    }

    // -- in the background

    /// What is to be done in the background, or null.
    public @Nullable Preparation preparation() {
        if (preparing != null || outstandingMakesSegments) {
            return null;
        }
        List<Segment> dropped = takeDropped();
        Segment keeper = null;
        if (!dropped.isEmpty()) {
            spareIsWorthTrying = true;
            keptFrom = firstSequence();
            keeper = segmentOf(durableThrough);
            keeper.setHeader(keeper.header().withFirstSequence(keeper.firstSequence(), keptFrom));
        }
        dropped.addAll(discarded);
        discarded.clear();
        Segment made = wantsSpare() ? newSegment(0) : null;
        if (made == null && dropped.isEmpty() && unindexed.isEmpty()) {
            return null;
        }
        Preparation next = new Preparation(files, syncedThrough, made, unindexed, dropped, keeper);
        unindexed.clear();
        preparing = next;
        return next;
    }

    private boolean wantsSpare() {
        if (spare != null || !spareIsWorthTrying || segments.isEmpty()) {
            return false;
        }
        Segment last = segments.getLast();
        return last.end() >= last.header().sizeBytes() / 2;
    }

    /// The segments that are not needed any more, out of the list.
    private List<Segment> takeDropped() {
        List<Segment> dropped = new ArrayList<>();
        while (segments.size() > 1
                && segments.get(1).firstSequence() <= Math.min(dropFloor, durableThrough)) {
            Segment gone = segments.removeFirst();
            unindexed.removeIf(indexing -> indexing.segment() == gone);
            dropped.add(gone);
        }
        return dropped;
    }

    /// The preparation was run.
    public void onPrepared(Preparation prepared) {
        Invariant.check(prepared == preparing, "the preparation that was asked for is reported");
        Invariant.check(prepared.isDone(), "a preparation is reported when it was run");
        preparing = null;
        unindexed.addAll(prepared.unindexed());
        Segment made = prepared.spare();
        if (made != null && made.isMade()) {
            spare = made;
        } else if (made != null) {
            spareIsWorthTrying = false;
        }
    }

    @Override
    public long appendedBytes() {
        return appendedBytes;
    }

    /// Whole segments of records below `sequence` will be deleted by the next [#preparation].
    @Override
    public void dropBefore(long sequence) {
        dropFloor = Math.max(dropFloor, Math.min(sequence, durableThrough + 1));
    }

    // -- reading

    @Override
    public long firstSequence() {
        return segments.isEmpty() ? keptFrom : segments.getFirst().firstSequence();
    }

    @Override
    public long lastSequence() {
        return pending.last();
    }

    @Override
    public long durableThrough() {
        return durableThrough;
    }

    @Override
    public long pendingBytes() {
        return pendingBytes;
    }

    @Override
    public boolean hasRoom() {
        return hasRoom && !isLow;
    }

    /// True from a group that found the disk full until one is written.
    public boolean isFull() {
        return !hasRoom;
    }

    /// Looks how much is free, and says through [#hasRoom] that there is no room before there is
    /// none: half a segment and `more` are kept for what cannot be refused, such as what other
    /// members have agreed on, and a snapshot that lets the journal's beginning go. Once there was
    /// too little, a quarter more must be free than that.
    ///
    /// @param more in bytes, beside half a segment
    public void lookAtRoom(long more) {
        long reserve = options.segmentBytes() / 2 + more;
        usableBytes = files.usableBytes();
        reserveBytes = reserve;
        isLow = usableBytes < (isLow ? reserve + reserve / 4 : reserve);
    }

    /// What the last [#lookAtRoom] kept free.
    public long reserveBytes() {
        return reserveBytes;
    }

    /// What was free at the last [#lookAtRoom].
    public long usableBytes() {
        return usableBytes;
    }

    @Override
    public JournalRecord read(long sequence) {
        if (pending.holds(sequence)) {
            PendingRecord record = pending.get(sequence);
            return new JournalRecord(sequence, record.kind, record.epoch, record.content());
        }
        if (sequence < firstSequence() || sequence > durableThrough) {
            throw new IllegalArgumentException(
                    "the journal holds records "
                            + firstSequence()
                            + " to "
                            + lastSequence()
                            + ", not "
                            + sequence);
        }
        Segment segment = segmentOf(sequence);
        int window = segment.limitOf(sequence) - segment.offsetOf(sequence);
        try {
            SegmentReader reader = new SegmentReader(segment.file(), segment.header(), window);
            return read(reader, segment, sequence);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public RecordSearch search(List<RecordIdentity> wanted) {
        return new SegmentSearch(files, segments, wanted, true);
    }

    private static JournalRecord read(SegmentReader reader, Segment segment, long sequence)
            throws IOException {
        int offset = segment.offsetOf(sequence);
        JournalRecord record = reader.record(offset, sequence);
        if (record == null) {
            throw new JournalDamagedException(
                    segment.name(), offset, sequence, "the record was intact and is no longer");
        }
        return record;
    }

    /// The segment with a durable record, or with one that follows the last.
    private Segment segmentOf(long sequence) {
        int low = 0;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).firstSequence() <= sequence) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return segments.get(low);
    }

    /// Closes the files. What is not durable may be lost, as at a crash. Not while a group or a
    /// preparation is worked on.
    @Override
    public void close() throws IOException {
        IOException failed = null;
        List<Segment> all = new ArrayList<>(segments);
        all.addAll(discarded);
        if (spare != null) {
            all.add(spare);
        }
        for (Segment segment : all) {
            try {
                if (segment.isMade()) {
                    segment.file().close();
                }
            } catch (IOException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
