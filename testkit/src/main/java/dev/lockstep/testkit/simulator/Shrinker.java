package dev.lockstep.testkit.simulator;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Looks for a shorter schedule that breaks the same promise as a failing seed: leaves out parts of
/// the weather, replicas, faults, operations of clients, and the end of the faulty time, as long as
/// it still fails, if need be with other luck in all that is no fault and no operation. Faults and
/// operations by delta debugging (`ddmin`; Zeller and Hildebrandt 2002).
///
/// Of a [Scenario] replicas and what clients ask for stay: its faults could be too many for fewer.
///
/// What is left is not the least there is: each step is kept if it was lucky enough.
///
/// Threading: immutable; [#shrink] blocks its caller.
public final class Shrinker {

    /// As long as somebody waits.
    public static final Duration USUAL_BUDGET = Duration.ofSeconds(20);

    /// A schedule may be this much longer than the best one so far, if it has fewer parts.
    private static final long MORE_EVENTS = 200;

    /// When nothing can be left out with this many tries at everything, nothing can be.
    private static final int MOST_LUCKS = 4;

    /// So often in a row another luck is to bring the failure sooner.
    private static final int HURRIES = 8;

    private final SimulationSetup setup;
    private final Duration budget;
    private final Consumer<Shrunk> progress;
    private final BooleanSupplier stopped;

    private Shrinker(
            SimulationSetup setup,
            Duration budget,
            Consumer<Shrunk> progress,
            BooleanSupplier stopped) {
        this.setup = setup;
        this.budget = budget;
        this.progress = progress;
        this.stopped = stopped;
    }

    /// A shrinker that takes [#USUAL_BUDGET] at most.
    ///
    /// @param setup what failed
    public static Shrinker of(SimulationSetup setup) {
        return new Shrinker(setup, USUAL_BUDGET, _ -> {}, () -> false);
    }

    /// The same, beginning no further run after this time.
    public Shrinker withBudget(Duration time) {
        return new Shrinker(setup, time, progress, stopped);
    }

    /// The same, telling the best so far after every run.
    public Shrinker withProgress(Consumer<Shrunk> told) {
        return new Shrinker(setup, budget, told, stopped);
    }

    /// The same, beginning no further run once `condition` holds.
    public Shrinker until(BooleanSupplier condition) {
        return new Shrinker(setup, budget, progress, condition);
    }

    /// The shortest schedule found; the whole run if none is shorter.
    ///
    /// @param failure that of a whole run of this setup
    public Shrunk shrink(SimulationFailure failure) {
        return new Search(failure).run();
    }

    private final class Search {
        private final long began = System.nanoTime();
        private final SimulationFailure first;
        private final RecordingScript recorded;
        private final Shrunk.Size before;
        private final Set<Calm> calmable;
        private Schedule schedule;
        private SimulationFailure failure;
        private int runs;

        /// With how many other lucks a schedule is tried that does not fail.
        private int lucks;

        private int lastLuck;

        Search(SimulationFailure failure) {
            this.first = failure;
            this.failure = failure;
            this.schedule = Schedule.of(failure.seed());
            this.recorded = Simulation.record(setup, failure.seed());
            this.before = size();
            this.calmable = calmable();
        }

        Shrunk run() {
            while (!isOver() && lucks <= MOST_LUCKS) {
                Schedule last = schedule;
                calm();
                shrinkCluster();
                hurry();
                faults();
                operations();
                end();
                if (schedule == last) {
                    lucks = 3 * lucks + 1;
                }
            }
            if (isNoShorter()) {
                schedule = Schedule.of(first.seed());
                failure = first;
            }
            tidy();
            return shrunk();
        }

        /// Other weather alone makes nothing easier to understand.
        private boolean isNoShorter() {
            Shrunk.Size after = size();
            return after.events() >= before.events()
                    && after.faults() == before.faults()
                    && after.operations() == before.operations()
                    && schedule.replicas() == SimulationSetup.ANY_NUMBER;
        }

        /// Takes back what made room for something else and has no effect any more.
        private void tidy() {
            tidy(schedule.withCalm(EnumSet.noneOf(Calm.class)));
            tidy(schedule.withUntil(Chance.NEVER));
        }

        private void tidy(Schedule candidate) {
            if (candidate.toString().equals(schedule.toString()) || isOver()) {
                return;
            }
            runs++;
            SimulationFailure thrown = failureOf(candidate, failure.events() + 1);
            if (thrown != null
                    && String.valueOf(thrown.getMessage()).equals(failure.getMessage())) {
                schedule = candidate;
            }
            progress.accept(shrunk());
        }

        private Shrunk shrunk() {
            return new Shrunk(schedule, failure, before, size(), runs, System.nanoTime() - began);
        }

        private Shrunk.Size size() {
            return new Shrunk.Size(
                    failure.events(),
                    schedule.faults().count(recorded.faults()),
                    schedule.operations().count(recorded.operations()));
        }

        private boolean isOver() {
            return System.nanoTime() - began > budget.toNanos() || stopped.getAsBoolean();
        }

        /// True, and the best so far, if it breaks the same promise and is not much longer, perhaps
        /// with better luck.
        private boolean fails(Schedule candidate) {
            if (candidate.toString().equals(schedule.toString())) {
                return false;
            }
            long most = Math.min(first.events(), failure.events() * 5 / 4 + MORE_EVENTS);
            if (fails(candidate, most)) {
                return true;
            }
            for (int i = 0; i < lucks; i++) {
                if (fails(candidate.withLuck(++lastLuck), most)) {
                    return true;
                }
            }
            return false;
        }

        private boolean fails(Schedule candidate, long mostEvents) {
            if (isOver()) {
                return false;
            }
            runs++;
            SimulationFailure thrown = failureOf(candidate, mostEvents + 1);
            if (thrown == null || !thrown.isLike(first)) {
                progress.accept(shrunk());
                return false;
            }
            schedule = candidate;
            failure = thrown;
            progress.accept(shrunk());
            return true;
        }

        private @Nullable SimulationFailure failureOf(Schedule candidate, long mostEvents) {
            try {
                PlayedScript script = new PlayedScript(recorded, candidate);
                new Simulation(setup, candidate, script).limited(mostEvents).run();
                return null;
            } catch (SimulationFailure thrown) {
                return thrown;
            }
        }

        /// What of the weather there is to leave out.
        private Set<Calm> calmable() {
            Weather weather = Simulation.weather(setup, first.seed());
            Set<Calm> calmable = EnumSet.allOf(Calm.class);
            calmable.removeIf(calm -> weather.without(EnumSet.of(calm)).equals(weather));
            if (setup.play() != null) {
                // How clients are is up to the scenario.
                calmable.removeAll(EnumSet.of(Calm.IMPATIENCE, Calm.PIPELINE));
            }
            return calmable;
        }

        private void calm() {
            if (schedule.calm().containsAll(calmable) || fails(schedule.withCalm(calmable))) {
                return;
            }
            for (Calm more : calmable) {
                Set<Calm> calm = EnumSet.of(more);
                calm.addAll(schedule.calm());
                fails(schedule.withCalm(calm));
            }
        }

        /// A scenario's faults may be too many for fewer replicas, which is no failure of theirs.
        private void shrinkCluster() {
            if (setup.play() != null) {
                return;
            }
            int replicas = Simulation.replicas(setup, schedule);
            for (int fewer = 1; fewer < replicas; fewer++) {
                // Even numbers of replicas are no worse a cluster, only a rarer one.
                if (fewer % 2 == 1 && fails(schedule.withReplicas(fewer))) {
                    return;
                }
            }
        }

        private void faults() {
            minimize(
                    kept(schedule.faults(), recorded.faults()),
                    numbers -> fails(schedule.withFaults(Numbers.of(numbers))));
        }

        private void operations() {
            minimize(
                    kept(schedule.operations(), recorded.operations()),
                    numbers -> fails(schedule.withOperations(Numbers.of(numbers))));
        }

        private static List<Integer> kept(Numbers numbers, int last) {
            return IntStream.rangeClosed(1, last).filter(numbers::contains).boxed().toList();
        }

        /// Leaves out ever smaller parts of `all`, the last first, as long as that fails.
        private void minimize(List<Integer> all, Predicate<List<Integer>> isEnough) {
            if (all.isEmpty() || isEnough.test(List.of())) {
                return;
            }
            List<Integer> kept = all;
            int width = (kept.size() + 1) / 2;
            while (!isOver()) {
                boolean isLess = false;
                for (int end = kept.size(); end > 0; end -= width) {
                    List<Integer> fewer = new ArrayList<>(kept);
                    fewer.subList(Math.max(0, end - width), Math.min(end, fewer.size())).clear();
                    if (!fewer.isEmpty() && isEnough.test(fewer)) {
                        kept = fewer;
                        isLess = true;
                    }
                }
                if (width > 1) {
                    width = (width + 1) / 2;
                } else if (!isLess) {
                    return;
                }
            }
        }

        /// The same, but sooner.
        private void hurry() {
            for (int i = 0; i < HURRIES && mostIfSooner() > 0; i++) {
                if (fails(schedule.withLuck(++lastLuck), mostIfSooner())) {
                    i = 0;
                }
            }
        }

        /// So many events are worth another luck; 0 if the failure is as soon as it can be.
        private long mostIfSooner() {
            long most = failure.events() * 2 / 3;
            // One event more is let happen.
            return most + 1 < failure.events() ? most : 0;
        }

        /// Faults end earlier: of use where the promise is broken after them.
        private void end() {
            if (setup.play() != null && setup.play().forecast() == Forecast.CALM) {
                return;
            }
            long latest = Math.min(schedule.untilNanos(), failure.atNanos());
            for (int eighths = 1; eighths < 8; eighths++) {
                if (fails(schedule.withUntil(latest * eighths / 8))) {
                    return;
                }
            }
        }
    }
}
