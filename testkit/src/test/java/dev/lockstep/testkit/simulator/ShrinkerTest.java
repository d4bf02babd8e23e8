package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Failing seeds of unsound protocols become short schedules that fail in the same way.
class ShrinkerTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    /// Starting replicas and opening sessions take as many events.
    private static final long SHORT = 300;

    private static SimulationFailure failure(SimulationSetup setup) {
        return SimulationRunner.of(setup).run(1, 200).failures().getFirst();
    }

    @ParameterizedTest
    @EnumSource(
            value = ToyFault.class,
            names = {"NUMBERS_TWICE", "EQUIVOCATES", "TIME_GOES_BACK", "FORGETS_A_POSITION"})
    void whatIsLeftBreaksTheSamePromiseAndIsShort(ToyFault fault) {
        SimulationSetup setup = ToyChecks.setup(fault);
        SimulationFailure failure = failure(setup);
        Shrunk shrunk = Shrinker.of(setup).withBudget(LONG).shrink(failure);
        System.out.println(fault + ": " + shrunk + " " + shrunk.schedule());
        assertThat(shrunk.before().events()).isEqualTo(failure.events());
        assertThat(shrunk.failure().promise()).isEqualTo(failure.promise());
        assertThat(shrunk.after().events())
                .isLessThan(Math.max(SHORT, shrunk.before().events() / 2));
        assertThat(shrunk.after().faults()).isLessThanOrEqualTo(3);
        assertThat(shrunk.after().operations()).isLessThanOrEqualTo(5);
        if (fault == ToyFault.FORGETS_A_POSITION) {
            // What it forgets, it forgets in a crash.
            assertThat(shrunk.after().faults()).isPositive();
        }
        // Read from text, as from a command line.
        Schedule read = Schedule.parse(failure.seed(), shrunk.schedule().toString());
        SimulationFailure again =
                catchThrowableOfType(SimulationFailure.class, () -> Simulation.run(setup, read));
        assertThat(again).hasMessage(shrunk.failure().getMessage());
        Explanation explanation = Simulation.explain(setup, read, DiagramWindow.LAST);
        assertThat(explanation.failure()).hasMessage(again.getMessage());
    }

    @Test
    void itStopsWhenItsTimeIsOver() {
        SimulationSetup setup = ToyChecks.setup(ToyFault.NUMBERS_TWICE);
        SimulationFailure failure = failure(setup);
        Shrunk shrunk = Shrinker.of(setup).withBudget(Duration.ZERO).shrink(failure);
        assertThat(shrunk.runs()).isZero();
        assertThat(shrunk.schedule().isWhole()).isTrue();
        assertThat(shrunk.failure()).isSameAs(failure);
        assertThat(shrunk.after()).isEqualTo(shrunk.before());
    }

    @Test
    void itStopsWhenItIsTold() {
        SimulationSetup setup = ToyChecks.setup(ToyFault.NUMBERS_TWICE);
        SimulationFailure failure = failure(setup);
        AtomicInteger seen = new AtomicInteger();
        Shrunk shrunk =
                Shrinker.of(setup)
                        .withProgress(_ -> seen.incrementAndGet())
                        .until(() -> seen.get() == 3)
                        .withBudget(LONG)
                        .shrink(failure);
        assertThat(shrunk.runs()).isEqualTo(3);
        assertThat(shrunk.failure().promise()).isEqualTo(failure.promise());
    }

    @Test
    void theSameFailureShrinksToTheSameScheduleAndNeverGrowsBack() {
        SimulationSetup setup = ToyChecks.setup(ToyFault.INVENTS);
        SimulationFailure failure = failure(setup);
        List<Integer> faults = new ArrayList<>();
        Shrunk one =
                Shrinker.of(setup)
                        .withBudget(LONG)
                        .withProgress(best -> faults.add(-best.after().faults()))
                        .shrink(failure);
        Shrunk other = Shrinker.of(setup).withBudget(LONG).shrink(failure);
        assertThat(other.schedule()).hasToString(one.schedule().toString());
        assertThat(faults).hasSize(one.runs()).isSorted();
    }
}
