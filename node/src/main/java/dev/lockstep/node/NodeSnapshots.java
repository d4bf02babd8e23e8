package dev.lockstep.node;

import dev.lockstep.core.Now;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.SnapshotEvent;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.journal.SnapshotKeeper;
import dev.lockstep.journal.SnapshotOrder;
import dev.lockstep.replica.Replica;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// A node's snapshots: a keeper on a thread of its own, which is there while there is work.
///
/// Writing goes no faster than [#WRITE_BYTES_PER_SECOND] and rests as long as it works, so that
/// whoever shares the disk and the processors notices little.
///
/// Threading: the loop's thread, except what the own thread does.
final class NodeSnapshots implements Snapshots, AutoCloseable {

    /// How fast a snapshot is written at most.
    static final long WRITE_BYTES_PER_SECOND = 128L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// A thread that closing does not end by then is interrupted.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /// A snapshot of which somebody else has read a part stays for so long, whatever is taken
    /// meanwhile.
    static final long NEEDED_NANOS = 120_000_000_000L;

    /// Tokens below are of others who read; the replica counts up and down from 0.
    private static final long OTHERS_TOKENS = Long.MIN_VALUE / 2;

    /// The thread ends when there was nothing to do for so long.
    private static final long IDLE_NANOS = 1_000_000_000L;

    private static final long CHUNK_NANOS =
            SnapshotFiles.CHUNK_BYTES * 1_000_000_000L / WRITE_BYTES_PER_SECOND;

    /// Work that took longer waited for the disk, which is no reason to rest as long.
    private static final long MOST_REST_NANOS = 20_000_000L;

    private final SnapshotFiles files;
    private final SnapshotKeeper keeper;
    private final String name;
    private final Runnable wakeup;

    private final ConcurrentLinkedQueue<SnapshotOrder> orders = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<SnapshotEvent> events = new ConcurrentLinkedQueue<>();

    /// As the keeper has it after its last event.
    private volatile List<SnapshotDescription> kept;

    /// What is read for others than the replica, by token.
    private final TreeMap<Long, Reading> reads = new TreeMap<>();

    private long asked;

    /// The one snapshot that stays beyond its time, so that the disk holds one more at most; null
    /// if none does. Written by the loop's thread.
    private volatile @Nullable Need need;

    /// What the disk must still give for the next snapshot, after the last step.
    private volatile long reserveBytes;

    private record Need(long position, long untilNanos) {}

    private record Reading(long position, Consumer<@Nullable Bytes> answer) {}

    /// Why the thread ended before its time.
    private volatile @Nullable Throwable failure;

    private volatile boolean closing;

    /// Where there is work; null before the first, and after a while without.
    private @Nullable Thread thread;

    /// True from the thread's decision to end.
    private volatile boolean ended = true;

    /// The own thread's: when the last chunk was written.
    private long chunkNanos;

    /// @param name for the thread, such as `lockstep-2`
    /// @param wakeup ends the loop's poll; any thread
    NodeSnapshots(SnapshotFiles files, String name, Runnable wakeup) {
        this.name = name;
        this.wakeup = wakeup;
        this.files = files;
        this.keeper = new SnapshotKeeper(files, this::tell, this::betweenChunks, this::isNeeded);
        this.kept = keeper.kept();
        this.reserveBytes = reserve();
    }

    @Override
    public List<SnapshotDescription> kept() {
        return kept;
    }

    /// What the disk must still give for the next snapshot, given that it is as large as the
    /// newest: less than all of it while one is written, or while an old one's room is still to
    /// come.
    long reserveBytes() {
        return reserveBytes;
    }

    /// True while one is written, received, read or removed, and for a second after that. Any
    /// thread.
    boolean isAtWork() {
        return !ended;
    }

    private long reserve() {
        List<SnapshotDescription> now = keeper.kept();
        if (now.isEmpty()) {
            return 0;
        }
        long keptBytes = now.stream().mapToLong(SnapshotDescription::sizeBytes).sum();
        return Math.max(0, keptBytes + now.getFirst().sizeBytes() - files.totalBytes());
    }

    @Override
    public void write(long position, SnapshotContent content) {
        order(new SnapshotOrder.Write(position, new GuardedContent(content, name)));
    }

    @Override
    public void read(long token, long position, int chunk) {
        order(new SnapshotOrder.Read(token, position, chunk));
    }

    /// Reads one chunk of a kept snapshot for somebody else than the replica. Until the last one
    /// was read the snapshot stays, although newer ones are taken: for [#NEEDED_NANOS] after each,
    /// and one snapshot at a time.
    ///
    /// @param answer gets the chunk on the loop's thread, or null if the snapshot is kept no more
    void read(long position, int chunk, Consumer<@Nullable Bytes> answer) {
        asked++;
        stays(position, chunk);
        long token = Long.MIN_VALUE + asked;
        reads.put(token, new Reading(position, answer));
        order(new SnapshotOrder.Read(token, position, chunk));
    }

    private void stays(long position, int chunk) {
        long now = System.nanoTime();
        Need before = need;
        boolean isFree =
                before == null || before.position == position || before.untilNanos - now <= 0;
        if (isFree) {
            boolean isLast =
                    kept.stream()
                            .anyMatch(
                                    each ->
                                            each.position() == position
                                                    && chunk == each.chunks() - 1);
            need = isLast ? null : new Need(position, now + NEEDED_NANOS);
        }
    }

    private boolean isNeeded(long position) {
        Need now = need;
        return now != null && now.position == position && now.untilNanos - System.nanoTime() > 0;
    }

    private void answerRead(long token, @Nullable Bytes chunk) {
        Reading reading = reads.remove(token);
        if (reading != null) {
            reading.answer.accept(chunk);
        }
    }

    /// A keeper says nothing to who asks for a snapshot that it deleted.
    private void answerWhoWaitsForNothing() {
        for (long token : List.copyOf(reads.keySet())) {
            Reading reading = reads.get(token);
            if (reading != null
                    && kept.stream().noneMatch(each -> each.position() == reading.position)) {
                answerRead(token, null);
            }
        }
    }

    @Override
    public void receive(SnapshotDescription description) {
        order(new SnapshotOrder.Receive(description));
    }

    @Override
    public void add(Bytes chunk) {
        order(new SnapshotOrder.Add(chunk));
    }

    @Override
    public long stopwatchNanos() {
        return System.nanoTime();
    }

    private void order(SnapshotOrder order) {
        orders.add(order);
        Thread there = thread;
        if (there != null && !ended) {
            LockSupport.unpark(there);
        }
        startIfNeeded();
    }

    /// The thread looks at the orders once more after it has said that it ends.
    private void startIfNeeded() {
        if (ended && !closing && failure == null && !orders.isEmpty()) {
            ended = false;
            thread =
                    Thread.ofPlatform()
                            .daemon()
                            .name(name + "-snapshots")
                            .start(this::workWhileDue);
        }
    }

    /// Hands in what the thread has to say.
    void poll(Replica replica, Now now) {
        poll(event -> replica.onSnapshot(now, event));
    }

    void poll(Consumer<SnapshotEvent> replica) {
        for (SnapshotEvent event = events.poll(); event != null; event = events.poll()) {
            if (event instanceof SnapshotEvent.Read read && read.token() < OTHERS_TOKENS) {
                answerRead(read.token(), read.chunk());
            } else {
                replica.accept(event);
            }
        }
        if (!reads.isEmpty()) {
            answerWhoWaitsForNothing();
        }
        Throwable thrown = failure;
        if (thrown != null) {
            throw new NodeFailure(
                    "the snapshots of %s cannot be written or read (%s): look after the disk, then start the replica again"
                            .formatted(name, thrown.getMessage()),
                    thrown);
        }
        startIfNeeded();
    }

    private void workWhileDue() {
        try {
            long idleSince = System.nanoTime();
            while (!closing) {
                takeOrders();
                if (keeper.hasWork()) {
                    keeper.step();
                    idleSince = System.nanoTime();
                } else if (System.nanoTime() - idleSince > IDLE_NANOS) {
                    break;
                } else {
                    LockSupport.parkNanos(this, IDLE_NANOS);
                }
            }
        } catch (Throwable thrown) {
            failure = thrown;
        }
        ended = true;
        wakeup.run();
    }

    private void takeOrders() {
        for (SnapshotOrder order = orders.poll(); order != null; order = orders.poll()) {
            keeper.add(order);
        }
    }

    private void betweenChunks() {
        reserveBytes = reserve();
        takeOrders();
        long worked = System.nanoTime() - chunkNanos;
        long rest = Math.max(CHUNK_NANOS - worked, Math.min(worked, MOST_REST_NANOS));
        if (!closing) {
            LockSupport.parkNanos(this, rest);
        }
        chunkNanos = System.nanoTime();
        if (closing) {
            throw new StopsHere();
        }
    }

    private void tell(SnapshotEvent event) {
        kept = keeper.kept();
        reserveBytes = reserve();
        events.add(event);
        wakeup.run();
    }

    /// Leaves the writing of a snapshot of a node that closes.
    private static final class StopsHere extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /// Ends what is being written at its next chunk, as at a crash, and waits for the thread:
    /// whoever opens the files next must be alone with them. A service that takes longer over its
    /// state is interrupted.
    @Override
    public void close() {
        closing = true;
        Thread there = thread;
        if (there != null) {
            LockSupport.unpark(there);
            await(there);
        }
        try {
            keeper.close();
        } catch (IOException e) {
            LOG.warn("the snapshots of {} could not be closed: {}", name, e.getMessage());
        }
    }

    private void await(Thread there) {
        boolean wasInterrupted = false;
        boolean hasEnded = false;
        while (!hasEnded) {
            try {
                hasEnded = there.join(PATIENCE);
                if (!hasEnded) {
                    LOG.warn("{} is still at its snapshots: interrupting that", name);
                    there.interrupt();
                }
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
