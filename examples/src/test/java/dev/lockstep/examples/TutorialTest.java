package dev.lockstep.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.lockstep.testkit.simulator.SimulatedCluster;

import org.junit.jupiter.api.Test;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/// What docs/tutorial-testing.md shows is compiled and run here, and prints what the page says that
/// it prints, but for numbers.
final class TutorialTest {

    private static final String PAGE = "docs/tutorial-testing.md";

    @Test
    void the_java_is_what_is_compiled_here() throws IOException {
        List<List<String>> sources = new ArrayList<>();
        for (String name :
                List.of("Seats", "SeatsTest", "CarelessSeats", "CarelessSeatsExperiment")) {
            List<String> source =
                    Files.readAllLines(
                            ReadmeTest.ROOT
                                    .resolve("examples/src/test/java/dev/lockstep/examples")
                                    .resolve(name + ".java"));
            // The package is ours, not the reader's.
            sources.add(source.subList(2, source.size()));
        }
        assertThat(ReadmeTest.blocks(PAGE, "java")).isEqualTo(sources);
    }

    /// What a test left: failures' messages, and what was published.
    private static final class Ran implements TestExecutionListener {
        private final List<String> said = new ArrayList<>();

        static List<String> of(DiscoverySelector test) {
            Ran ran = new Ran();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request().selectors(test).build(), ran);
            return ran.said;
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            result.getThrowable().ifPresent(thrown -> said.add("" + thrown.getMessage()));
        }

        @Override
        public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
            said.addAll(entry.getKeyValuePairs().values());
        }
    }

    private static String withoutNumbers(String text) {
        return text.replaceAll("\\d[\\d,.]*", "N");
    }

    /// What the careless service replies is not the same in every run: nor, then, what is left out
    /// of the weather when a failure is shrunk.
    private static String withoutWeather(String text) {
        return text.replaceAll("faults:none[^\\s\"]*", "faults:none");
    }

    private static String shown(int block) throws IOException {
        return withoutNumbers(String.join("\n", ReadmeTest.blocks(PAGE, "text").get(block)));
    }

    @Test
    void the_sound_service_passes_as_shown() throws IOException {
        String test = "a_reservation_survives_the_leader";
        List<String> said =
                Ran.of(selectMethod(SeatsTest.class, test, SimulatedCluster.class.getName()));
        // What was exercised changes with the protocol.
        String shown = shown(0);
        int end = shown.indexOf(';');
        assertThat(said).singleElement().asString().matches("[^;]*;( [a-z-]+ [0-9,]+)+");
        assertThat(withoutNumbers("SeatsTest." + test + ": " + said.getFirst()))
                .startsWith(shown.substring(0, end))
                .contains("crashes N");
    }

    @Test
    void the_careless_service_is_caught_as_shown() throws IOException {
        List<String> said = Ran.of(selectClass(CarelessSeatsExperiment.class));
        assertThat(said)
                .singleElement()
                .extracting(text -> withoutWeather(withoutNumbers(text)))
                .isEqualTo(withoutWeather(shown(1)));
    }
}
