package dev.lockstep.ordering.stability;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;
import dev.lockstep.testkit.simulator.ProtocolChecks;

import java.util.function.Function;

/// [StabilityChecks] for runs that go through several orders.
public final class SharedStabilityChecks implements ProtocolChecks {

    /// For the service loader.
    public SharedStabilityChecks() {}

    @Override
    public String name() {
        return "stability";
    }

    @Override
    public Function<ReplicaId, ReplicaListener> begin() {
        return new StabilityChecks(new Coverage())::boot;
    }
}
