package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// How fast history is fetched. Every answer here has ten entries of 1,000 bytes.
class FetchPaceTest {

    private static final long MILLISECOND = 1_000_000L;
    private static final long ALLOWED = 1_000_000;

    private final FetchPace pace = new FetchPace(ALLOWED);

    private long answerAt(long millis, long through) {
        return pace.nanosFor(new Now(millis * MILLISECOND, 0), tenKilobytes(), through);
    }

    private static List<HistoryEntry> tenKilobytes() {
        ReplicaId origin = new ReplicaId(1);
        List<HistoryEntry> entries = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            BatchId id = new BatchId(origin, Group.incarnation(origin), 1, i);
            Batch batch = Batch.of(id, 0, Bytes.wrap(new byte[1_000]));
            entries.add(new HistoryEntry(i, batch, 0, Bytes.EMPTY));
        }
        return entries;
    }

    @Test
    void noFasterThanAllowedWhileTheClusterIsSlow() {
        // Ten positions a second.
        for (int i = 0; i < 100; i++) {
            assertThat(answerAt(10L * i, 1_000 + i / 10)).isEqualTo(10 * MILLISECOND);
        }
    }

    @Test
    void twiceAsFastAsAClusterThatIsFaster() {
        // 4,000 positions a second are 4 MB a second.
        for (int i = 0; i <= 20; i++) {
            answerAt(10L * i, 1_000 + 40L * i);
        }
        assertThat(answerAt(210, 1_840)).isEqualTo(10_000 * 1_000L / 8);
    }

    @Test
    void whatAClusterDoesBetweenTwoTimesOfFetchingSaysNothing() {
        for (int i = 0; i < 15; i++) {
            answerAt(10L * i, 1_000);
        }
        pace.rest();
        assertThat(answerAt(60_000, 900_000)).isEqualTo(10 * MILLISECOND);
        for (int i = 1; i <= 21; i++) {
            assertThat(answerAt(60_000 + 10L * i, 900_000)).isEqualTo(10 * MILLISECOND);
        }
    }
}
