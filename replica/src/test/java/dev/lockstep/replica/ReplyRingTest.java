package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Replies come back as they were remembered, in whatever way the ring wraps and grows.
class ReplyRingTest {

    @Property
    void repliesComeBack(
            @ForAll @LongRange(min = 1, max = 1L << 40) long start,
            @ForAll @Size(max = 300) List<@IntRange(min = -12, max = 90) Integer> orders) {
        ReplyRing ring = new ReplyRing(start);
        TreeMap<Long, byte[]> model = new TreeMap<>();
        long next = start;
        for (int order : orders) {
            if (order < 0) {
                long through = next - 1 + order / 2;
                ring.forgetThrough(through);
                model.headMap(through, true).clear();
            } else {
                byte[] reply = new byte[order < 85 ? order : ReplyRing.LARGE_BYTES + order];
                Arrays.fill(reply, (byte) next);
                ring.append(reply.length % 3, next * 7, reply, 0, reply.length);
                model.put(next++, reply);
            }
            check(ring, model, next);
        }
    }

    private static void check(ReplyRing ring, Map<Long, byte[]> model, long next) {
        assertThat(ring.next()).isEqualTo(next);
        assertThat(ring.count()).isEqualTo(model.size());
        assertThat(ring.bytes())
                .isEqualTo(model.values().stream().mapToLong(reply -> reply.length).sum());
        model.forEach(
                (sequence, reply) -> {
                    assertThat(ring.contains(sequence)).isTrue();
                    int offset = ring.offset(sequence);
                    int length = ring.length(sequence);
                    assertThat(Arrays.copyOfRange(ring.array(sequence), offset, offset + length))
                            .isEqualTo(reply);
                    assertThat(ring.status(sequence)).isEqualTo(reply.length % 3);
                    assertThat(ring.position(sequence)).isEqualTo(sequence * 7);
                });
        assertThat(ring.contains(next)).isFalse();
    }

    @Test
    void aSteadyWindowNeedsNoMoreMemory() {
        ReplyRing ring = new ReplyRing(1);
        byte[] reply = new byte[20];
        int settled = 0;
        for (int i = 1; i <= 10_000; i++) {
            ring.append(0, i, reply, 0, reply.length);
            ring.forgetThrough(i - 16);
            if (i == 1_000) {
                settled = ring.capacityBytes();
            }
        }
        assertThat(ring.capacityBytes()).isEqualTo(settled).isLessThan(2_048);
    }

    @Test
    void memoryOfLargeRepliesIsGivenBack() {
        ReplyRing ring = new ReplyRing(1);
        int most = ReplyRing.LARGE_BYTES - 1;
        for (int i = 1; i <= 64; i++) {
            ring.append(0, i, new byte[most], 0, most);
        }
        ring.forgetThrough(64);
        assertThat(ring.capacityBytes()).isLessThan(1_024);
        assertThat(ring.next()).isEqualTo(65);
    }

    /// Not twice as much, nor for a moment three times.
    @Test
    void largeRepliesTakeNoMoreThanTheyAre() {
        ReplyRing ring = new ReplyRing(1);
        for (int i = 1; i <= 64; i++) {
            ring.append(0, i, new byte[1 << 20], 0, 1 << 20);
        }
        assertThat(ring.bytes()).isEqualTo(64L << 20);
        assertThat(ring.capacityBytes()).isLessThan(1_024);
        assertThat(ring.array(64)).hasSize(1 << 20);
    }
}
