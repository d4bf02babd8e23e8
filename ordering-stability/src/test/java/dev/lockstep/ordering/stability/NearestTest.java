package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Effect;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// What a command waits for while nobody else asks: one round trip to the nearest other member.
class NearestTest {

    private static final long MS = 1_000_000L;
    private static final long WITH_SECOND = 0b011;
    private static final long WITH_THIRD = 0b101;

    private Peers peers;

    @BeforeEach
    void firstOfThree() {
        Setup setup =
                Setup.of(
                        new OrderingContext(
                                new ReplicaId(1),
                                Epoch.FIRST,
                                new Membership(List.of(member(1), member(2), member(3))),
                                new ReplicaId(1),
                                new SplittableRandom(1),
                                new TreeMap<>(),
                                true),
                        new LogicalClock(),
                        Rules.CORRECT);
        Turn turn = new Turn();
        turn.begin(new Now(MS, MS), new Nothing());
        peers = new Peers(setup, turn, new AgreedClock(setup, turn));
        peers.onBack(1);
        peers.onBack(2);
    }

    private static Member member(int id) {
        return new Member(new ReplicaId(id), new Incarnation(1, id));
    }

    /// Nothing is to be said or written here.
    private static final class Nothing implements Outbox<StabilityMessage, StabilityRecord> {

        @Override
        public void emit(Effect<StabilityMessage, StabilityRecord> effect) {
            throw new AssertionError(effect);
        }

        @Override
        public long persist(StabilityRecord record) {
            throw new AssertionError(record);
        }
    }

    @Test
    void the_nearest_is_found_though_another_was_asked_first() {
        assertThat(peers.fastQuorum()).isEqualTo(WITH_SECOND);
        peers.onRoundTrip(1, 130 * MS);
        assertThat(peers.fastQuorum())
                .as("how far the third is, is not known")
                .isEqualTo(WITH_THIRD);
        peers.onRoundTrip(2, 64 * MS);
        assertThat(peers.fastQuorum()).isEqualTo(WITH_THIRD);
    }

    @Test
    void who_is_tried_and_is_further_is_left_alone() {
        assertThat(peers.fastQuorum()).isEqualTo(WITH_SECOND);
        peers.onRoundTrip(1, 64 * MS);
        assertThat(peers.fastQuorum()).isEqualTo(WITH_THIRD);
        peers.onRoundTrip(2, 130 * MS);
        assertThat(peers.fastQuorum()).isEqualTo(WITH_SECOND);
    }

    @Test
    void who_lives_and_never_acknowledges_is_not_tried_for_ever() {
        assertThat(peers.fastQuorum()).isEqualTo(WITH_SECOND);
        peers.onRoundTrip(1, 64 * MS);
        int tried = 0;
        while (peers.fastQuorum() == WITH_THIRD) {
            tried++;
            assertThat(tried).isLessThan(100);
        }
        assertThat(tried).isPositive();
        assertThat(peers.fastQuorum()).isEqualTo(WITH_SECOND);
    }

    @Test
    void the_dead_are_not_tried() {
        peers.onRoundTrip(1, 64 * MS);
        peers.onLost(2);
        assertThat(peers.fastQuorum()).isEqualTo(WITH_SECOND);
    }

    /// Else the coordinator would wait for the next heartbeat to know that what it decided is
    /// stable.
    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "replica-ids"})
    void an_acknowledgement_says_that_the_floor_has_passed_its_candidate(String order) {
        Theatre theatre = new Theatre(order, 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.sync(1);
        assertThat(theatre.pass(1, 2, StabilityMessage.Propose.class)).isTrue();
        theatre.sync(2);
        assertThat(theatre.pass(2, 1, StabilityMessage.ProposeAck.class)).isTrue();
        theatre.sync(1);
        assertThat(theatre.delivered(1)).containsExactly("a");
    }
}
