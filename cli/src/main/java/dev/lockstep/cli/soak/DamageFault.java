package dev.lockstep.cli.soak;

import com.fasterxml.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Bytes of a stopped replica's journal are not what was written.
///
/// What is promised today (`docs/adr/0005-stop-at-a-damaged-journal.md`): the replica makes good
/// what it can (an index), or takes the damage for the torn end of its last write and cuts that
/// off, or refuses to start with one sentence. If it refuses, its data are put back as they were
/// before the damage.
///
/// A replica that has lost the end of its journal may have lost what it had acknowledged. So that
/// this alone can do no harm, every other replica first gets everything that this one can have
/// acknowledged, and may therefore be counted on without it: the fault comes alone.
final class DamageFault implements Fault {

    /// So many bytes are missing at most.
    private static final int MOST_MISSING = 200;

    private static final String JOURNAL = "journal-";
    private static final String SNAPSHOT = "snapshot-";

    private final SoakCluster cluster;
    private final SoakLoad load;
    private final SoakReplica victim;
    private final boolean flip;
    private final boolean kill;
    private final SplittableRandom random;
    private boolean damaged;
    private String outcome = "";

    /// @param flip whether a byte is flipped, or else the end is cut off
    /// @param kill whether it is stopped by SIGKILL, or else by SIGTERM
    DamageFault(
            SoakCluster cluster,
            SoakLoad load,
            SoakReplica victim,
            boolean flip,
            boolean kill,
            SplittableRandom random) {
        this.cluster = cluster;
        this.load = load;
        this.victim = victim;
        this.flip = flip;
        this.kill = kill;
        this.random = random;
    }

    @Override
    public FaultKind kind() {
        return FaultKind.DAMAGE;
    }

    @Override
    public List<SoakReplica> victims() {
        return List.of(victim);
    }

    @Override
    public String toString() {
        return "%s of %s%s".formatted(flip ? "flipped byte" : "torn end", victim, outcome);
    }

    @Override
    public void begin() throws IOException, InterruptedException, ViolationException {
        if (kill) {
            victim.kill();
        } else {
            victim.stop();
        }
        awaitOthersHaveEverything();
        RunDirectory.copy(victim.data(), copy());
        damaged = true;
        damage();
        victim.start();
        victim.expectEnd();
        Patience.until(
                victim + " to start or to refuse to, with a damaged journal",
                () -> !victim.isAlive() || victim.isServing());
        if (victim.isAlive()) {
            JsonNode status = victim.ask("/status");
            boolean cutOff = status != null && status.path("recovery").has("cut");
            outcome = cutOff ? ", which took it for a torn write" : ", which misses nothing";
            damaged = false;
            return;
        }
        String sentence = victim.sentenceAtEnd();
        if (!sentence.toLowerCase(Locale.ROOT).contains("damaged")) {
            throw new ViolationException(
                    "%s, whose journal is damaged, refused to start and did not say why: %s"
                            .formatted(victim, sentence));
        }
        outcome = ", which refused to start";
    }

    /// Whatever the victim acknowledged is before what is acknowledged after its end in the one
    /// order; a replica that has executed that much has all of it.
    private void awaitOthersHaveEverything() throws InterruptedException, ViolationException {
        load.awaitProgress("without " + victim);
        long position = 0;
        for (SoakReplica other : cluster.othersThan(victim)) {
            position = Math.max(position, other.executed());
        }
        long enough = position;
        for (SoakReplica other : cluster.othersThan(victim)) {
            Patience.until(
                    other + " to catch up without " + victim,
                    () -> {
                        other.check();
                        return other.executed() >= enough;
                    });
        }
    }

    private Path copy() {
        return cluster.directory().copy(victim.id());
    }

    @Override
    public void end() throws IOException, InterruptedException {
        if (damaged) {
            victim.kill();
            RunDirectory.copy(copy(), victim.data());
            damaged = false;
        }
        if (!victim.isAlive()) {
            victim.start();
        }
    }

    private void damage() throws IOException {
        List<Path> files = filesThatBegin(JOURNAL);
        if (flip) {
            List<Path> snapshots = filesThatBegin(SNAPSHOT);
            // One alone is spared: without it the rest of the journal is of no use.
            if (snapshots.size() > 1) {
                files.addAll(snapshots);
            }
            flip(files.get(random.nextInt(files.size())));
        } else {
            cut(newestSegment(files));
        }
    }

    private List<Path> filesThatBegin(String beginning) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(victim.data())) {
            all.filter(file -> String.valueOf(file.getFileName()).startsWith(beginning))
                    .filter(file -> usedBytes(file) > 0)
                    .sorted()
                    .forEach(files::add);
        }
        return files;
    }

    /// The last that is in use: the one after it is all zeros behind its header.
    private static Path newestSegment(List<Path> files) {
        Path newest = files.getFirst();
        for (Path file : files) {
            if (file.toString().endsWith(".seg") && usedBytes(file) > MOST_MISSING + 4096) {
                newest = file;
            }
        }
        return newest;
    }

    private void flip(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long at = random.nextLong(usedBytes(file));
            bytes.seek(at);
            int old = bytes.read();
            bytes.seek(at);
            bytes.write(old ^ (1 << random.nextInt(8)));
        }
    }

    /// Zeros where the last bytes were, as a write that did not get through leaves them.
    private void cut(Path file) throws IOException {
        long used = usedBytes(file);
        int missing = 1 + random.nextInt(MOST_MISSING);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(used - missing);
            bytes.write(new byte[missing]);
        }
    }

    /// Where the zeros at the end begin.
    private static long usedBytes(Path file) {
        try {
            byte[] all = Files.readAllBytes(file);
            int used = all.length;
            while (used > 0 && all[used - 1] == 0) {
                used--;
            }
            return used;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
