package dev.lockstep.journal;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/// The snapshots of one replica, in the files of a [FileStore] that may hold other files as well.
///
/// A snapshot is written, or received from another member, under another name and gets its own when
/// all of it is durable: what is called a snapshot was complete, and if it is not it was damaged
/// since. Opening reads the beginning and the end of each file; what lies between is checked when
/// it is read. Damage is reported and passed over, never deleted before there are enough others.
///
/// Content is opaque. The layout of a file is in `SnapshotHeader`, `SnapshotChunk` and
/// `SnapshotTrailer`.
///
/// Threading: one thread at a time, and no clock and no randomness. At most one snapshot is written
/// and at most one received at a time; any number are read.
public final class SnapshotFiles {

    /// How much content a chunk has.
    public static final int CHUNK_BYTES = 256 * 1024;

    private final FileStore store;
    private final Shortening shortening;
    private final Bytes label;
    private final int chunkBytes;

    /// By position. Each has its name, and its name is durable.
    private final TreeMap<Long, SnapshotDescription> complete = new TreeMap<>();

    /// What is wrong, by the name of the file.
    private final TreeMap<String, String> damaged = new TreeMap<>();

    /// The size of every snapshot file there is, by name.
    private final TreeMap<String, Long> sizes = new TreeMap<>();

    /// Names of files that [#shorten] is to delete.
    private final TreeSet<String> dead = new TreeSet<>();

    private @Nullable SnapshotWriting writing;

    private @Nullable SnapshotReceiving receiving;

    private SnapshotFiles(FileStore store, Bytes label, int chunkBytes, int cutBytes) {
        this.store = store;
        this.shortening = new Shortening(store, cutBytes);
        this.label = label;
        this.chunkBytes = chunkBytes;
    }

    /// Finds the snapshots in a store, makes what it found durable, and deletes what was left of
    /// those that were being written.
    ///
    /// @param label up to 64 bytes that every file carries, such as the cluster id
    /// @throws IOException with a sentence if a snapshot has another label or is of another version
    public static SnapshotFiles open(FileStore store, Bytes label) throws IOException {
        return open(store, label, CHUNK_BYTES);
    }

    /// The same with another size of chunks, for tests and simulations, whose states are small. All
    /// members of a cluster must have the same.
    public static SnapshotFiles open(FileStore store, Bytes label, int chunkBytes)
            throws IOException {
        return open(store, label, chunkBytes, Shortening.CUT_BYTES);
    }

    static SnapshotFiles open(FileStore store, Bytes label, int chunkBytes, int cutBytes)
            throws IOException {
        if (label.size() > SnapshotHeader.MAX_LABEL_BYTES) {
            throw new IllegalArgumentException(
                    "a label has up to "
                            + SnapshotHeader.MAX_LABEL_BYTES
                            + " bytes, not "
                            + label.size());
        }
        if (chunkBytes < 1 || chunkBytes > CHUNK_BYTES) {
            throw new IllegalArgumentException(
                    "a chunk has between 1 and " + CHUNK_BYTES + " bytes, not " + chunkBytes);
        }
        SnapshotFiles files = new SnapshotFiles(store, label, chunkBytes, cutBytes);
        files.find();
        return files;
    }

    private void find() throws IOException {
        List<String> leftOver = new ArrayList<>();
        boolean foundAny = false;
        for (String text : store.list()) {
            SnapshotName name = SnapshotName.parse(text);
            if (name == null) {
                continue;
            }
            foundAny = true;
            switch (name.kind()) {
                case COMPLETE -> inspect(name);
                case UNPUBLISHED, DEAD -> leftOver.add(text);
                case RECEIVED -> sizes.put(text, sizeOf(text));
                case SET_ASIDE -> {
                    sizes.put(text, sizeOf(text));
                    damaged.put(text, setAside(text));
                }
            }
        }
        for (String name : leftOver) {
            shortening.delete(name);
        }
        if (foundAny) {
            // Who is told of a snapshot drops the journal before it: a power failure must not take
            // back the name that a process got just before it ended.
            store.syncDirectory();
        }
    }

    private void inspect(SnapshotName name) throws IOException {
        sizes.put(name.text(), sizeOf(name.text()));
        try (SnapshotReader reader = reader(name.text(), name.position())) {
            complete.put(name.position(), reader.describe());
        } catch (SnapshotDamagedException e) {
            damaged.put(name.text(), String.valueOf(e.getMessage()));
        }
    }

    private long sizeOf(String name) throws IOException {
        try (StoredFile file = store.open(name)) {
            return file.size();
        }
    }

    private static String setAside(String name) {
        return name
                + " is a snapshot that was found damaged and set aside; it is deleted when there"
                + " are enough others: look after the disk";
    }

    private SnapshotHeader header(long position) {
        return new SnapshotHeader(label, position, chunkBytes);
    }

    private SnapshotReader reader(String name, long position) throws IOException {
        return new SnapshotReader(store.open(name), name, header(position));
    }

    // -- what there is

    /// All complete snapshots, the newest first, as far as is known without reading them through.
    public List<SnapshotDescription> complete() {
        return List.copyOf(complete.descendingMap().values());
    }

    /// The complete snapshot at this position; null if there is none.
    @Nullable SnapshotDescription completeAt(long position) {
        return complete.get(position);
    }

    /// One sentence for the operator about each file that is damaged.
    public List<String> damaged() {
        return List.copyOf(damaged.values());
    }

    /// What all files together take up, those that are not complete included.
    public long totalBytes() {
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    // -- reading

    /// The content of a complete snapshot. No chunk is handed out that was not checked, and the
    /// stream ends only after the trailer and the digest of the whole were: what was read is the
    /// state when the end was read, not before. Holds one chunk in memory. Stays readable when the
    /// snapshot is let go meanwhile, until [#shorten].
    ///
    /// @throws SnapshotDamagedException if it is not intact; so do the stream's methods
    public InputStream read(long position) throws IOException {
        SnapshotDescription description = require(position);
        SnapshotReader reader = openComplete(position);
        try {
            reader.checkHeader();
            return new SnapshotInput(reader, description, chunkBytes);
        } catch (IOException e) {
            reader.close();
            throw e;
        }
    }

    /// Reads a complete snapshot through.
    ///
    /// @throws SnapshotDamagedException if it is not intact
    public void verify(long position) throws IOException {
        try (InputStream in = read(position)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /// One chunk of a complete snapshot, checked, as it is sent to another member.
    ///
    /// @throws SnapshotDamagedException if it is not intact
    public Bytes chunk(long position, int index) throws IOException {
        SnapshotDescription description = require(position);
        if (index < 0 || index >= description.chunks()) {
            throw new IllegalArgumentException(
                    "the snapshot at position "
                            + position
                            + " has "
                            + description.chunks()
                            + " chunks, and none with index "
                            + index);
        }
        int length = SnapshotTrailer.lengthOf(description, index, chunkBytes);
        try (SnapshotReader reader = openComplete(position)) {
            byte[] chunk = new byte[SnapshotChunk.HEADER_BYTES + length];
            return reader.chunk(description, index, chunk);
        }
    }

    private SnapshotDescription require(long position) {
        SnapshotDescription description = complete.get(position);
        if (description == null) {
            throw new IllegalArgumentException(
                    "there is no complete snapshot at position "
                            + position
                            + ", there are "
                            + complete.descendingKeySet());
        }
        return description;
    }

    private SnapshotReader openComplete(long position) throws IOException {
        String name = SnapshotName.complete(position);
        if (!store.list().contains(name)) {
            // To open it would make an empty one.
            throw SnapshotDamagedException.inFile(name, 0, position, "the file is gone", null);
        }
        return reader(name, position);
    }

    // -- writing and receiving

    /// Begins to write a snapshot at a position that has none.
    ///
    /// @throws DiskFullException if there is no room
    public SnapshotWriting begin(long position) throws IOException {
        Invariant.check(writing == null, "one snapshot is written at a time");
        checkNew(position);
        SnapshotAppender appender = appender(position, SnapshotName.unpublished(position));
        try {
            appender.begin();
        } catch (IOException e) {
            abandon(appender, e);
            throw e;
        }
        SnapshotWriting begun = new SnapshotWriting(this, appender);
        writing = begun;
        return begun;
    }

    private static void abandon(SnapshotAppender appender, IOException why) {
        try {
            appender.abandon();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /// Goes on to receive exactly this snapshot if a part of it is there, otherwise begins anew;
    /// parts of other snapshots are deleted.
    ///
    /// @throws SnapshotDamagedException if no snapshot can be as it is described
    /// @throws DiskFullException if there is no room for all of it
    public SnapshotReceiving receive(SnapshotDescription description) throws IOException {
        Invariant.check(receiving == null, "one snapshot is received at a time");
        checkNew(description.position());
        String name = SnapshotName.received(description);
        checkChunks(name, description);
        for (SnapshotName other : received()) {
            if (!other.text().equals(name)) {
                deleteIfThere(other.text());
            }
        }
        checkRoom(name, description);
        SnapshotAppender appender = appender(description.position(), name);
        SnapshotReceiving begun = new SnapshotReceiving(this, appender, description);
        try {
            begun.resume(new SnapshotReader(appender.file(), name, appender.header()));
        } catch (IOException e) {
            begun.close();
            throw e;
        }
        grown(name, appender.end());
        receiving = begun;
        return begun;
    }

    /// The name of the file that holds a part of a snapshot while it is received.
    public static String nameOfPart(SnapshotDescription description) {
        return SnapshotName.received(description);
    }

    private void checkNew(long position) {
        Invariant.check(!complete.containsKey(position), "a position has one snapshot", position);
    }

    private void checkChunks(String name, SnapshotDescription description) throws IOException {
        if (SnapshotTrailer.chunksOf(description.sizeBytes(), chunkBytes) != description.chunks()) {
            throw SnapshotDamagedException.received(
                    name,
                    0,
                    description.position(),
                    description.sizeBytes()
                            + " bytes are not cut into "
                            + description.chunks()
                            + " chunks of up to "
                            + chunkBytes);
        }
    }

    private void checkRoom(String name, SnapshotDescription description) throws IOException {
        long bytes = SnapshotTrailer.offsetIn(description) + SnapshotTrailer.BYTES;
        long missing = bytes - sizes.getOrDefault(name, 0L);
        long usable = store.usableBytes();
        if (usable < missing) {
            throw new DiskFullException(
                    "no room to receive the snapshot at position "
                            + description.position()
                            + ": "
                            + missing
                            + " bytes of it are to come, "
                            + usable
                            + " are free");
        }
    }

    private SnapshotAppender appender(long position, String name) throws IOException {
        StoredFile file = store.open(name);
        sizes.putIfAbsent(name, 0L);
        return new SnapshotAppender(this, header(position), name, file);
    }

    /// The parts of snapshots that there are.
    private List<SnapshotName> received() {
        List<SnapshotName> parts = new ArrayList<>();
        for (String text : sizes.keySet()) {
            SnapshotName name = SnapshotName.parse(text);
            if (name != null && name.kind() == SnapshotName.Kind.RECEIVED) {
                parts.add(name);
            }
        }
        return parts;
    }

    // -- forgetting

    /// Sets a snapshot aside that reading found damaged: it is not offered any more. Nothing
    /// happens if none is complete at that position.
    public void markDamaged(long position) throws IOException {
        if (!complete.containsKey(position)) {
            return;
        }
        String name = SnapshotName.complete(position);
        String aside = SnapshotName.setAside(position);
        if (store.list().contains(name)) {
            rename(name, aside);
            damaged.put(aside, setAside(aside));
        } else {
            sizes.remove(name);
        }
        complete.remove(position);
        store.syncDirectory();
    }

    /// As [#retain(int, LongPredicate)], where none is kept beyond its time.
    public void retain(int newest) throws IOException {
        retain(newest, position -> false);
    }

    /// Lets all complete snapshots go but the newest so many and those that are needed. If there
    /// are that many, it lets go as well what is damaged, and what was received of snapshots that
    /// are no newer.
    ///
    /// None of it comes back once this has returned. Small files are deleted then; [#shorten] gives
    /// back the room of large ones.
    ///
    /// @param isNeeded tells of a position whether its snapshot is to stay all the same
    public void retain(int newest, LongPredicate isNeeded) throws IOException {
        Invariant.check(newest > 0, "a snapshot is kept", newest);
        List<SnapshotDescription> all = complete();
        if (all.size() < newest) {
            return;
        }
        for (SnapshotDescription old : all.subList(newest, all.size())) {
            if (!isNeeded.test(old.position())) {
                complete.remove(old.position());
                letGo(SnapshotName.complete(old.position()), old.position());
            }
        }
        for (String name : List.copyOf(damaged.keySet())) {
            SnapshotName parsed = SnapshotName.parse(name);
            letGo(name, parsed == null ? 0 : parsed.position());
        }
        if (receiving == null) {
            for (SnapshotName part : received()) {
                if (part.position() <= all.getFirst().position()) {
                    letGo(part.text(), part.position());
                }
            }
        }
        // Before anything is cut: a power failure must not bring back the name of a snapshot for
        // what is only a part of it.
        store.syncDirectory();
    }

    private void letGo(String name, long position) throws IOException {
        if (shortening.isOneCut(sizes.getOrDefault(name, 0L))) {
            delete(name);
            return;
        }
        String text = SnapshotName.dead(position);
        try {
            rename(name, text);
        } catch (DiskFullException full) {
            // Which a deletion mends.
            delete(name);
            return;
        }
        damaged.remove(name);
        dead.add(text);
    }

    private void delete(String name) throws IOException {
        store.delete(name);
        sizes.remove(name);
        damaged.remove(name);
    }

    /// True if there are files whose room is still to be given back.
    public boolean hasRemains() {
        return !dead.isEmpty();
    }

    /// How much room is still to be given back.
    public long remainingBytes() {
        return dead.stream().mapToLong(name -> sizes.getOrDefault(name, 0L)).sum();
    }

    /// Gives back a part of what was let go, so little that a sync that waits for it does not wait
    /// long.
    public void shorten() throws IOException {
        if (dead.isEmpty()) {
            return;
        }
        String name = dead.first();
        long left = shortening.cut(name);
        if (left > 0) {
            sizes.put(name, left);
        } else {
            dead.remove(name);
            sizes.remove(name);
        }
    }

    // -- what a writing or a receiving does

    void grown(String name, long sizeBytes) {
        sizes.put(name, sizeBytes);
    }

    void rename(String from, String to) throws IOException {
        store.rename(from, to);
        sizes.put(to, sizes.getOrDefault(from, 0L));
        sizes.remove(from);
    }

    void syncDirectory() throws IOException {
        store.syncDirectory();
    }

    void published(SnapshotDescription description) {
        complete.put(description.position(), description);
        damaged.remove(SnapshotName.complete(description.position()));
    }

    void deleteIfThere(String name) throws IOException {
        if (store.list().contains(name)) {
            shortening.delete(name);
        }
        sizes.remove(name);
    }

    void writingEnded() {
        writing = null;
    }

    void receivingEnded() {
        receiving = null;
    }
}
