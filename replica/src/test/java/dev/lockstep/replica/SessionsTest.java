package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The table finds what has expired, and holds no more than it says.
class SessionsTest {

    private static Session found(@Nullable Session session) {
        if (session == null) {
            throw new AssertionError("no such session");
        }
        return session;
    }

    @Test
    void sessionsExpireInTheOrderOfTheirTimes() {
        Sessions sessions = new Sessions();
        for (int i = 1; i <= 5; i++) {
            sessions.open(i, 0, 100 + i, 60 - 10 * i, 1_000);
        }
        found(sessions.find(5)).hear(1_005, 0);
        assertThat(sessions.expiredAt(1_014)).isNull();
        assertThat(sessions.nextExpiryNanos(1_014)).isGreaterThan(1_014);
        assertThat(found(sessions.expiredAt(1_030)).id()).isEqualTo(5);
        sessions.end(found(sessions.find(5)));
        assertThat(found(sessions.expiredAt(1_030)).id()).isEqualTo(4);
        sessions.end(found(sessions.find(4)));
        assertThat(found(sessions.expiredAt(1_030)).id()).isEqualTo(3);
        sessions.end(found(sessions.find(3)));
        assertThat(sessions.expiredAt(1_030)).isNull();
        assertThat(sessions.nextExpiryNanos(2_000)).isEqualTo(1_040);
    }

    @Test
    void thereAreAsManySessionsAsTheBoundSays() {
        Sessions sessions = new Sessions();
        for (int i = 1; i < Sessions.MAX_SESSIONS; i++) {
            sessions.open(i, 0, i, 10, 0);
        }
        assertThat(sessions.whyFull(0)).isNull();
        sessions.open(Sessions.MAX_SESSIONS, 0, 0, 10, 0);
        assertThat(sessions.whyFull(0)).isNotNull();
        sessions.end(found(sessions.find(7)));
        assertThat(sessions.whyFull(0)).isNull();
        assertThat(sessions.find(7)).isNull();
        assertThat(sessions.opened(0, 7)).isNull();
    }

    @Test
    void aSessionThatWasClosedLeavesTheQueueOfExpiries() {
        Sessions sessions = new Sessions();
        for (int i = 1; i <= 100_000; i++) {
            sessions.open(i, 0, i, 1L << 50, 0);
            sessions.end(found(sessions.find(i)));
        }
        assertThat(sessions.queuedExpiries()).isLessThan(2_000);
        assertThat(sessions.nextExpiryNanos(Long.MAX_VALUE - 1)).isEqualTo(Long.MAX_VALUE);
    }
}
