package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.util.List;

/// From counts to figures.
class MeasurementTest {

    @Test
    void aWindowIsCountedInSecondsAndMillions() {
        Histogram latencies = new Histogram(60_000_000_000L, 3);
        for (int i = 0; i < 1_000; i++) {
            latencies.recordValue(i < 990 ? 200_000 : 5_000_000);
        }

        Measurement window = Measurement.of(16, 1, 1_000_000, 0, 4_000_000_000L, latencies, 5e9);

        assertThat(window.perSecond()).isEqualTo(250_000);
        assertThat(window.cpuPerMillion()).isEqualTo(5);
        assertThat(window.p50Micros()).isBetween(199.0, 201.0);
        assertThat(window.p999Micros()).isBetween(4_990.0, 5_010.0);
    }

    @Test
    void unknownProcessorTimeStaysUnknown() {
        Histogram latencies = new Histogram(60_000_000_000L, 3);

        Measurement window = Measurement.of(16, 1, 10, 0, 1, latencies, -1);

        assertThat(Measurement.medianOf(List.of(window)).cpuPerMillion()).isNegative();
        assertThat(BenchReport.asJson(window)).doesNotContainKey("cpuSecondsPerMillion");
        assertThat(BenchReport.table(List.of(window)).getLast()).endsWith(" -");
    }

    @Test
    void theMedianIsTakenOfEachFigureByItselfAndFailuresAreAddedUp() {
        List<Measurement> windows =
                List.of(
                        new Measurement(16, 1, 100, 9, 1, 1, 1, 3, 1, 0),
                        new Measurement(16, 1, 300, 7, 1, 1, 1, 1, 0, 0),
                        new Measurement(16, 1, 200, 8, 1, 1, 1, 2, 2, 0));

        assertThat(Measurement.medianOf(windows))
                .isEqualTo(new Measurement(16, 1, 200, 8, 1, 1, 1, 2, 3, 0));
        assertThat(Measurement.median(List.of(4.0, 1.0))).isEqualTo(2.5);
    }

    @Test
    void aLevelThatWasCutOffHasNoFiguresAndSaysSo() {
        Histogram none = new Histogram(60_000_000_000L, 3);
        Measurement empty = Measurement.of(16, 1, 0, 5, 1_000_000_000L, none, 1e9);
        Measurement full = new Measurement(16, 1, 200, 8, 1, 1, 1, 2, 0, 0);

        Measurement cut = Measurement.medianOf(List.of(full, empty, full));
        assertThat(cut.perSecond()).isEqualTo(200);
        assertThat(cut.failed()).isEqualTo(5);
        assertThat(BenchReport.cutOff(List.of(cut, full), 3))
                .containsExactly(
                        "16 in flight was cut off: 1 of 3 windows had no answer, the figures are of the others.");

        Measurement nothing = Measurement.medianOf(List.of(empty, empty));
        assertThat(BenchReport.table(List.of(nothing)).getLast()).doesNotContain("0");
        assertThat(BenchReport.asJson(nothing))
                .doesNotContainKeys("perSecond", "p50Micros")
                .containsEntry("windowsWithoutAnswer", 2);
        assertThat(BenchReport.cutOff(List.of(nothing), 2))
                .containsExactly(
                        "16 in flight was cut off: no window had an answer, so there are no figures; see whether the cluster runs.");
    }

    @Test
    void theTableIsAlignedAndNamesItsUnits() {
        Measurement level = new Measurement(4096, 1, 312_345.6, 12_345, 1, 1, 1, 4.256, 0, 0);

        assertThat(BenchReport.table(List.of(level)))
                .containsExactly(
                        "  in flight  per second  p50 µs  p99 µs  p99.9 µs  max µs  CPU s/million",
                        "      4,096     312,346  12,345       1         1       1           4.26");
    }
}
