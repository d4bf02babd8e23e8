package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.DirectoryInUseException;
import dev.lockstep.journal.DirectoryStore;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.journal.SnapshotReceiving;
import dev.lockstep.replica.SnapshotHead;

import org.jspecify.annotations.Nullable;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// The files of one backup: a snapshot, the history after it, and `backup.json`, which is there
/// when all of it is.
///
/// A backup is made in parts that survive the end of the process, under other names, next to
/// `backup.begun`, which says of which cluster; it is complete when `backup.json` has its name.
///
/// Errors: an [IOException] has a sentence for the operator.
///
/// Threading: one thread.
public final class BackupDirectory implements AutoCloseable {

    private static final String MANIFEST = "backup.json";
    private static final String FRESH_MANIFEST = "backup.json.new";
    private static final String BEGUN = "backup.begun";
    private static final String FRESH_BEGUN = "backup.begun.new";
    private static final String HISTORY = "history";
    private static final String HISTORY_PART = "history.part";
    private static final int MAX_TEXT_BYTES = 1 << 20;

    private final Path directory;
    private final DirectoryStore store;

    /// What is complete; null while it is made.
    private @Nullable BackupManifest manifest;

    /// Of which cluster; null before it is known.
    private @Nullable ClusterId cluster;

    private @Nullable SnapshotFiles snapshots;
    private @Nullable SnapshotReceiving receiving;
    private @Nullable BackupHistory history;

    private BackupDirectory(Path directory, DirectoryStore store) {
        this.directory = directory;
        this.store = store;
    }

    /// A directory to make a backup in: a new one, an empty one, or one in which a backup was
    /// begun and not completed.
    public static BackupDirectory begin(Path directory) throws IOException {
        List<String> there = files(directory);
        if (there.contains(MANIFEST)) {
            throw new IOException(
                    directory + " holds a complete backup already: choose another directory");
        }
        if (!there.isEmpty() && !there.contains(BEGUN) && !there.contains(FRESH_BEGUN)) {
            throw new IOException(
                    directory
                            + " holds something else (such as "
                            + there.getFirst()
                            + "): choose an empty directory");
        }
        BackupDirectory opened = open(directory);
        try {
            opened.resume();
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    /// A complete backup, to restore from.
    public static BackupDirectory read(Path directory) throws IOException {
        List<String> there = files(directory);
        if (!there.contains(MANIFEST)) {
            throw new IOException(
                    there.contains(BEGUN)
                            ? directory
                                    + " holds a backup that was not completed: run lockstep backup"
                                    + " --to "
                                    + directory
                                    + " again"
                            : directory + " holds no backup: it has no " + MANIFEST);
        }
        BackupDirectory opened = open(directory);
        try {
            opened.readManifest();
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    private static List<String> files(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is a file: name a directory");
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> !name.equals(DirectoryStore.LOCK_FILE))
                    .sorted()
                    .toList();
        }
    }

    private static BackupDirectory open(Path directory) throws IOException {
        try {
            return new BackupDirectory(directory, DirectoryStore.open(directory));
        } catch (DirectoryInUseException e) {
            throw new IOException(
                    directory + " is in use by another backup or restore: wait until it ends", e);
        }
    }

    // -- making one

    private void resume() throws IOException {
        if (store.list().contains(HISTORY)) {
            store.rename(HISTORY, HISTORY_PART);
        }
        if (store.list().contains(BEGUN)) {
            String text = new String(read(BEGUN), StandardCharsets.US_ASCII).strip();
            try {
                open(ClusterId.parse(text));
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        directory.resolve(BEGUN)
                                + " is damaged: delete the directory and begin another backup",
                        e);
            }
        }
    }

    /// The cluster of the backup that was begun here; null if none was.
    public @Nullable ClusterId cluster() {
        return cluster;
    }

    /// A backup of this cluster is begun, or goes on.
    public void begin(ClusterId of) throws IOException {
        if (cluster == null) {
            write(FRESH_BEGUN, (of + "\n").getBytes(StandardCharsets.US_ASCII));
            store.rename(FRESH_BEGUN, BEGUN);
            store.syncDirectory();
            open(of);
        }
        if (!of.equals(cluster)) {
            throw new IOException(
                    "%s holds the beginning of a backup of cluster %s, and this is cluster %s: choose another directory"
                            .formatted(directory, cluster, of));
        }
    }

    private void open(ClusterId of) throws IOException {
        cluster = of;
        snapshots = SnapshotFiles.open(store, SnapshotStart.labelOf(of));
        history = new BackupHistory(store.open(HISTORY_PART), of);
    }

    private SnapshotFiles snapshots() {
        if (snapshots == null) {
            throw new IllegalStateException("the cluster is known first");
        }
        return snapshots;
    }

    private BackupHistory history() {
        if (history == null) {
            throw new IllegalStateException("the cluster is known first");
        }
        return history;
    }

    /// The newest snapshot that is complete here; null if there is none.
    public @Nullable SnapshotDescription snapshot() {
        List<SnapshotDescription> all = snapshots().complete();
        return all.isEmpty() ? null : all.getFirst();
    }

    /// True if a part of this snapshot is here, or all of it.
    public boolean hasPartOf(SnapshotDescription description) throws IOException {
        return description.equals(snapshot())
                || store.list().contains(SnapshotFiles.nameOfPart(description));
    }

    /// Goes on to receive a snapshot if a part of it is here, otherwise begins. Returns the first
    /// chunk that is missing.
    public int receive(SnapshotDescription description) throws IOException {
        stopReceiving();
        SnapshotReceiving begun = snapshots().receive(description);
        receiving = begun;
        publishIfComplete(begun);
        return begun.nextChunk();
    }

    /// The next chunk. After the last, the snapshot is complete.
    ///
    /// @throws IOException also if it is not that chunk, or damaged
    public void add(Bytes chunk) throws IOException {
        SnapshotReceiving begun = receiving;
        if (begun == null) {
            throw new IllegalStateException("no snapshot is received");
        }
        begun.add(chunk);
        publishIfComplete(begun);
    }

    private void publishIfComplete(SnapshotReceiving begun) throws IOException {
        if (begun.isComplete()) {
            boolean published = false;
            while (!published) {
                published = begun.advance();
            }
            stopReceiving();
            snapshots().retain(1);
        }
    }

    private void stopReceiving() throws IOException {
        SnapshotReceiving begun = receiving;
        receiving = null;
        if (begun != null) {
            begun.close();
        }
    }

    /// The position that history here must go on with, to follow the snapshot at `position`.
    public long historyNeeded(long position) throws IOException {
        return history().needed(position);
    }

    /// Keeps a block that a replica made, exactly as it came.
    ///
    /// @return how many positions it brought
    /// @throws IOException also if it is damaged, or not what comes next
    public int append(Bytes block) throws IOException {
        return history().append(block);
    }

    /// Reads everything back, and completes the backup.
    ///
    /// @throws IOException also if what was read back is not what was written
    public BackupManifest complete(BackupOrigin origin, Instant made) throws IOException {
        SnapshotDescription snapshot = snapshot();
        if (snapshot == null) {
            throw new IllegalStateException("the snapshot comes first");
        }
        Instant fromTime = verify(snapshot);
        BackupHistory.Summary after = history().complete(snapshot.position());
        BackupManifest complete =
                new BackupManifest(
                        origin,
                        made,
                        snapshot,
                        fromTime,
                        after.last(),
                        after.last() == snapshot.position() ? fromTime : after.time(),
                        after.bytes(),
                        after.digest());
        store.rename(HISTORY_PART, HISTORY);
        write(FRESH_MANIFEST, complete.encode());
        store.syncDirectory();
        store.rename(FRESH_MANIFEST, MANIFEST);
        store.delete(BEGUN);
        store.syncDirectory();
        manifest = complete;
        return complete;
    }

    /// Reads the snapshot through; returns agreed time where it was taken.
    private Instant verify(SnapshotDescription snapshot) throws IOException {
        try (InputStream in = snapshots().read(snapshot.position())) {
            SnapshotHead head = SnapshotHead.read(new DataInputStream(in));
            in.transferTo(OutputStream.nullOutputStream());
            return BackupHistory.instant(head.timeNanos());
        }
    }

    // -- reading one

    private void readManifest() throws IOException {
        try {
            manifest = BackupManifest.decode(read(MANIFEST));
        } catch (IOException e) {
            throw new IOException(
                    "%s is damaged (%s): restore from another backup"
                            .formatted(directory.resolve(MANIFEST), e.getMessage()),
                    e);
        }
        ClusterId of = manifest.origin().cluster();
        cluster = of;
        snapshots = SnapshotFiles.open(store, SnapshotStart.labelOf(of));
        if (!manifest.snapshot().equals(snapshot()) || !store.list().contains(HISTORY)) {
            throw new IOException(
                    directory + " lacks a file of its backup: restore from another backup");
        }
        history = new BackupHistory(store.open(HISTORY), of);
    }

    /// What is here. After the backup was completed.
    public BackupManifest manifest() {
        if (manifest == null) {
            throw new IllegalStateException("the backup is not complete");
        }
        return manifest;
    }

    /// The snapshot's content; whoever reads it to its end knows that it is intact.
    InputStream content() throws IOException {
        return snapshots().read(manifest().snapshot().position());
    }

    /// Hands out what came after the snapshot, in order.
    ///
    /// @param reader returns false if it wants no more
    void replay(java.util.function.Predicate<HistoryEntry> reader) throws IOException {
        history().replay(manifest(), reader);
    }

    private byte[] read(String name) throws IOException {
        try (StoredFile file = store.open(name)) {
            if (file.size() > MAX_TEXT_BYTES) {
                throw new IOException("it has " + file.size() + " bytes");
            }
            ByteBuffer text = ByteBuffer.allocate((int) file.size());
            file.read(0, text);
            return text.array();
        }
    }

    private void write(String name, byte[] text) throws IOException {
        try (StoredFile file = store.open(name)) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap(text));
            file.force();
        }
    }

    /// Leaves what is here as it is.
    @Override
    public void close() throws IOException {
        stopReceiving();
        if (history != null) {
            history.close();
        }
        store.close();
    }
}
