package dev.lockstep.testkit.junit;

import dev.lockstep.testkit.simulator.Explanation;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationSetup;

import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What one failed seed leaves behind: it is run once more, and told in files.
final class Story {

    /// The configuration parameter for the directory.
    static final String DIRECTORY = "lockstep.reports";

    private final Path directory;
    private final String type;
    private final String test;
    private final String maven;

    /// Where the stories of a test go.
    Story(ExtensionContext context) {
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

    /// Runs a seed again and tells all of it.
    SimulatedTestFailure tell(SimulationSetup setup, SimulationFailure failure, long before) {
        List<String> lines = new ArrayList<>();
        String what = String.valueOf(failure.getMessage());
        what.lines().filter(line -> !line.isBlank()).forEach(lines::add);
        lines.add("  held     " + (before == 1 ? "1 seed" : before + " seeds") + " before it");
        lines.add("  replay   @SimulatedTest(seed = " + failure.seed() + ")");
        lines.add(
                "           mvn test -Dtest='%s' -D%s=%d"
                        .formatted(maven, Seeds.SEED, failure.seed()));
        Explanation told = Simulation.explain(setup, failure.seed());
        lines.add("  trace    " + write(failure.seed() + ".txt", trace(told, failure)));
        lines.add("  diagram  " + write(failure.seed() + ".svg", List.of(told.diagram())));
        if (told.failure() == null) {
            lines.add(
                    "  beware   the seed was run again for the trace and did not fail: something"
                            + " in the test or the machine depends on more than the seed");
        }
        return new SimulatedTestFailure(
                String.join("\n", lines),
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

    private List<String> trace(Explanation told, SimulationFailure failure) {
        List<String> lines = new ArrayList<>();
        lines.add(test + ", seed " + failure.seed());
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
