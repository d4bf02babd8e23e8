package dev.lockstep.mutation;

import dev.lockstep.testkit.simulator.SimulationSetup;

import java.util.List;

/// A mistake that is built into the product on purpose.
///
/// @param name as a constant of an enum
/// @param clusters simulated ones that make it; seeds go through them in turn
/// @param otherwise what notices it where chance does not, or why nothing can; empty if chance does
public record Mistake(String name, List<SimulationSetup> clusters, String otherwise) {

    /// @throws IllegalArgumentException if there is no cluster
    public Mistake {
        clusters = List.copyOf(clusters);
        if (clusters.isEmpty()) {
            throw new IllegalArgumentException("no cluster makes the mistake " + name);
        }
    }

    /// The cluster whose turn it is.
    public SimulationSetup cluster(long seed) {
        return clusters.get((int) Math.floorMod(seed, (long) clusters.size()));
    }
}
