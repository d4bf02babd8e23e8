package dev.lockstep.testkit.disk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.TreeMap;

class DiskBoundTest {

    private static DiskUsage usage(Map<String, Long> sizes) {
        return DiskUsage.of(new TreeMap<>(sizes));
    }

    @Test
    void theLastTwoSnapshotsStayAndWhatElseThereIsOfThemPasses() {
        DiskUsage usage =
                usage(
                        Map.of(
                                "00-7.seg", 4_096L,
                                "00-7.idx", 100L,
                                "identity", 10L,
                                "snapshot-0000000000000000003.snap", 900L,
                                "snapshot-0000000000000000005.snap", 500L,
                                "snapshot-0000000000000000008.snap", 600L,
                                "snapshot-0000000000000000009.new", 70L,
                                "snapshot-0000000000000000002.bad", 8L,
                                "lost-2-00-1.seg", 3_000L));
        assertThat(usage).isEqualTo(new DiskUsage(4_206, 1_100, 600, 3_978));
        assertThat(usage.total()).isEqualTo(9_284);
    }

    @Test
    void thereIsRoomForTwiceTheStateAndTheWindow() {
        DiskBound bound = new DiskBound(1_000, 100);
        assertThat(bound.window()).isEqualTo(4_400);
        assertThat(bound.exceeded(new DiskUsage(4_400, 0, 0, 0), 0)).isEmpty();
        assertThat(bound.exceeded(new DiskUsage(4_401, 0, 0, 0), 0)).isPresent();
        assertThat(bound.exceeded(new DiskUsage(4_400, 200, 100, 9_999), 100)).isEmpty();
        assertThat(bound.exceeded(new DiskUsage(4_401, 200, 100, 0), 100))
                .hasValue(
                        "4401 bytes of journal and 200 of snapshots, more than twice the state (100)"
                                + " and a window of 4400 bytes");
    }
}
