package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ProtocolMessage;

import org.junit.jupiter.api.Test;

/// A kind of message is seldom if there was not one among two hundred.
class RarityTest {

    private record Heartbeat() implements ProtocolMessage {}

    private record HandsOver() implements ProtocolMessage {}

    private final Rarity rarity = new Rarity();

    private void hearHeartbeats(int number) {
        for (int i = 0; i < number; i++) {
            rarity.count(new Heartbeat());
        }
    }

    @Test
    void nothingIsSeldomInTheBeginning() {
        hearHeartbeats(199);
        assertThat(rarity.isSeldom(new HandsOver())).isFalse();
    }

    @Test
    void whatIsHeardOnceInTwoHundredIsSeldom() {
        hearHeartbeats(200);
        assertThat(rarity.isSeldom(new HandsOver())).isTrue();
        assertThat(rarity.isSeldom(new HandsOver())).isFalse();
        hearHeartbeats(400);
        assertThat(rarity.isSeldom(new HandsOver())).isTrue();
    }

    @Test
    void whatIsHeardAllTheTimeIsNot() {
        hearHeartbeats(1_000);
        assertThat(rarity.isSeldom(new Heartbeat())).isFalse();
        assertThat(rarity.count(new Heartbeat())).isEqualTo(1_002);
    }
}
