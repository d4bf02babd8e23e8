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
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import javax.xml.parsers.DocumentBuilderFactory;

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

    private static Element pom(InputSource from) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(from)
                .getDocumentElement();
    }

    /// By artifact: the version that a pom gives each dependency or plugin where it is first named.
    private static Map<String, String> versions(Element pom, String kind) {
        Map<String, String> versions = new TreeMap<>();
        NodeList all = pom.getElementsByTagName(kind);
        for (int i = 0; i < all.getLength(); i++) {
            Element one = (Element) all.item(i);
            NodeList version = one.getElementsByTagName("version");
            if (version.getLength() > 0) {
                versions.putIfAbsent(
                        one.getElementsByTagName("artifactId").item(0).getTextContent(),
                        version.item(0).getTextContent());
            }
        }
        return versions;
    }

    /// Nothing that the page's Java needs may be on our class path only, in a version of ours only.
    @Test
    void the_pom_has_all_that_is_needed_as_it_is_tested_here() throws Exception {
        String page = String.join("\n", ReadmeTest.blocks(PAGE, "xml").getFirst());
        Element shown = pom(new InputSource(new StringReader(page)));
        Element root = pom(new InputSource(ReadmeTest.ROOT.resolve("pom.xml").toUri().toString()));
        Map<String, String> ours = versions(root, "dependency");
        String lockstep = root.getElementsByTagName("version").item(0).getTextContent();
        assertThat(versions(shown, "dependency"))
                .containsExactly(
                        Map.entry("assertj-core", ours.get("assertj-core")),
                        Map.entry("junit-jupiter", ours.get("junit-jupiter")),
                        Map.entry("lockstep-node", lockstep),
                        Map.entry("lockstep-testkit", lockstep));
        Map<String, String> plugins = versions(root, "plugin");
        assertThat(versions(shown, "plugin"))
                .containsExactly(
                        Map.entry("maven-compiler-plugin", plugins.get("maven-compiler-plugin")),
                        Map.entry("maven-surefire-plugin", plugins.get("maven-surefire-plugin")));
        List<String> imports =
                ReadmeTest.blocks(PAGE, "java").stream()
                        .flatMap(List::stream)
                        .filter(line -> line.startsWith("import "))
                        .map(line -> line.replaceAll("import (static )?", ""))
                        .toList();
        assertThat(imports)
                .isNotEmpty()
                .allMatch(name -> name.matches("(java|dev\\.lockstep|org\\.assertj)\\..*"));
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
