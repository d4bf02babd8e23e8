package dev.lockstep.testkit.simulator;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;

import java.util.TreeMap;

/// What a [ToySequencer] promises beyond what every protocol does: one run's.
final class ToyChecks {

    /// By follower: the most that it said to have durable.
    private final TreeMap<ReplicaId, Long> acknowledged = new TreeMap<>();

    ReplicaListener listener(ReplicaId id) {
        return new ReplicaListener() {
            @Override
            public void onRepeated(long position, BatchId batch) {
                throw new Violation("the toy numbers a batch once: " + batch + " at " + position);
            }

            @Override
            public void onSent(ReplicaId to, ProtocolMessage message, int frameBytes) {
                if (message instanceof ToyMessage.Acknowledge acknowledge) {
                    acknowledged.merge(id, acknowledge.through(), Math::max);
                }
                if (message instanceof ToyMessage.Missing missing) {
                    Violation.check(
                            missing.from() > acknowledged.getOrDefault(id, 0L),
                            "replica " + id + " keeps what it acknowledged: " + missing.from());
                }
            }
        };
    }

    /// The toy with its checks.
    static SimulationSetup setup(ToyFault fault) {
        return SimulationSetup.of(new ToyProvider(fault))
                .withFixedMembers()
                .withChecks(() -> new ToyChecks()::listener);
    }
}
