package dev.lockstep.ordering.stability;

import dev.lockstep.testkit.simulator.SimulationSetup;

/// Simulated clusters under stability ordering with options that make rare paths common.
final class StabilitySetup {

    private StabilitySetup() {}

    /// @param order as in a configuration
    static SimulationSetup of(String order, Rules rules) {
        return of(order, rules, new Coverage());
    }

    /// @param coverage counts what runs come to do
    static SimulationSetup of(String order, Rules rules, Coverage coverage) {
        return SimulationSetup.of(provider(order, rules))
                .withProtocolOptions(DrawnOptions::draw)
                .withChecks(() -> new StabilityChecks(coverage)::boot);
    }

    static StabilityProvider provider(String order, Rules rules) {
        return switch (order) {
            case "logical-clock" -> new LogicalClockProvider(rules);
            case "synchronized-clock" -> new SynchronizedClockProvider(rules);
            case "replica-ids" -> new ReplicaIdsProvider(rules);
            default -> throw new IllegalArgumentException(order);
        };
    }
}
