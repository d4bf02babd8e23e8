package dev.lockstep.ordering.leader;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;
import dev.lockstep.testkit.simulator.ProtocolChecks;

import java.util.function.Function;

/// [LeaderChecks] for runs that go through several orders.
public final class SharedLeaderChecks implements ProtocolChecks {

    /// For the service loader.
    public SharedLeaderChecks() {}

    @Override
    public String name() {
        return "leader";
    }

    @Override
    public Function<ReplicaId, ReplicaListener> begin() {
        return new LeaderChecks()::boot;
    }
}
