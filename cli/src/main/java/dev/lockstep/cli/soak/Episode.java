package dev.lockstep.cli.soak;

import java.time.Duration;
import java.util.List;

/// What happens in one round: faults that come one after another, stay for a while all together,
/// and go.
///
/// @param hold how long they stay at least
record Episode(List<Fault> faults, Duration hold) {

    Episode {
        faults = List.copyOf(faults);
    }

    boolean stopsAll() {
        return faults.stream().anyMatch(Fault::stopsAll);
    }

    /// Such as `kill of replica 2 + clock of replica 2 wrong by +900 ms`.
    @Override
    public String toString() {
        return String.join(" + ", faults.stream().map(Fault::toString).toList());
    }
}
