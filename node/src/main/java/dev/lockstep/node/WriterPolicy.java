package dev.lockstep.node;

/// Decides which thread writes the next group of the journal.
interface WriterPolicy {

    /// Which thread, when `sizeBytes` are to be written.
    ///
    /// @return true for the loop's own
    boolean inline(long sizeBytes);

    /// A group took `nanos` on whichever thread.
    default void onWritten(long nanos) {}

    static WriterPolicy of(JournalThreading threading) {
        return switch (threading) {
            case INLINE -> _ -> true;
            case THREADED -> _ -> false;
            case ADAPTIVE -> new Adaptive();
        };
    }

    /// The loop's own thread while the disk is quick and there is little to write.
    final class Adaptive implements WriterPolicy {

        /// A wake-up of another thread costs some 25 µs each way; a sync that takes much longer
        /// than that delays what else arrives more than the wake-ups do.
        static final long QUICK_NANOS = 1_000_000;

        /// More than this takes the disk long enough for the loop to be of use elsewhere.
        static final long SMALL_BYTES = 256 << 10;

        /// A new measurement counts one in so many: few enough to notice a slow disk at once, many
        /// enough to forget a hiccup.
        private static final int WEIGHT = 8;

        /// How long a group took lately; -1 before the first.
        private long typicalNanos = -1;

        @Override
        public boolean inline(long sizeBytes) {
            return sizeBytes <= SMALL_BYTES && typicalNanos <= QUICK_NANOS;
        }

        @Override
        public void onWritten(long nanos) {
            typicalNanos =
                    typicalNanos < 0 ? nanos : typicalNanos + (nanos - typicalNanos) / WEIGHT;
        }
    }
}
