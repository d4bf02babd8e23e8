package dev.lockstep.ordering.leader;

import dev.lockstep.testkit.simulator.SimulationSetup;

/// Simulated clusters under leader ordering with options that make rare paths common.
final class LeaderSetup {

    private LeaderSetup() {}

    static SimulationSetup of(Rules rules) {
        return SimulationSetup.of(new LeaderOrderingProvider(rules))
                .withProtocolOptions(DrawnOptions::draw)
                .withChecks(() -> new LeaderChecks()::boot);
    }
}
