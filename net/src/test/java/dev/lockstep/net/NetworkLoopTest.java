package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// Who wakes a loop is heard.
@ParameterizedClass
@ValueSource(booleans = {true, false})
@Timeout(20)
class NetworkLoopTest {

    private static final long FOR_EVER_NANOS = 3_600_000_000_000L;

    private final NetworkLoop loop;

    NetworkLoopTest(boolean best) {
        loop = best ? NetworkLoop.create() : NetworkLoop.withNio();
    }

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void aWakeupBetweenTwoPollsEndsTheNext() throws InterruptedException {
        loop.poll(0);
        for (int i = 0; i < 3; i++) {
            Thread waker = Thread.ofPlatform().start(loop::wakeup);
            waker.join();
            loop.wakeup();

            loop.poll(FOR_EVER_NANOS);
        }
    }

    @Test
    void manyWakeupsAreOne() {
        loop.poll(0);
        for (int i = 0; i < 100; i++) {
            loop.wakeup();
        }

        loop.poll(FOR_EVER_NANOS);

        assertThat(loop.poll(0)).isZero();
    }

    @Test
    void aWakeupIsHeardByALoopThatLooksForWork() throws InterruptedException {
        for (int i = 0; i < 1_000; i++) {
            loop.wakeup();
            loop.poll(FOR_EVER_NANOS);
        }
        for (int i = 0; i < 100; i++) {
            Thread waker = Thread.ofPlatform().start(loop::wakeup);

            loop.poll(FOR_EVER_NANOS);

            waker.join();
        }
    }

    @Test
    void aLoopThatLooksForWorkStopsWhenTheWaitIsOver() {
        for (int i = 0; i < 1_000; i++) {
            loop.wakeup();
            loop.poll(FOR_EVER_NANOS);
        }

        for (int i = 0; i < 100; i++) {
            assertThat(loop.poll(1_000)).isZero();
        }
    }

    @Test
    void aWakeupAfterTheEndIsNoError() {
        loop.close();

        loop.wakeup();
        loop.wakeup();
    }
}
