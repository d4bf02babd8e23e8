package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.journal.SnapshotReceiving;
import dev.lockstep.journal.SnapshotWriting;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Snapshot files on the simulator's disk, whose power fails after any step.
class SimDiskSnapshotsTest {

    private static final int SEEDS = 500;
    private static final int CHUNK = 700;

    private static SnapshotFiles open(SimDisk disk) throws IOException {
        return SnapshotFiles.open(disk, Bytes.EMPTY, CHUNK);
    }

    private static byte[] content(long position) {
        byte[] content = new byte[(int) (position * 1000)];
        new SplittableRandom(position).nextBytes(content);
        return content;
    }

    private static byte[] read(SnapshotFiles files, long position) throws IOException {
        try (InputStream in = files.read(position)) {
            return in.readAllBytes();
        }
    }

    /// Returns whether it was published within so many steps.
    private static boolean write(SnapshotFiles files, long position, int steps) throws IOException {
        SnapshotWriting writing = files.begin(position);
        writing.out().write(content(position));
        for (int step = 0; step < steps; step++) {
            if (writing.advance()) {
                writing.close();
                return true;
            }
        }
        return false;
    }

    @Test
    void aWritingIsThereOrNot() throws IOException {
        TreeSet<String> outcomes = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SimDisk disk = new SimDisk();
            SnapshotFiles files = open(disk);
            write(files, 1, 9);
            write(files, 2, 9);
            int steps = random.nextInt(6);
            boolean published = write(files, 3, steps);
            if (published) {
                files.retain(2);
            }
            disk.losePower(new Chance(random));
            files = open(disk);
            List<Long> found =
                    files.complete().stream().map(SnapshotDescription::position).toList();
            assertThat(found).isIn(List.of(3L, 2L), List.of(2L, 1L), List.of(3L, 2L, 1L));
            assertThat(found.contains(3L) || !published).isTrue();
            for (long position : found) {
                assertThat(read(files, position)).isEqualTo(content(position));
            }
            assertThat(disk.list()).hasSize(found.size());
            outcomes.add(steps + " " + found);
        }
        assertThat(outcomes)
                .containsExactly(
                        "0 [2, 1]",
                        "1 [2, 1]",
                        "2 [2, 1]",
                        "3 [2, 1]",
                        "4 [2, 1]",
                        "4 [3, 2, 1]",
                        "5 [3, 2]");
    }

    @Test
    void aReceivingGoesOn() throws IOException {
        SnapshotFiles sender = open(new SimDisk());
        write(sender, 9, 9);
        SnapshotDescription sent = sender.complete().getFirst();
        TreeSet<Integer> kept = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SimDisk disk = new SimDisk();
            SnapshotReceiving receiving = open(disk).receive(sent);
            int received = random.nextInt(sent.chunks() + 1);
            for (int i = 0; i < received; i++) {
                receiving.add(sender.chunk(9, i));
            }
            disk.losePower(new Chance(random));
            SnapshotFiles files = open(disk);
            assertThat(files.complete()).isEmpty();
            receiving = files.receive(sent);
            assertThat(receiving.nextChunk()).isBetween(0, received);
            kept.add(receiving.nextChunk());
            while (!receiving.isComplete()) {
                receiving.add(sender.chunk(9, receiving.nextChunk()));
            }
            boolean done = false;
            while (!done) {
                done = receiving.advance();
            }
            assertThat(read(open(disk), 9)).isEqualTo(content(9));
        }
        assertThat(kept).contains(0, 1, sent.chunks());
    }
}
