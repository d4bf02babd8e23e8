package dev.lockstep.cli.soak;

import java.io.IOException;
import java.util.List;

/// No fault that anybody survives: the data of all replicas are put back to what they were some
/// hundred acknowledged operations ago. Each replica for itself is in good order, and they agree.
final class ForgettingFault implements Fault {

    private final SoakCluster cluster;
    private final SoakLoad load;

    ForgettingFault(SoakCluster cluster, SoakLoad load) {
        this.cluster = cluster;
        this.load = load;
    }

    @Override
    public FaultKind kind() {
        return FaultKind.KILL;
    }

    @Override
    public List<SoakReplica> victims() {
        return cluster.replicas();
    }

    @Override
    public boolean stopsAll() {
        return true;
    }

    @Override
    public String toString() {
        return "loss of the last writes of all replicas";
    }

    @Override
    public void begin() throws IOException, InterruptedException, ViolationException {
        new KillAllFault(cluster.replicas()).begin();
        for (SoakReplica replica : cluster.replicas()) {
            RunDirectory.copy(replica.data(), cluster.directory().copy(replica.id()));
        }
        cluster.start();
        load.awaitProgress("that will be forgotten");
        new KillAllFault(cluster.replicas()).begin();
        for (SoakReplica replica : cluster.replicas()) {
            RunDirectory.copy(cluster.directory().copy(replica.id()), replica.data());
        }
    }

    @Override
    public void end() {
        for (SoakReplica replica : cluster.replicas()) {
            if (!replica.isAlive()) {
                replica.start();
            }
        }
    }
}
