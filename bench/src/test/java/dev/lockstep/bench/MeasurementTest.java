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
                        new Measurement(16, 1, 100, 9, 1, 1, 1, 3, 1),
                        new Measurement(16, 1, 300, 7, 1, 1, 1, 1, 0),
                        new Measurement(16, 1, 200, 8, 1, 1, 1, 2, 2));

        assertThat(Measurement.medianOf(windows))
                .isEqualTo(new Measurement(16, 1, 200, 8, 1, 1, 1, 2, 3));
        assertThat(Measurement.median(List.of(4.0, 1.0))).isEqualTo(2.5);
    }

    @Test
    void theTableIsAlignedAndNamesItsUnits() {
        Measurement level = new Measurement(4096, 1, 312_345.6, 12_345, 1, 1, 1, 4.256, 0);

        assertThat(BenchReport.table(List.of(level)))
                .containsExactly(
                        "  in flight  per second  p50 µs  p99 µs  p99.9 µs  max µs  CPU s/million",
                        "      4,096     312,346  12,345       1         1       1           4.26");
    }
}
