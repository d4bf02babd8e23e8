package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

/// The bounds on what all connections owe together.
final class ReplyRoomTest {

    private static final int MOST_BYTES = 1 << 20;

    private final ReplyRoom room = new ReplyRoom(List.of(), MOST_BYTES);

    @Test
    void noReplyIsKeptBeyondTheBound() {
        assertThat(room.takes(MOST_BYTES)).isTrue();
        room.add(MOST_BYTES - 100);
        assertThat(room.takes(100)).isTrue();
        assertThat(room.takes(101)).isFalse();
        room.add(-1);
        assertThat(room.takes(101)).isTrue();
    }

    @Test
    void whatMayBringMuchWaitsSoonerThanWhatBringsLittle() {
        room.add(MOST_BYTES / 2);
        assertThat(room.mayAsk(100)).isTrue();
        assertThat(room.mayAsk(100_000)).isFalse();
        room.add(MOST_BYTES / 4);
        assertThat(room.mayAsk(100)).isFalse();
    }
}
