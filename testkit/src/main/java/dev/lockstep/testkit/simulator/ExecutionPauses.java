package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ReplicaId;

import java.util.TreeMap;

/// Which members execute nothing at present, because a snapshot is written of a state that cannot
/// be frozen: never two of them. Who is no member when it begins is needed by nobody, and may at
/// any time.
final class ExecutionPauses {

    /// After which position, by replica.
    private final TreeMap<ReplicaId, Long> paused = new TreeMap<>();

    /// A replica executes nothing from now on.
    void begin(ReplicaId id, long position, boolean isMember) {
        if (isMember) {
            Violation.check(
                    paused.isEmpty(),
                    "one member at a time executes nothing: replica "
                            + id
                            + " after position "
                            + position
                            + ", while by replica and position "
                            + paused);
            paused.put(id, position);
        }
    }

    /// It executes again, or its process has ended.
    void end(ReplicaId id) {
        paused.remove(id);
    }
}
