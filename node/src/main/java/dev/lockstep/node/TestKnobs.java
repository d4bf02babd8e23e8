package dev.lockstep.node;

import dev.lockstep.journal.JournalOptions;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/// What only tests of whole processes set, by system properties of the node's process:
///
/// - `lockstep.test.clock-offset-file`: a file with the milliseconds by which this node's wall
///   clock is wrong, see [ClockOffset].
/// - `lockstep.test.segment-bytes`: the size of the journal's segments, so that the disk is asked
///   for room every few seconds and not every few minutes.
/// - `lockstep.test.fixed-addresses`: if `true`, other replicas are dialled where the configuration
///   says and nowhere else, so that something may stand between.
/// - `lockstep.test.misconduct`: what this node does on purpose that it should not, a word of
///   [Misconduct].
/// - `lockstep.test.signature-threads`: how many threads check signatures, instead of as many as
/// the
///   machine has to spare.
///
/// They are no part of the configuration because no cluster is to be operated with them.
final class TestKnobs {

    private static final String CLOCK_OFFSET_FILE = "lockstep.test.clock-offset-file";
    private static final String SEGMENT_BYTES = "lockstep.test.segment-bytes";
    private static final String FIXED_ADDRESSES = "lockstep.test.fixed-addresses";

    private static final String MISCONDUCT = "lockstep.test.misconduct";
    private static final String SIGNATURE_THREADS = "lockstep.test.signature-threads";

    private TestKnobs() {}

    /// Null unless it is set, which it never is in production.
    static @Nullable ClockOffset clockOffset() {
        String file = System.getProperty(CLOCK_OFFSET_FILE);
        return file == null ? null : new ClockOffset(Path.of(file));
    }

    static int segmentBytes() {
        return Integer.getInteger(SEGMENT_BYTES, JournalOptions.DEFAULT.segmentBytes());
    }

    static int signatureThreads() {
        return Integer.getInteger(
                SIGNATURE_THREADS,
                SignatureWorkers.threadsFor(Runtime.getRuntime().availableProcessors()));
    }

    static Misconduct misconduct() {
        return Misconduct.of(System.getProperty(MISCONDUCT, Misconduct.NONE.word()));
    }

    static boolean fixedAddresses() {
        return Boolean.getBoolean(FIXED_ADDRESSES);
    }
}
