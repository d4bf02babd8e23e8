package dev.lockstep.testkit.simulator;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// One machine's disk.
///
/// What was written and not synced survives the end of a process, since the operating system holds
/// it. Of that, a power failure leaves each sector as it was after any of the writes to it or
/// before all of them, and of the changes to the directory any prefix.
final class SimDisk implements FileStore {

    private static final int SECTOR_BYTES = 512;

    /// Room on a disk that is not full.
    private static final long PLENTY = 1L << 40;

    private TreeMap<String, SimFile> files = new TreeMap<>();

    /// The directory after its last sync, and after every change since.
    private final List<TreeMap<String, SimFile>> directories = new ArrayList<>();

    private long freeBytes = PLENTY;
    private boolean isKeptFull;
    private boolean failsSync;
    private boolean failsWrite;
    private @Nullable Rot rot;

    /// Snapshots that are not there any more.
    private final TreeMap<String, SimFile> lost = new TreeMap<>();

    /// A bit that is not what it was.
    private record Rot(SimFile file, int at, byte was, byte is) {}

    SimDisk() {
        directorySynced();
    }

    /// Leaves room for so many bytes.
    void fill(long leftBytes) {
        freeBytes = leftBytes;
    }

    /// Somebody makes room.
    void empty() {
        freeBytes = PLENTY;
    }

    /// While true there is no room, whatever is deleted and whoever else makes some.
    /// Bytes by name of file.
    SortedMap<String, Long> sizes() {
        SortedMap<String, Long> sizes = new TreeMap<>();
        files.forEach((name, file) -> sizes.put(name, (long) file.size));
        return sizes;
    }

    void keepFull(boolean stays) {
        isKeptFull = stays;
    }

    boolean isKeptFull() {
        return isKeptFull;
    }

    private long room() {
        return isKeptFull ? 0 : freeBytes;
    }

    /// The next sync fails, and with it what it should have made durable may be lost.
    void failNextSync() {
        failsSync = true;
    }

    /// The next write fails halfway.
    void failNextWrite() {
        failsWrite = true;
    }

    void repair() {
        failsSync = false;
        failsWrite = false;
    }

    /// Takes away what a power failure takes.
    ///
    /// @return true if something that was written is gone
    boolean losePower(Chance chance) {
        files = new TreeMap<>(directories.get(chance.below(directories.size())));
        // All gone, all there, or any mixture: each shows other mistakes.
        int mood = chance.below(4);
        boolean lost = false;
        for (SimFile file : files.values()) {
            lost |= file.losePower(chance, mood);
        }
        directorySynced();
        return lost;
    }

    /// A group of records was synced, and says that what was synced before it is durable.
    void prove() {
        for (SimFile file : files.values()) {
            file.provenSectors = Math.max(file.provenSectors, file.syncedFrom);
        }
    }

    /// Flips a bit of what is proven to have been synced. A bit of what came last looks, to
    /// anybody, like the torn end of a last write.
    ///
    /// @return false if there is nothing yet that could rot, or something has
    boolean rot(Chance chance) {
        List<SimFile> snapshots = snapshots();
        if (!isRotten() && snapshots.size() > 1 && chance.oneIn(2)) {
            SimFile file = snapshots.get(chance.below(snapshots.size()));
            rot(file, chance.below(file.size), chance);
            return true;
        }
        List<SimFile> old = new ArrayList<>(files.values());
        old.removeIf(file -> file.provenSectors == 0);
        if (isRotten() || old.isEmpty()) {
            return false;
        }
        SimFile file = old.get(chance.below(old.size()));
        rot(file, chance.below(file.provenSectors * SECTOR_BYTES), chance);
        return true;
    }

    /// All published snapshots are gone. What is left of the journal must not pass for the whole.
    ///
    /// @return false if there are none, or something else is not as it was
    boolean loseSnapshots() {
        if (isRotten() || hasLostSnapshots()) {
            return false;
        }
        for (String name : list()) {
            if (name.endsWith(".snap")) {
                lost.put(name, files.remove(name));
            }
        }
        directorySynced();
        return hasLostSnapshots();
    }

    /// True while some are gone that nobody has done without.
    boolean hasLostSnapshots() {
        return !lost.isEmpty();
    }

    /// The replica has found that it can do without what was lost.
    void forgetSnapshots() {
        lost.clear();
    }

    /// Those that are published. One alone is spared: nobody promises to do without it.
    private List<SimFile> snapshots() {
        List<SimFile> snapshots = new ArrayList<>();
        files.forEach(
                (name, file) -> {
                    if (name.endsWith(".snap")) {
                        snapshots.add(file);
                    }
                });
        return snapshots;
    }

    private void rot(SimFile file, int at, Chance chance) {
        byte was = file.content[at];
        byte is = (byte) (was ^ (1 << chance.below(8)));
        file.content[at] = is;
        rot = new Rot(file, at, was, is);
    }

    /// True while a bit is not what it was.
    boolean isRotten() {
        Rot found = rot;
        return found != null
                && files.containsValue(found.file)
                && found.at < found.file.size
                && found.file.content[found.at] == found.is;
    }

    /// The bit is again what it was, as if the disk had been copied in time.
    void restore() {
        Rot found = rot;
        if (found != null && isRotten()) {
            found.file.content[found.at] = found.was;
        }
        rot = null;
        if (hasLostSnapshots()) {
            files.putAll(lost);
            lost.clear();
            directorySynced();
        }
    }

    /// What was set aside as damaged has its name again.
    void restoreNames() {
        for (String name : list()) {
            if (name.endsWith(".bad")) {
                files.put(name.replace(".bad", ".snap"), files.remove(name));
            }
        }
        directorySynced();
    }

    private void directoryChanged() {
        directories.add(new TreeMap<>(files));
    }

    private void directorySynced() {
        directories.clear();
        directoryChanged();
    }

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public StoredFile open(String name) {
        SimFile file = files.get(name);
        if (file == null) {
            file = new SimFile();
            files.put(name, file);
            directoryChanged();
        }
        return file;
    }

    @Override
    public void rename(String from, String to) throws IOException {
        files.put(to, remove(from));
        directoryChanged();
    }

    @Override
    public void delete(String name) throws IOException {
        freeBytes += remove(name).size;
        directoryChanged();
    }

    private SimFile remove(String name) throws IOException {
        SimFile file = files.remove(name);
        if (file == null) {
            throw new IOException("there is no file " + name);
        }
        return file;
    }

    @Override
    public void syncDirectory() throws IOException {
        checkSync();
        directorySynced();
    }

    private void checkSync() throws IOException {
        if (failsSync) {
            failsSync = false;
            throw new IOException("the disk reports an error");
        }
    }

    @Override
    public long usableBytes() {
        return Math.max(0, room());
    }

    /// A file as the operating system shows it, and what the medium may hold of it.
    private final class SimFile implements StoredFile {

        private byte[] content = new byte[SECTOR_BYTES];
        private int size;
        private int syncedSize;

        /// The sector from which on the last sync made something durable.
        private int syncedFrom;

        /// So many were durable before a group of records behind them was, which says so.
        private int provenSectors;

        /// By sector: as it was when last synced, then after every write since.
        private final TreeMap<Integer, List<byte[]>> unsynced = new TreeMap<>();

        boolean losePower(Chance chance, int mood) {
            boolean lost = false;
            for (var entry : unsynced.entrySet()) {
                List<byte[]> versions = entry.getValue();
                int last = versions.size() - 1;
                int kept =
                        switch (mood) {
                            case 0 -> 0;
                            case 1 -> last;
                            default -> chance.below(versions.size());
                        };
                lost |= kept < last;
                System.arraycopy(
                        versions.get(kept),
                        0,
                        content,
                        entry.getKey() * SECTOR_BYTES,
                        SECTOR_BYTES);
            }
            if (syncedSize < size && mood != 1 && (mood == 0 || chance.oneIn(2))) {
                size = syncedSize;
                lost = true;
            }
            Arrays.fill(content, size, content.length, (byte) 0);
            synced();
            return lost;
        }

        private void synced() {
            syncedFrom = unsynced.isEmpty() ? 0 : unsynced.firstKey();
            unsynced.clear();
            syncedSize = size;
        }

        @Override
        public int read(long offset, ByteBuffer target) {
            int count = (int) Math.min(Math.max(0, size - offset), target.remaining());
            if (count > 0) {
                target.put(content, (int) offset, count);
            }
            return count;
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            int start = Math.toIntExact(offset);
            int wanted = source.remaining();
            long growth = Math.max(0, start + wanted - size);
            int count = growth <= room() ? wanted : (int) Math.max(0, wanted - growth + room());
            boolean fails = failsWrite && count == wanted && count > 0;
            if (fails) {
                failsWrite = false;
                count /= 2;
            }
            if (count > 0) {
                put(start, count, source);
            }
            if (fails) {
                throw new IOException("the disk reports an error");
            }
            if (count < wanted) {
                throw new DiskFullException(
                        "there is room for " + count + " of " + wanted + " bytes");
            }
        }

        private void put(int start, int count, ByteBuffer source) {
            int end = start + count;
            int sectors = (end + SECTOR_BYTES - 1) / SECTOR_BYTES;
            if (sectors * SECTOR_BYTES > content.length) {
                int doubled = Math.max(sectors * SECTOR_BYTES, 2 * content.length);
                content = Arrays.copyOf(content, doubled);
            }
            for (int sector = start / SECTOR_BYTES; sector < sectors; sector++) {
                if (!unsynced.containsKey(sector)) {
                    List<byte[]> versions = new ArrayList<>(2);
                    versions.add(sector(sector));
                    unsynced.put(sector, versions);
                }
            }
            if (end > size) {
                freeBytes -= end - size;
                size = end;
            }
            source.get(content, start, count);
            for (int sector = start / SECTOR_BYTES; sector < sectors; sector++) {
                unsynced.computeIfAbsent(sector, _ -> new ArrayList<>()).add(sector(sector));
            }
        }

        private byte[] sector(int number) {
            return Arrays.copyOfRange(content, number * SECTOR_BYTES, (number + 1) * SECTOR_BYTES);
        }

        @Override
        public void force() throws IOException {
            checkSync();
            synced();
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void truncate(long newSize) {
            if (newSize < size) {
                int cut = (int) newSize;
                freeBytes += size - cut;
                Arrays.fill(content, cut, size, (byte) 0);
                size = cut;
                syncedSize = Math.min(syncedSize, cut);
                syncedFrom = 0;
                provenSectors = Math.min(provenSectors, cut / SECTOR_BYTES);
                unsynced.keySet().removeIf(sector -> sector * SECTOR_BYTES >= cut);
            }
        }

        @Override
        public void close() {}
    }
}
