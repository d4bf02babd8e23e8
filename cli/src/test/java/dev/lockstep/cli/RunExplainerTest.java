package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.cli.RunExplainer.Explained;
import dev.lockstep.testkit.simulator.DiagramWindow;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// Whoever ends the search for a shorter run is told what there is by then.
final class RunExplainerTest {

    private static final SimulationSetup SETUP =
            SimulationSetup.of(new TiredProvider()).withReplicas(3);

    private static Explained explained(SimulationFailure failure, BooleanSupplier stopped) {
        ExplainOptions options =
                CommandLine.populateCommand(
                        new ExplainOptions(), "--no-diagram", "--shrink-seconds", "3600");
        RunExplainer explainer =
                new RunExplainer(SETUP, DiagramWindow.LAST, StatusLine.NONE, stopped);
        return explainer.explain(List.of(failure), options).getFirst();
    }

    @Test
    void a_failure_is_kept_when_nobody_wants_to_wait_for_a_shorter_one() {
        SimulationFailure failure = SimulationRunner.of(SETUP).run(1, 100).failures().getFirst();
        AtomicInteger asked = new AtomicInteger();

        Explained later = explained(failure, () -> asked.incrementAndGet() > 3);
        Explained atOnce = explained(failure, () -> true);

        assertThat(later.failure()).isSameAs(failure);
        assertThat(later.shrunk()).isNotNull().matches(shrunk -> shrunk.runs() < 3);
        assertThat(atOnce.failure()).isSameAs(failure);
        assertThat(atOnce.shrunk()).isNull();
    }
}
