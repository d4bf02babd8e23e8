package dev.lockstep.testkit.simulator;

import dev.lockstep.testkit.simulator.Script.Topic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// The randomness that one run drew, by what it was drawn for.
final class Tape {

    private static final long MOST_OF_A_TOPIC = 1_000_000;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    /// What was drawn on one occasion, as raw bits: an `int` in the upper half and again in the
    /// lower, so that it also serves as a `long`.
    private static final class Strip {
        private long[] bits = new long[3];
        private int size;

        void add(long drawn) {
            if (size == bits.length) {
                bits = Arrays.copyOf(bits, 2 * size);
            }
            bits[size++] = drawn;
        }
    }

    private final TreeMap<Long, List<Strip>> strips = new TreeMap<>();

    static long stream(Topic topic, int index) {
        return topic.ordinal() * MOST_OF_A_TOPIC + index;
    }

    /// How often something was drawn in a stream.
    int count(long stream) {
        return strips.getOrDefault(stream, List.of()).size();
    }

    /// Draws from `source` and writes it down as the next occasion of a stream.
    RandomGenerator record(long stream, SplittableRandom source) {
        Strip strip = new Strip();
        strips.computeIfAbsent(stream, _ -> new ArrayList<>()).add(strip);
        return new Recording(source, strip);
    }

    /// Draws what was written down for one occasion; of what was not, something that depends on
    /// nothing else.
    RandomGenerator play(long stream, int occasion) {
        List<Strip> known = strips.getOrDefault(stream, List.of());
        Strip strip = occasion < known.size() ? known.get(occasion) : new Strip();
        return new Playing(strip, (stream * MIX) ^ occasion);
    }

    /// Draws something that depends on nothing else.
    static RandomGenerator fresh(long stream, int occasion, int luck) {
        return new SplittableRandom(((stream * MIX) ^ occasion) * MIX + luck);
    }

    private record Recording(SplittableRandom source, Strip strip) implements RandomGenerator {
        @Override
        public int nextInt() {
            int drawn = source.nextInt();
            strip.add(((long) drawn << 32) | (drawn & 0xFFFF_FFFFL));
            return drawn;
        }

        @Override
        public long nextLong() {
            long drawn = source.nextLong();
            strip.add(drawn);
            return drawn;
        }
    }

    private static final class Playing implements RandomGenerator {
        private final Strip strip;
        private final SplittableRandom more;
        private int used;

        Playing(Strip strip, long seed) {
            this.strip = strip;
            this.more = new SplittableRandom(seed);
        }

        @Override
        public int nextInt() {
            return (int) (nextLong() >>> 32);
        }

        @Override
        public long nextLong() {
            return used < strip.size ? strip.bits[used++] : more.nextLong();
        }
    }
}
