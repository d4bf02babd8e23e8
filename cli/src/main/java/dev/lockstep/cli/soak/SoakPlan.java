package dev.lockstep.cli.soak;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/// What a soak is told.
///
/// @param directory for the use of this run alone
/// @param replicas 3 or 5
/// @param faults what may be done to them
/// @param seed decides which faults come when
/// @param clients of Lockstep's own; one Redis client for each replica comes on top
/// @param limit no round begins after this time
/// @param mostRounds no more rounds than this
/// @param drawing where the use of disks is drawn; null for nowhere
record SoakPlan(
        Path directory,
        int replicas,
        Set<FaultKind> faults,
        long seed,
        int clients,
        Duration limit,
        int mostRounds,
        @Nullable Path drawing) {

    SoakPlan {
        directory = directory.toAbsolutePath().normalize();
        faults = Set.copyOf(faults);
    }

    /// How many replicas may be faulty at once.
    int minority() {
        return (replicas - 1) / 2;
    }
}
