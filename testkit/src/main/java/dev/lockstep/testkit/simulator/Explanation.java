package dev.lockstep.testkit.simulator;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// What happened in one run, for people.
///
/// @param lines one for every event worth one, the outcome last
/// @param diagram an SVG document: what every replica and client did and which messages went
/// between
///     them, in the chosen part of the run; see `docs/simulator.md`
/// @param failure the promise that was broken, or null
public record Explanation(List<String> lines, String diagram, @Nullable SimulationFailure failure) {

    public Explanation {
        lines = List.copyOf(lines);
    }

    /// @param options a line on what the protocol was told
    /// @param outcome a sentence on the whole run
    static Explanation of(
            World world,
            String options,
            String outcome,
            @Nullable SimulationFailure failure,
            DiagramWindow window) {
        List<String> lines = new ArrayList<>();
        lines.add(world.weather.toString());
        lines.add(options);
        lines.addAll(world.trace.lines());
        lines.add(outcome);
        Diagram diagram = new Diagram(DiagramScene.of(world, outcome, failure != null, window));
        return new Explanation(lines, diagram.svg(), failure);
    }
}
