package dev.lockstep.testkit.junit;

import dev.lockstep.testkit.simulator.DiagramWindow;
import dev.lockstep.testkit.simulator.Explanation;
import dev.lockstep.testkit.simulator.Schedule;
import dev.lockstep.testkit.simulator.Shrinker;
import dev.lockstep.testkit.simulator.Shrunk;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationSetup;

import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What one failed seed leaves behind: it is shrunk, run once more, and told in files.
final class Story {

    /// The configuration parameter for the directory.
    static final String DIRECTORY = "lockstep.reports";

    /// Of what the shrunk run says: assertions begin on their second line.
    private static final int MOST_LINES = 6;

    private final Path directory;
    private final String type;
    private final String test;
    private final String maven;
    private final Duration shrinking;

    /// Where the stories of a test go.
    ///
    /// @param shrinking how long a failure is shrunk
    Story(ExtensionContext context, Duration shrinking) {
        this.shrinking = shrinking;
        String method = context.getRequiredTestMethod().getName();
        this.type = context.getRequiredTestClass().getName();
        String shortType = type.substring(type.lastIndexOf('.') + 1);
        this.test = shortType + "." + method;
        this.maven = shortType + "#" + method;
        this.directory =
                context.getConfigurationParameter(DIRECTORY)
                        .map(Path::of)
                        .orElseGet(Story::ofBuildTool)
                        .resolve(test.replace('$', '.'));
    }

    private static Path ofBuildTool() {
        boolean isGradle =
                !Files.isDirectory(Path.of("target")) && Files.isDirectory(Path.of("build"));
        return Path.of(isGradle ? "build" : "target", "lockstep");
    }

    /// The test's name, for people.
    String test() {
        return test;
    }

    /// Shrinks a failed run, runs what is left of it again and tells all of that.
    SimulatedTestFailure tell(SimulationSetup setup, SimulationFailure failure, long before) {
        List<String> lines = new ArrayList<>();
        lines.add("  held     " + (before == 1 ? "1 seed" : before + " seeds") + " before it");
        addReplay(lines, Schedule.of(failure.seed()));
        Schedule schedule = shrink(setup, failure, lines);
        return told(setup, failure, schedule, lines);
    }

    /// Tells all of a run that was asked for by its schedule.
    SimulatedTestFailure tellReplayed(
            SimulationSetup setup, SimulationFailure failure, Schedule schedule) {
        List<String> lines = new ArrayList<>();
        addReplay(lines, schedule);
        return told(setup, failure, schedule, lines);
    }

    private Schedule shrink(SimulationSetup setup, SimulationFailure failure, List<String> lines) {
        if (shrinking.isZero()) {
            return Schedule.of(failure.seed());
        }
        Shrunk shrunk = Shrinker.of(setup).withBudget(shrinking).shrink(failure);
        if (shrunk.schedule().isWhole()) {
            lines.add(
                    "  shrunk   from %s to nothing shorter in %.1f s (%,d runs)"
                            .formatted(shrunk.before(), shrunk.nanos() / 1e9, shrunk.runs()));
        } else {
            lines.add("  shrunk   " + shrunk.extent());
            linesOf(shrunk.failure())
                    .limit(MOST_LINES)
                    .forEach(line -> lines.add("           " + line.strip()));
            addReplay(lines, shrunk.schedule());
        }
        return shrunk.schedule();
    }

    private static Stream<String> linesOf(SimulationFailure failure) {
        return String.valueOf(failure.getMessage()).lines().filter(line -> !line.isBlank());
    }

    private void addReplay(List<String> lines, Schedule schedule) {
        boolean isWhole = schedule.isWhole();
        lines.add(
                "  replay   @SimulatedTest(seed = %d%s)"
                        .formatted(
                                schedule.seed(),
                                isWhole ? "" : ", schedule = \"" + schedule + "\""));
        lines.add(
                "           mvn test -Dtest='%s' -D%s=%d%s"
                        .formatted(
                                maven,
                                Seeds.SEED,
                                schedule.seed(),
                                isWhole ? "" : " -D" + Replay.SCHEDULE + "=" + schedule));
    }

    private SimulatedTestFailure told(
            SimulationSetup setup,
            SimulationFailure failure,
            Schedule schedule,
            List<String> lines) {
        Explanation told = Simulation.explain(setup, schedule, DiagramWindow.LAST);
        lines.add("  trace    " + write(failure.seed() + ".txt", trace(told, schedule)));
        lines.add("  diagram  " + write(failure.seed() + ".svg", List.of(told.diagram())));
        if (told.failure() == null) {
            lines.add(
                    "  beware   the seed was run again for the trace and did not fail: something"
                            + " in the test or the machine depends on more than the seed");
        }
        return new SimulatedTestFailure(
                Stream.concat(linesOf(failure), lines.stream()).collect(Collectors.joining("\n")),
                failure.isBrokenPromise() ? null : failure.getCause(),
                ofTest(failure));
    }

    /// Where the test was: the way from there to where a promise was seen to be broken tells nobody
    /// anything.
    private StackTraceElement[] ofTest(SimulationFailure failure) {
        if (!failure.isBrokenPromise() || failure.getCause() == null) {
            return new StackTraceElement[0];
        }
        return Arrays.stream(failure.getCause().getStackTrace())
                .filter(frame -> frame.getClassName().startsWith(type))
                .toArray(StackTraceElement[]::new);
    }

    private List<String> trace(Explanation told, Schedule schedule) {
        List<String> lines = new ArrayList<>();
        String part = schedule.isWhole() ? "" : ", schedule " + schedule;
        lines.add(test + ", seed " + schedule.seed() + part);
        lines.addAll(told.lines());
        return lines;
    }

    /// The name of the file, or why there is none: the failure itself matters more.
    private String write(String name, List<String> lines) {
        Path file = directory.resolve("seed-" + name);
        try {
            Files.createDirectories(directory);
            Files.write(file, lines);
            return file.toString();
        } catch (IOException e) {
            return "not written: " + e;
        }
    }
}
