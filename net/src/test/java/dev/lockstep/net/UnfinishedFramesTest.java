package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class UnfinishedFramesTest {

    private final UnfinishedFrames frames = new UnfinishedFrames(1_000_000);
    private final List<String> given = new ArrayList<>();

    private final class Fake implements UnfinishedFrames.Holder {
        private final String name;
        private int bytes;

        Fake(String name) {
            this.name = name;
        }

        void keep(int now) {
            int before = bytes;
            bytes = now;
            frames.changed(this, before);
        }

        @Override
        public int keptBytes() {
            return bytes;
        }

        @Override
        public void giveUp(String why) {
            given.add(name);
            assertThat(why).contains("at most 1000000");
            keep(0);
        }
    }

    @Test
    void theLargestIsGivenUpWhenAllTogetherHoldTooMuch() {
        Fake small = new Fake("small");
        Fake large = new Fake("large");
        Fake growing = new Fake("growing");
        small.keep(10_000);
        large.keep(600_000);
        growing.keep(389_000);
        assertThat(given).isEmpty();
        growing.keep(391_000);
        assertThat(given).containsExactly("large");
        large.keep(500_000);
        assertThat(given).containsExactly("large");
    }

    @Test
    void whoGrowsMostIsGivenUpItself() {
        Fake alone = new Fake("alone");
        alone.keep(2_000_000);
        assertThat(given).containsExactly("alone");
        alone.keep(900_000);
        assertThat(given).hasSize(1);
    }
}
