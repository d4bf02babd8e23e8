package dev.lockstep.journal;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.SnapshotEvent;

import org.jspecify.annotations.Nullable;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/// Does what a replica asks of its snapshots, step by step: whoever drives it decides on which
/// thread and when. It keeps the newest two, or the one that was received.
///
/// Reading goes before everything else, also in the midst of writing, because somebody waits for
/// it.
///
/// Errors: a full disk, damage, and an exception of the content that is to be written are told in a
/// [SnapshotEvent]; any other exception says that the disk cannot be relied on, and the replica
/// must stop.
///
/// Threading: one thread at a time, except that the driver's hook may hand in reads.
public final class SnapshotKeeper implements AutoCloseable {

    /// How many snapshots are kept.
    static final int KEPT = 2;

    /// After a part of an old snapshot was deleted, others have the disk for as long as after so
    /// many chunks.
    private static final int CUT_PAUSES = 5;

    private final SnapshotFiles files;
    private final Consumer<SnapshotEvent> sink;
    private final Runnable betweenChunks;
    private final LongPredicate isNeeded;

    private final ArrayDeque<SnapshotOrder.Read> reads = new ArrayDeque<>();
    private final ArrayDeque<SnapshotOrder> others = new ArrayDeque<>();

    /// The snapshot whose content is written and which is not published yet.
    private @Nullable SnapshotWriting writing;

    private @Nullable SnapshotReceiving receiving;

    /// Why the snapshot that was to be written was not; null unless that is to be told.
    private @Nullable String failure;

    /// What the disk last said when it was full.
    private String fullReason = "";

    /// As the other, where nobody needs a snapshot beyond its time.
    public SnapshotKeeper(
            SnapshotFiles files, Consumer<SnapshotEvent> sink, Runnable betweenChunks) {
        this(files, sink, betweenChunks, position -> false);
    }

    /// @param sink hears what became of each order, on the thread of [#step]
    /// @param betweenChunks called after each chunk of a snapshot that is written, and some times
    ///     after a part of an old one was deleted: takes its time, so that the disk and the
    ///     processor
    ///     are there for others, and may [#add] reads
    /// @param isNeeded tells of a position whether its snapshot is to stay although there are newer
    ///     ones, unless the disk is full or another member's takes the place of all
    public SnapshotKeeper(
            SnapshotFiles files,
            Consumer<SnapshotEvent> sink,
            Runnable betweenChunks,
            LongPredicate isNeeded) {
        this.files = files;
        this.sink = sink;
        this.betweenChunks = betweenChunks;
        this.isNeeded = isNeeded;
    }

    /// The complete snapshots, newest first, as far as is known.
    public List<SnapshotDescription> kept() {
        return files.complete();
    }

    /// Puts an order behind those that wait.
    public void add(SnapshotOrder order) {
        if (order instanceof SnapshotOrder.Read read) {
            reads.add(read);
        } else {
            others.add(order);
        }
    }

    /// True if [#step] has something to do.
    public boolean hasWork() {
        return !reads.isEmpty()
                || !others.isEmpty()
                || writing != null
                || files.hasRemains()
                || (receiving != null && receiving.isComplete());
    }

    /// Does one step of what waits; every step can be the last before a crash.
    public void step() throws IOException {
        SnapshotReceiving incoming = receiving;
        if (!reads.isEmpty()) {
            read(reads.remove());
        } else if (writing != null) {
            publishWritten(writing);
        } else if (incoming != null && incoming.isComplete()) {
            publishReceived(incoming);
        } else if (files.hasRemains()) {
            // Before the next is written: there is room for so many and no more.
            files.shorten();
            for (int pause = 0; pause < CUT_PAUSES; pause++) {
                betweenChunks.run();
            }
        } else if (!others.isEmpty()) {
            begin(others.remove());
        }
    }

    private void begin(SnapshotOrder order) throws IOException {
        switch (order) {
            case SnapshotOrder.Write write -> write(write);
            case SnapshotOrder.Read read -> read(read);
            case SnapshotOrder.Receive receive -> receive(receive.description());
            case SnapshotOrder.Add add -> take(add);
        }
    }

    // -- writing

    private void write(SnapshotOrder.Write order) throws IOException {
        SnapshotDescription existing = files.completeAt(order.position());
        if (existing != null) {
            // It came from another replica since this one was ordered, and equal states are equal.
            order.content().close();
            sink.accept(new SnapshotEvent.Written(existing));
            return;
        }
        try (SnapshotContent content = order.content()) {
            boolean isFull = write(order.position(), content);
            if (isFull && makeRoom()) {
                // At once, or commands would take the room.
                isFull = write(order.position(), content);
            }
            if (isFull) {
                failure = fullReason;
            }
        }
        // Only now: whoever hears of it may change what the content was of.
        String reason = failure;
        if (reason != null) {
            failure = null;
            failed(reason);
        }
    }

    /// Returns true if the disk is full.
    private boolean write(long position, SnapshotContent content) throws IOException {
        SnapshotWriting begun = null;
        try {
            begun = files.begin(position);
            String reason = write(content, new Paced(begun.out()));
            if (reason == null) {
                writing = begun;
            } else {
                begun.close();
                failure = reason;
            }
            return false;
        } catch (DiskFullException full) {
            if (begun != null) {
                begun.close();
            }
            fullReason = sentence(full);
            return true;
        }
    }

    /// Returns why the content was not written, null if it was. Content that cannot say what it
    /// holds is no fault of the disk: the replica goes on without this snapshot.
    private static @Nullable String write(SnapshotContent content, Paced out) throws IOException {
        try {
            content.writeTo(out);
            return null;
        } catch (IOException | RuntimeException | AssertionError thrown) {
            switch (out.failure) {
                case null -> {
                    return "the state could not be written: " + thrown;
                }
                case IOException ours -> throw ours;
                case RuntimeException ours -> throw ours;
                default -> throw thrown;
            }
        }
    }

    private void publishWritten(SnapshotWriting written) throws IOException {
        try {
            if (written.advance()) {
                writing = null;
                SnapshotDescription snapshot = written.description();
                written.close();
                files.retain(KEPT, isNeeded);
                sink.accept(new SnapshotEvent.Written(snapshot));
            }
        } catch (DiskFullException full) {
            writing = null;
            written.close();
            makeRoom();
            failed(sentence(full));
        }
    }

    private void failed(String reason) {
        sink.accept(new SnapshotEvent.Failed("no snapshot was taken: " + reason));
    }

    /// Lets the last snapshot but one go, given that the newest is intact: without another snapshot
    /// the journal cannot be let go either, and the disk would stay full. False if nothing went.
    private boolean makeRoom() throws IOException {
        List<SnapshotDescription> kept = files.complete();
        if (kept.size() < KEPT) {
            return false;
        }
        long newest = kept.getFirst().position();
        try {
            files.verify(newest);
            files.retain(1);
            while (files.hasRemains()) {
                files.shorten();
            }
            return true;
        } catch (SnapshotDamagedException damaged) {
            files.markDamaged(newest);
            sink.accept(new SnapshotEvent.Damaged(newest, sentence(damaged)));
            return false;
        }
    }

    /// Looks after those who wait for a chunk while a snapshot is written.
    private final class Paced extends FilterOutputStream {

        private int sinceBreak;

        /// What was thrown here; null if nothing was.
        private @Nullable Exception failure;

        Paced(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            try {
                writeInParts(source, offset, length);
            } catch (IOException | RuntimeException thrown) {
                failure = thrown;
                throw thrown;
            }
        }

        private void writeInParts(byte[] source, int offset, int length) throws IOException {
            int from = offset;
            int left = length;
            while (left > 0) {
                int part = Math.min(left, SnapshotFiles.CHUNK_BYTES - sinceBreak);
                out.write(source, from, part);
                from += part;
                left -= part;
                sinceBreak += part;
                if (sinceBreak == SnapshotFiles.CHUNK_BYTES) {
                    sinceBreak = 0;
                    betweenChunks.run();
                    while (!reads.isEmpty()) {
                        read(reads.remove());
                    }
                }
            }
        }
    }

    // -- for others

    private void read(SnapshotOrder.Read order) throws IOException {
        boolean isKept =
                files.complete().stream().anyMatch(kept -> kept.position() == order.position());
        if (!isKept) {
            // It was deleted since; whoever asked asks again, and is offered another.
            return;
        }
        try {
            var chunk = files.chunk(order.position(), order.chunk());
            sink.accept(new SnapshotEvent.Read(order.token(), chunk));
        } catch (SnapshotDamagedException damaged) {
            files.markDamaged(order.position());
            sink.accept(new SnapshotEvent.Damaged(order.position(), sentence(damaged)));
        }
    }

    // -- from others

    private void receive(SnapshotDescription description) throws IOException {
        close();
        try {
            SnapshotReceiving begun = files.receive(description);
            receiving = begun;
            if (!begun.isComplete()) {
                sink.accept(new SnapshotEvent.Progress(begun.nextChunk()));
            }
        } catch (DiskFullException | SnapshotDamagedException refused) {
            sink.accept(new SnapshotEvent.Refused(sentence(refused)));
        }
    }

    private void take(SnapshotOrder.Add order) throws IOException {
        SnapshotReceiving incoming = receiving;
        if (incoming == null || incoming.isComplete()) {
            return;
        }
        try {
            incoming.add(order.chunk());
            if (!incoming.isComplete()) {
                sink.accept(new SnapshotEvent.Progress(incoming.nextChunk()));
            }
        } catch (DiskFullException | SnapshotDamagedException refused) {
            sink.accept(new SnapshotEvent.Refused(sentence(refused)));
        }
    }

    private void publishReceived(SnapshotReceiving incoming) throws IOException {
        try {
            if (incoming.advance()) {
                receiving = null;
                incoming.close();
                files.retain(1);
                sink.accept(new SnapshotEvent.Installed(files.complete().getFirst()));
            }
        } catch (DiskFullException | SnapshotDamagedException refused) {
            close();
            sink.accept(new SnapshotEvent.Refused(sentence(refused)));
        }
    }

    private static String sentence(IOException thrown) {
        return String.valueOf(thrown.getMessage());
    }

    /// Ends what is being received, and keeps what is here of it.
    @Override
    public void close() throws IOException {
        SnapshotReceiving incoming = receiving;
        if (incoming != null) {
            receiving = null;
            incoming.close();
        }
    }
}
