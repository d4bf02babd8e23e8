package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.StoredFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// The disk loses what a disk may lose, all of it sometimes, and nothing else ever.
class SimDiskTest {

    private static final int SECTOR = 512;

    /// Enough draws for every outcome of a few sectors.
    private static final int DRAWS = 400;

    private static void write(StoredFile file, long offset, int length, int value)
            throws IOException {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        file.write(offset, ByteBuffer.wrap(bytes));
    }

    private static byte[] content(SimDisk disk, String name) throws IOException {
        StoredFile file = disk.open(name);
        ByteBuffer read = ByteBuffer.allocate((int) file.size());
        file.read(0, read);
        return read.array();
    }

    private static Chance chance(long seed) {
        return new Chance(new SplittableRandom(seed));
    }

    /// Three sectors of ones, durable with the file.
    private static SimDisk synced() throws IOException {
        SimDisk disk = new SimDisk();
        StoredFile file = disk.open("f");
        write(file, 0, 3 * SECTOR, 1);
        file.force();
        disk.syncDirectory();
        return disk;
    }

    @Test
    void aPowerFailureLeavesAnySubsetOfUnsyncedSectors() throws IOException {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < DRAWS; seed++) {
            SimDisk disk = synced();
            write(disk.open("f"), 0, 3 * SECTOR, 2);
            boolean lost = disk.losePower(chance(seed));
            byte[] left = content(disk, "f");
            StringBuilder sectors = new StringBuilder();
            for (int i = 0; i < 3; i++) {
                byte first = left[i * SECTOR];
                sectors.append(first);
                for (int j = 0; j < SECTOR; j++) {
                    assertThat(left[i * SECTOR + j]).isEqualTo(first);
                }
            }
            assertThat(lost).isEqualTo(!sectors.toString().equals("222"));
            seen.add(sectors.toString());
        }
        assertThat(seen).containsExactly("111", "112", "121", "122", "211", "212", "221", "222");
    }

    @Test
    void aSectorIsAsItWasAfterAnyOfItsWrites() throws IOException {
        Set<Byte> seen = new TreeSet<>();
        for (int seed = 0; seed < DRAWS; seed++) {
            SimDisk disk = synced();
            write(disk.open("f"), 0, 10, 2);
            write(disk.open("f"), 0, 10, 3);
            disk.losePower(chance(seed));
            seen.add(content(disk, "f")[0]);
        }
        assertThat(seen).containsExactly((byte) 1, (byte) 2, (byte) 3);
    }

    @Test
    void whatIsSyncedIsNeverLost() throws IOException {
        for (int seed = 0; seed < DRAWS; seed++) {
            SimDisk disk = synced();
            write(disk.open("f"), SECTOR, 10, 2);
            disk.open("f").force();
            write(disk.open("f"), 2 * SECTOR, 10, 3);
            disk.losePower(chance(seed));
            byte[] left = content(disk, "f");
            assertThat(left).hasSize(3 * SECTOR);
            assertThat(left[0]).isEqualTo((byte) 1);
            assertThat(left[SECTOR]).isEqualTo((byte) 2);
            // Once is enough: what is left is on the medium.
            byte kept = left[2 * SECTOR];
            assertThat(disk.losePower(chance(seed + 1))).isFalse();
            assertThat(content(disk, "f")[2 * SECTOR]).isEqualTo(kept);
        }
    }

    @Test
    void growthMayBeLostAndIsNothingButZerosAfterwards() throws IOException {
        Set<Integer> sizes = new TreeSet<>();
        for (int seed = 0; seed < DRAWS; seed++) {
            SimDisk disk = synced();
            write(disk.open("f"), 3 * SECTOR, 100, 2);
            disk.losePower(chance(seed));
            sizes.add(content(disk, "f").length);
            write(disk.open("f"), 4 * SECTOR, 1, 3);
            assertThat(content(disk, "f")[3 * SECTOR + 100]).isZero();
        }
        assertThat(sizes).containsExactly(3 * SECTOR, 3 * SECTOR + 100);
    }

    @Test
    void theEndOfAProcessLosesNothing() throws IOException {
        SimDisk disk = new SimDisk();
        try (StoredFile file = disk.open("f")) {
            write(file, 0, 10, 2);
        }
        assertThat(content(disk, "f")).hasSize(10).containsOnly(2);
    }

    @Test
    void theDirectoryIsAfterAFailureAnyOfWhatItWasSinceItsSync() throws IOException {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < DRAWS; seed++) {
            SimDisk disk = synced();
            disk.open("g").close();
            disk.rename("g", "h");
            disk.delete("f");
            disk.losePower(chance(seed));
            seen.add(String.join("", disk.list()));
        }
        assertThat(seen).containsExactly("f", "fg", "fh", "h");
    }

    @Test
    void aSyncedDirectoryIsNeverLost() throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            SimDisk disk = synced();
            disk.rename("f", "h");
            disk.syncDirectory();
            disk.losePower(chance(seed));
            assertThat(disk.list()).containsExactly("h");
        }
    }

    @Test
    void aFullDiskTakesWhatFitsAndMoreWhenThereIsRoom() throws IOException {
        SimDisk disk = synced();
        StoredFile file = disk.open("f");
        disk.fill(4);
        assertThat(disk.usableBytes()).isEqualTo(4);
        assertThatThrownBy(() -> write(file, 3 * SECTOR, 10, 2))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("4 of 10 bytes");
        assertThat(file.size()).isEqualTo(3 * SECTOR + 4);
        // What is there already can be written again.
        write(file, 0, SECTOR, 3);
        disk.empty();
        write(file, 3 * SECTOR, 10, 2);
        assertThat(file.size()).isEqualTo(3 * SECTOR + 10);
    }

    @Test
    void deletingMakesRoom() throws IOException {
        SimDisk disk = synced();
        disk.fill(0);
        disk.delete("f");
        assertThat(disk.usableBytes()).isEqualTo(3 * SECTOR);
    }

    @Test
    void aFailedSyncHappensOnceAndMakesNothingDurable() throws IOException {
        boolean lost = false;
        for (int seed = 0; seed < 50; seed++) {
            SimDisk disk = synced();
            write(disk.open("f"), 0, 10, 2);
            disk.failNextSync();
            assertThatThrownBy(() -> disk.open("f").force()).isInstanceOf(IOException.class);
            disk.syncDirectory();
            lost |= disk.losePower(chance(seed));
        }
        assertThat(lost).isTrue();
        SimDisk disk = synced();
        disk.failNextSync();
        disk.repair();
        disk.syncDirectory();
    }

    @Test
    void aFailedWriteHappensOnceAndIsThereByHalf() throws IOException {
        SimDisk disk = synced();
        disk.failNextWrite();
        StoredFile file = disk.open("f");
        assertThatThrownBy(() -> file.write(3 * SECTOR, ByteBuffer.wrap(new byte[10])))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(DiskFullException.class);
        assertThat(file.size()).isEqualTo(3 * SECTOR + 5);
        write(file, 3 * SECTOR, 10, 2);
        assertThat(file.size()).isEqualTo(3 * SECTOR + 10);
        disk.failNextWrite();
        disk.repair();
        write(file, 0, 10, 2);
    }

    /// The contract that every file store keeps, as the journal's own tests state it.
    @Test
    void filesBehaveAsFilesDo() throws IOException {
        SimDisk disk = new SimDisk();
        disk.open("b").close();
        disk.open("a").close();
        assertThat(disk.list()).containsExactly("a", "b");
        StoredFile file = disk.open("a");
        assertThat(file.size()).isZero();
        file.write(70_000, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        file.write(70_001, ByteBuffer.allocateDirect(1).put((byte) 9).flip());
        ByteBuffer read = ByteBuffer.allocate(6);
        assertThat(file.read(69_998, read)).isEqualTo(5);
        assertThat(read.array()).containsExactly(0, 0, 1, 9, 3, 0);
        assertThat(file.read(70_003, ByteBuffer.allocate(4))).isZero();
        assertThat(file.read(80_000, ByteBuffer.allocate(4))).isZero();
        file.truncate(70_001);
        file.truncate(70_002);
        assertThat(file.size()).isEqualTo(70_001);
        file.write(70_003, ByteBuffer.wrap(new byte[] {6}));
        assertThat(Arrays.copyOfRange(content(disk, "a"), 70_000, 70_004))
                .containsExactly(1, 0, 0, 6);
        disk.rename("a", "b");
        assertThat(disk.list()).containsExactly("b");
        assertThat(content(disk, "b")).hasSize(70_004);
        assertThatThrownBy(() -> disk.delete("a")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disk.rename("a", "c")).isInstanceOf(IOException.class);
    }
}
