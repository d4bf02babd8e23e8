package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.List;

/// What follows from the delays between three sites.
class SitesTest {

    private static final Sites CITIES = Sites.parse(List.of("32", "35", "65"));

    @Test
    void delaysGoBothWays() {
        assertThat(CITIES.delay(1, 2)).isEqualTo(32);
        assertThat(CITIES.delay(2, 1)).isEqualTo(32);
        assertThat(CITIES.delay(1, 3)).isEqualTo(35);
        assertThat(CITIES.delay(3, 2)).isEqualTo(65);
        assertThat(CITIES.delay(2, 2)).isZero();
        assertThat(CITIES.longest()).isEqualTo(65);
    }

    @Test
    void aLeaderIsFarForThoseWhoAreElsewhere() {
        assertThat(CITIES.withLeader(1, 1)).isEqualTo(64);
        assertThat(CITIES.withLeader(2, 1)).isEqualTo(128);
        assertThat(CITIES.withLeader(3, 1)).isEqualTo(134);
        assertThat(CITIES.withLeader(1, 3)).isEqualTo(140);
    }

    @Test
    void whoIsAloneWaitsForTheNearest() {
        assertThat(CITIES.alone(1)).isEqualTo(64);
        assertThat(CITIES.alone(2)).isEqualTo(64);
        assertThat(CITIES.alone(3)).isEqualTo(70);
    }

    @Test
    void amongOthersItWaitsForTheirSmallerIdsAtWorst() {
        // Its nearest other has just begun one of its own: there, to here and back, and back.
        assertThat(CITIES.contended(1)).isEqualTo(64 + 64);
        // Site 3's came to site 1 before: once around.
        assertThat(CITIES.contended(2)).isEqualTo(32 + 35 + 65);
        assertThat(CITIES.contended(3)).isEqualTo(70 + 64);
    }

    @Test
    void withClocksASmallerIdWasAskedForEarlier() {
        assertThat(CITIES.contendedByTime(1)).isEqualTo(32 + 35 + 35);
        assertThat(CITIES.contendedByTime(2)).isEqualTo(32 + 35 + 65);
        assertThat(CITIES.contendedByTime(3)).isEqualTo(35 + 32 + 65);
    }

    @Test
    void everyOrderHasItsFormula() {
        assertThat(Orders.quiet(CITIES, "leader", 2, 1)).isEqualTo(128);
        assertThat(Orders.contended(CITIES, "leader", 2, 1)).isEqualTo(128);
        assertThat(Orders.quiet(CITIES, "replica-ids", 2, 0)).isEqualTo(64);
        assertThat(Orders.contended(CITIES, "replica-ids", 1, 0)).isEqualTo(128);
        assertThat(Orders.contended(CITIES, "synchronized-clock", 1, 0)).isEqualTo(102);
    }

    @Test
    void delaysThatCannotBeAreRefusedInASentence() {
        assertThatThrownBy(() -> Sites.parse(List.of("1", "2")))
                .hasMessageStartingWith("--sites wants three delays")
                .hasMessageEndingWith("not 2");
        assertThatThrownBy(() -> Sites.parse(List.of("1", "2", "far")))
                .hasMessage("--sites wants milliseconds, such as 32,35,65, not far");
        assertThatThrownBy(() -> Sites.parse(List.of("1", "2", "-3")))
                .hasMessage("a delay of --sites is from 0 to 1000 ms, not -3.0");
        assertThatThrownBy(() -> Sites.parse(List.of("1", "2", "NaN")))
                .hasMessageContaining("not NaN");
    }
}
