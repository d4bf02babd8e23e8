package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.function.Supplier;

/// What one protocol promises beyond what all do, for runs in which it is one of several: found by
/// [ServiceLoader] beside the tests of the protocol.
public interface ProtocolChecks {

    /// What is checked, such as `leader`.
    String name();

    /// The checks of one run, as [SimulationSetup#withChecks] takes them. They hear of the epochs
    /// of all protocols.
    Function<ReplicaId, ReplicaListener> begin();

    /// Those on the class path.
    static List<ProtocolChecks> installed() {
        List<ProtocolChecks> found = new ArrayList<>();
        ServiceLoader.load(ProtocolChecks.class).forEach(found::add);
        return found;
    }

    /// All of them in one.
    static Supplier<Function<ReplicaId, ReplicaListener>> all(List<ProtocolChecks> several) {
        return () -> {
            List<Function<ReplicaId, ReplicaListener>> begun = new ArrayList<>();
            several.forEach(each -> begun.add(each.begin()));
            return id -> {
                ReplicaListener all = ReplicaListener.NONE;
                for (Function<ReplicaId, ReplicaListener> each : begun) {
                    all = Listeners.of(all, each.apply(id));
                }
                return all;
            };
        };
    }
}
