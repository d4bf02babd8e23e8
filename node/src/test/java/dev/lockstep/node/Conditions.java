package dev.lockstep.node;

import static org.assertj.core.api.Assertions.fail;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for what another thread brings about.
final class Conditions {

    private static final long DEADLINE_NANOS = 60_000_000_000L;

    private Conditions() {}

    static void await(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > DEADLINE_NANOS) {
                fail("not within 60 s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
