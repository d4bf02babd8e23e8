package dev.lockstep.cli.soak;

import java.io.IOException;
import java.util.List;

/// No fault that anybody notices from inside: all clocks are an hour ahead.
final class AllClocksFault implements Fault {

    private static final long HOUR_MILLIS = 3_600_000;

    private final List<ClockFault> clocks;
    private final List<SoakReplica> victims;

    AllClocksFault(SoakCluster cluster) {
        victims = List.copyOf(cluster.replicas());
        clocks =
                victims.stream()
                        .map(replica -> new ClockFault(cluster, replica, HOUR_MILLIS))
                        .toList();
    }

    @Override
    public FaultKind kind() {
        return FaultKind.CLOCK;
    }

    @Override
    public List<SoakReplica> victims() {
        return victims;
    }

    @Override
    public String toString() {
        return "all clocks wrong";
    }

    @Override
    public void begin() throws IOException {
        for (ClockFault clock : clocks) {
            clock.begin();
        }
    }

    @Override
    public void end() throws IOException {
        for (ClockFault clock : clocks) {
            clock.end();
        }
    }
}
