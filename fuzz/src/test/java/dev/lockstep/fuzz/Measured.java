package dev.lockstep.fuzz;

import com.sun.management.ThreadMXBean;

import java.lang.management.ManagementFactory;

/// Runs targets and holds them to their bound on memory.
final class Measured {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// Loading classes and compiling them for coverage allocates on the thread that decodes, once.
    private static final int ATTEMPTS = 4;

    private Measured() {}

    /// As [Target#takes].
    ///
    /// @throws AssertionError if decoding allocated more than the target says it may
    static boolean takes(Target target, byte[] input) throws Exception {
        long most = target.mostAllocatedBytes(input.length);
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            boolean taken = target.takes(input);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            if (least <= most) {
                return taken;
            }
        }
        throw new AssertionError(
                "%s allocates %d bytes for an input of %d, at most %d are allowed"
                        .formatted(target.name(), least, input.length, most));
    }
}
