package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.cli.OperatorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.xml.parsers.DocumentBuilderFactory;

/// What is said and drawn of figures.
class SitesReportTest {

    private static final Sites CITIES = Sites.parse(List.of("32", "35", "65.5"));
    private static final SitesRun.Plan PLAN =
            new SitesRun.Plan(8, 1, 20, 5, hot -> new Workload(10, 2, 8, 0, hot, 1));

    @TempDir Path directory;

    private static SitesFigures figures(String order, int leader, double p99, long answered) {
        List<SiteFigures> quiet = new ArrayList<>();
        List<SiteFigures> contended = new ArrayList<>();
        for (int site = 1; site <= Sites.COUNT; site++) {
            quiet.add(new SiteFigures(site, answered, 0, 66 + site, p99, 64));
            contended.add(new SiteFigures(site, 100, 0, 100 + site, p99, 128));
        }
        return new SitesFigures(order, leader, quiet, contended);
    }

    private static SitesReport report(SitesFigures... orders) {
        return new SitesReport(CITIES, 0, PLAN, List.of(orders));
    }

    @Test
    void theTableHasALineForEachOrderAndSite() {
        assertThat(
                        report(figures("leader", 2, 150, 100), figures("replica-ids", 0, 150, 100))
                                .lines())
                .startsWith(
                        "Three sites: 32 ms from 1 to 2, 35 ms from 1 to 3, 65.5 ms from 2 to 3, one way.",
                        "Each site alone, one request at a time, for 20 s; then all at once, 8 in flight each, 20% of them of one key.",
                        "",
                        "        order        site  alone: p50 ms  p99 ms  formula  together: p50 ms  p99 ms  at most",
                        "       leader           1           67.0   150.0     64.0             101.0   150.0    128.0",
                        "       leader  2 (leader)           68.0   150.0     64.0             102.0   150.0    128.0")
                .contains(
                        "  replica-ids           3           69.0   150.0     64.0             103.0   150.0    128.0")
                .hasSize(12);
    }

    @Test
    void aSiteWithoutAnswersIsNotPassedOver() {
        SitesReport report = report(figures("replica-ids", 0, 150, 0));
        assertThat(report.isWhole()).isFalse();
        assertThat(report.lines())
                .endsWith("Under replica-ids a site was without any answer.")
                .anyMatch(
                        line -> line.contains("replica-ids     1              -       -     64.0"));
        assertThat(report(figures("leader", 1, 1, 1)).isWhole()).isTrue();
    }

    @Test
    void scriptsFindEverything() {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("keys", 10);
        String json = BenchReport.json(report(figures("leader", 2, 150, 100)).asJson(description));
        assertThat(json)
                .startsWith(
                        "{\"keys\":10,\"oneWayMillis\":[32.0,35.0,65.5],\"jitterMillis\":0.0,\"phaseSeconds\":20,"
                                + "\"inFlightAtEachSite\":8,\"hotKeyPercent\":20,\"orders\":[{\"order\":\"leader\","
                                + "\"leaderSite\":2,\"alone\":[{\"site\":1,\"answered\":100,\"failed\":0,"
                                + "\"p50Millis\":67.0,\"p99Millis\":150.0,\"formulaMillis\":64.0}");
    }

    @Test
    void thePlotHasABarForEachFigure() throws Exception {
        Path file = directory.resolve("sites.svg");
        report(figures("leader", 2, 150, 100), figures("replica-ids", 0, 9_999, 100)).draw(file);
        Document svg =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        // Paper, two in the legend, and two orders at three sites in two phases.
        assertThat(svg.getElementsByTagName("rect").getLength()).isEqualTo(1 + 2 + 12);
        NodeList texts = svg.getElementsByTagName("text");
        List<String> written = new ArrayList<>();
        for (int i = 0; i < texts.getLength(); i++) {
            written.add(texts.item(i).getTextContent());
        }
        assertThat(written)
                .contains(
                        "leader (at site 2)",
                        "replica-ids",
                        "formula; bar: median, line: p99",
                        "site 3",
                        "300")
                .as("what is out of scale is written")
                .contains("9999");
        assertThat(Files.readString(file)).doesNotContain("NaN").doesNotContain("Infinity");
    }

    @Test
    void aPlotThatCannotBeWrittenIsASentence() {
        Path file = directory.resolve("nowhere").resolve("sites.svg");
        assertThatThrownBy(() -> report(figures("leader", 1, 1, 1)).draw(file))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("cannot be written");
    }

    @Test
    void ordersStandBesideTheFirst() {
        Map<String, Measurement> level = new LinkedHashMap<>();
        level.put("leader", new Measurement(16, 1, 20_000, 700, 900, 1, 1, 10, 0, 0));
        level.put("replica-ids", new Measurement(16, 1, 15_000, 900, 1_200, 1, 1, 12.5, 0, 0));
        assertThat(BenchReport.comparison(new LinkedHashMap<>(Map.of(16, level))))
                .containsExactly(
                        "  in flight        order  per second  of the first  p50 µs  p99 µs  CPU s/million  of the first",
                        "         16       leader      20,000          1.00     700     900          10.00          1.00",
                        "         16  replica-ids      15,000          0.75     900   1,200          12.50          1.25");
    }
}
