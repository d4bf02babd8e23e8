package dev.lockstep.cli.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/// A replica's wall clock is wrong, jumps as far to the other side, and is right again.
final class ClockFault implements Fault {

    private final SoakCluster cluster;
    private final SoakReplica victim;

    /// Where it looks by how much its clock is wrong.
    private final Path file;

    private final long offsetMillis;

    ClockFault(SoakCluster cluster, SoakReplica victim, long offsetMillis) {
        this.cluster = cluster;
        this.victim = victim;
        this.file = cluster.directory().clock(victim.id());
        this.offsetMillis = offsetMillis;
    }

    @Override
    public FaultKind kind() {
        return FaultKind.CLOCK;
    }

    @Override
    public List<SoakReplica> victims() {
        return List.of(victim);
    }

    @Override
    public String toString() {
        return "clock of %s wrong by %s".formatted(victim, words());
    }

    private String words() {
        Duration offset = Duration.ofMillis(offsetMillis);
        if (offset.toDays() != 0) {
            return "%+d d".formatted(offset.toDays());
        }
        if (offset.toHours() != 0) {
            return "%+d h".formatted(offset.toHours());
        }
        return offset.toSeconds() * 1_000 == offsetMillis
                ? "%+d s".formatted(offset.toSeconds())
                : "%+d ms".formatted(offsetMillis);
    }

    @Override
    public void begin() throws IOException {
        set(offsetMillis);
    }

    @Override
    public void stir() throws IOException, InterruptedException, ViolationException {
        SoakReplica leader = cluster.leader();
        if (leader != null) {
            cluster.awaitRightTime(List.of(leader));
        }
        set(-offsetMillis);
    }

    @Override
    public void end() throws IOException {
        set(0);
    }

    private void set(long millis) throws IOException {
        // By renaming, so that the replica never reads half a number.
        Path draft = file.resolveSibling(file.getFileName() + ".draft");
        Files.writeString(draft, Long.toString(millis));
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
