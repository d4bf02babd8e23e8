package dev.lockstep.testkit.junit;

import org.jspecify.annotations.Nullable;

/// One seed of a [SimulatedTest] failed: the message says which, why, how to run it again, and
/// where its story is. The cause is what the test threw, if it threw something.
final class SimulatedTestFailure extends AssertionError {

    private static final long serialVersionUID = 1L;

    /// @param frames of the test: those of this class and the reflection around it help nobody
    SimulatedTestFailure(String message, @Nullable Throwable cause, StackTraceElement... frames) {
        super(message, cause);
        setStackTrace(frames);
    }
}
