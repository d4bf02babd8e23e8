package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.OrderingProvider;
import dev.lockstep.testkit.simulator.SimulationSetup;

import java.util.Map;
import java.util.TreeMap;

/// What the common simulator runs of this order. Timeouts are short: a run has seconds.
enum Row {
    A4,
    A7,
    B3,
    B5;

    SimulationSetup setup() {
        return setup(new ByzantineProvider());
    }

    /// The same where members keep so few blocks that who was away needs history and snapshots.
    SimulationSetup forgetful() {
        return setup(new ByzantineProvider(new Forgetful()));
    }

    /// @param provider of this order, or one that is broken
    SimulationSetup setup(OrderingProvider<?, ?> provider) {
        return changing(provider).withFixedMembers();
    }

    /// The same with operators who change the members, in a third of the runs.
    SimulationSetup changing() {
        return changing(new ByzantineProvider());
    }

    /// @param provider of this order, or one that is broken
    SimulationSetup changing(OrderingProvider<?, ?> provider) {
        return switch (this) {
            case A4 -> changing(provider, 4, Map.of("view-timeout", "200ms"));
            case A7 -> changing(provider, 7, Map.of("view-timeout", "200ms", "window", "2"));
            case B3 -> changing(provider, 3, Map.of("resilience", "2t+1", "delta", "20ms"));
            case B5 ->
                    changing(
                            provider,
                            5,
                            Map.of("resilience", "2t+1", "delta", "20ms", "window", "3"));
        };
    }

    private static SimulationSetup changing(
            OrderingProvider<?, ?> provider, int replicas, Map<String, String> options) {
        return SimulationSetup.of(provider)
                .withReplicas(replicas)
                .withProtocolOptions(_ -> new TreeMap<>(options));
    }

    /// The rules with few blocks in memory.
    static class Forgetful extends Rules {
        @Override
        int keptHeights() {
            return 4;
        }
    }
}
