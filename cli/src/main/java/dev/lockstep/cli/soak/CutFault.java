package dev.lockstep.cli.soak;

import java.io.IOException;
import java.util.List;

/// A replica is cut off: from everybody, or from one other.
final class CutFault implements Fault {

    /// What gets lost.
    enum Extent {
        /// Everything from and to the replica, also its clients' words.
        ALL,

        /// Everything between it and one other; a third hears both.
        PAIR,

        /// What it sends to one other; it hears what the other sends.
        ONE_WAY
    }

    private final Namespaces namespaces;
    private final SoakReplica victim;
    private final SoakReplica other;
    private final Extent extent;
    private boolean cut;

    /// @param other not used with [Extent#ALL]
    CutFault(Namespaces namespaces, SoakReplica victim, SoakReplica other, Extent extent) {
        this.namespaces = namespaces;
        this.victim = victim;
        this.other = other;
        this.extent = extent;
    }

    @Override
    public FaultKind kind() {
        return FaultKind.PARTITION;
    }

    @Override
    public List<SoakReplica> victims() {
        return List.of(victim);
    }

    @Override
    public String toString() {
        return switch (extent) {
            case ALL -> "cut around " + victim;
            case PAIR -> "cut between replicas %d and %d".formatted(victim.id(), other.id());
            case ONE_WAY -> "cut from replica %d to %d".formatted(victim.id(), other.id());
        };
    }

    @Override
    public void begin() throws IOException, InterruptedException, ViolationException {
        cut = true;
        set(false);
        if (extent == Extent.ALL) {
            Patience.until(victim + " to be out of reach", () -> victim.ask("/status") == null);
        }
    }

    @Override
    public void end() throws IOException, InterruptedException {
        if (cut) {
            set(true);
            cut = false;
        }
    }

    private void set(boolean whole) throws IOException, InterruptedException {
        switch (extent) {
            case ALL -> namespaces.setConnected(victim.id(), whole);
            case PAIR -> {
                namespaces.setHeard(victim.id(), other.id(), whole);
                namespaces.setHeard(other.id(), victim.id(), whole);
            }
            case ONE_WAY -> namespaces.setHeard(victim.id(), other.id(), whole);
        }
    }
}
