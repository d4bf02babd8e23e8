package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;

import org.junit.jupiter.api.Test;

/// A batch counts as executed from its first delivery on, whatever boots come between.
class DeliveredBatchesTest {

    private static BatchId id(int origin, int boot, long sequence) {
        return new BatchId(new ReplicaId(origin), new Incarnation(1, origin), boot, sequence);
    }

    @Test
    void aBatchIsExecutedOnce() {
        DeliveredBatches batches = new DeliveredBatches();
        assertThat(batches.add(id(1, 1, 1))).isTrue();
        assertThat(batches.add(id(1, 1, 1))).isFalse();
        assertThat(batches.add(id(2, 1, 1))).isTrue();
        assertThat(batches.add(id(1, 2, 1))).isTrue();
        assertThat(batches.add(id(1, 1, 3))).isTrue();
        assertThat(batches.add(id(1, 1, 2))).isFalse();
        assertThat(batches.add(id(1, 0, 1))).isTrue();
        assertThat(batches.add(id(1, 0, 1))).isFalse();
        assertThat(batches.add(id(1, 2, 1))).isFalse();
    }

    @Test
    void theOldestBootsAreForgottenAndCountAsExecuted() {
        DeliveredBatches batches = new DeliveredBatches();
        assertThat(batches.add(id(1, 0, 1))).isTrue();
        for (int boot = 2; boot <= DeliveredBatches.MAX_BOOTS + 1; boot++) {
            assertThat(batches.add(id(1, boot, 1))).isTrue();
        }
        assertThat(batches.add(id(1, 1, 1))).isFalse();
        assertThat(batches.add(id(1, DeliveredBatches.MAX_BOOTS + 2, 1))).isTrue();
        assertThat(batches.add(id(1, 2, 9))).isFalse();
        assertThat(batches.add(id(1, 3, 9))).isTrue();
        assertThat(batches.add(id(1, 0, 1))).isFalse();
        assertThat(batches.add(id(2, 1, 1))).isTrue();
    }

    @Test
    void whatIsWrittenIsRead() {
        DeliveredBatches batches = new DeliveredBatches();
        assertThat(batches.add(id(1, 1, 5))).isTrue();
        assertThat(batches.add(id(2, 3, 7))).isTrue();
        BytesWriter written = new BytesWriter(64);
        batches.encode(written);
        DeliveredBatches read = new DeliveredBatches();
        read.decode(new BytesReader(written.toBytes()));
        assertThat(read.add(id(1, 1, 5))).isFalse();
        assertThat(read.add(id(2, 3, 8))).isTrue();
    }
}
