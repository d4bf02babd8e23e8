package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.port.SignatureChecks.Verdict;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Where signatures are checked.
@Timeout(20)
class SignatureWorkersTest {

    @Test
    void aMachineWithoutProcessorsToSpareChecksAtOnce() {
        assertThat(SignatureWorkers.threadsFor(1)).isZero();
        assertThat(SignatureWorkers.threadsFor(2)).isZero();
        assertThat(SignatureWorkers.threadsFor(4)).isEqualTo(2);
        assertThat(SignatureWorkers.threadsFor(64)).isEqualTo(4);
        try (SignatureWorkers none = new SignatureWorkers("none", 0, () -> {})) {
            assertThat(none.check(1, () -> true)).isEqualTo(Verdict.GENUINE);
            assertThat(none.check(2, () -> false)).isEqualTo(Verdict.FORGED);
        }
    }

    @Test
    void othersCheckElsewhereAndWakeTheLoop() throws Exception {
        CountDownLatch woken = new CountDownLatch(1);
        AtomicReference<Thread> where = new AtomicReference<>();
        try (SignatureWorkers workers = new SignatureWorkers("test", 1, woken::countDown)) {
            Verdict verdict =
                    workers.check(
                            1,
                            () -> {
                                where.set(Thread.currentThread());
                                return true;
                            });
            assertThat(verdict).isEqualTo(Verdict.LATER);
            woken.await();
            assertThat(where.get()).isNotEqualTo(Thread.currentThread());
        }
    }

    @Test
    void whatIsPastTheBoundIsCheckedAtOnce() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicInteger woken = new AtomicInteger();
        try (SignatureWorkers workers = new SignatureWorkers("test", 1, woken::incrementAndGet)) {
            assertThat(workers.check(0, () -> await(begun, mayEnd))).isEqualTo(Verdict.LATER);
            begun.await();
            for (int i = 1; i <= SignatureWorkers.MOST_WAITING; i++) {
                assertThat(workers.check(i, () -> true)).isEqualTo(Verdict.LATER);
            }
            assertThat(workers.check(9_999, () -> false)).isEqualTo(Verdict.FORGED);
            mayEnd.countDown();
        }
    }

    @Test
    void aCheckThatFailsIsAnsweredAllTheSame() throws Exception {
        CountDownLatch woken = new CountDownLatch(2);
        try (SignatureWorkers workers = new SignatureWorkers("test", 1, woken::countDown)) {
            var _ =
                    workers.check(
                            1,
                            () -> {
                                throw new IllegalStateException("a library that breaks");
                            });
            var _ = workers.check(2, () -> true);
            woken.await();
        }
    }

    private static boolean await(CountDownLatch begun, CountDownLatch mayEnd) {
        begun.countDown();
        try {
            mayEnd.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }
}
