package dev.lockstep.cli.soak;

import com.fasterxml.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// There is no more room on a replica's disk, and later there is again. The replica must say so,
/// and either go on by itself or have ended with a sentence.
final class FullDiskFault implements Fault {

    /// Less than a segment, so that no new one can be made.
    private static final long LEFT_BYTES = 64 << 10;

    private final Namespaces namespaces;
    private final SoakReplica victim;
    private final Path mountedAt;
    private boolean full;

    /// @param mountedAt where the replica has its disk, as it calls it
    FullDiskFault(Namespaces namespaces, SoakReplica victim, Path mountedAt) {
        this.namespaces = namespaces;
        this.victim = victim;
        this.mountedAt = mountedAt;
    }

    @Override
    public FaultKind kind() {
        return FaultKind.FULL_DISK;
    }

    @Override
    public List<SoakReplica> victims() {
        return List.of(victim);
    }

    @Override
    public String toString() {
        return "full disk of " + victim;
    }

    @Override
    public void begin() throws IOException, InterruptedException, ViolationException {
        victim.expectEnd();
        full = true;
        namespaces.fillDisk(victim.id(), mountedAt, LEFT_BYTES);
        Patience.until(
                victim + " to notice that its disk is full",
                () -> !victim.isAlive() || !hasRoom(true));
    }

    @Override
    public void end() throws IOException, InterruptedException, ViolationException {
        if (!full) {
            return;
        }
        namespaces.emptyDisk(victim.id(), mountedAt);
        full = false;
        if (!victim.isAlive()) {
            String _ = victim.sentenceAtEnd();
            victim.start();
            return;
        }
        Patience.until(
                victim + " to notice that its disk has room again",
                () -> !victim.isAlive() || hasRoom(false));
    }

    private boolean hasRoom(boolean otherwise) {
        JsonNode status = victim.ask("/status");
        return status == null ? otherwise : status.path("journalHasRoom").asBoolean();
    }
}
