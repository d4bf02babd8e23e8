package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.stability.StabilityMessage.Commit;
import dev.lockstep.ordering.stability.StabilityMessage.Propose;
import dev.lockstep.ordering.stability.StabilityMessage.ProposeAck;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a member's journal is worth when it is the last one.
class AloneTest {

    private static void assertComesToAnEnd(Theatre theatre, int id) {
        theatre.read(id, 7);
        theatre.live(id);
        assertThat(theatre.isReadable(id, 7)).isTrue();
    }

    /// Its candidate may have been the one that the dead coordinator decided.
    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void whatItGaveACandidateIsHeld(String order) {
        Theatre theatre = new Theatre(order, 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.settle(1, 2, 3);
        theatre.live(1, 2, 3);
        theatre.submit(1, "b");
        theatre.sync(1);
        assertThat(theatre.pass(1, 2, Propose.class)).isTrue();
        theatre.sync(2);
        theatre.crash(2);

        theatre.restart(2);
        theatre.live(2);
        assertThat(theatre.delivered(2)).as("as one of three").containsExactly("a");

        theatre.restartAlone(2);
        assertComesToAnEnd(theatre, 2);
        assertThat(theatre.delivered(2)).containsExactly("a", "b");
    }

    /// What it coordinated itself, and what it heard to be decided.
    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void itsOwnAndWhatIsDecidedAreHeld(String order) {
        Theatre theatre = new Theatre(order, 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.submit(3, "b");
        theatre.sync(1);
        theatre.sync(3);
        assertThat(theatre.pass(1, 2, Propose.class)).isTrue();
        theatre.sync(2);
        assertThat(theatre.pass(2, 1, ProposeAck.class)).isTrue();
        theatre.sync(1);
        assertThat(theatre.pass(1, 3, Commit.class)).isTrue();
        theatre.sync(3);
        theatre.crash(3);

        theatre.restartAlone(3);
        assertComesToAnEnd(theatre, 3);
        assertThat(theatre.delivered(3)).containsExactlyInAnyOrder("a", "b");
    }

    /// A decision of which it has the name and not the command: that is lost, and nothing waits
    /// for it.
    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void whatIsOnlyKnownByNameIsLost(String order) {
        Theatre theatre = new Theatre(order, 3, 1, Rules.CORRECT);
        theatre.submit(2, "mine");
        theatre.sync(2);
        theatre.say(1, 2, new Commit(new CommandId(new ReplicaId(1), 1), 1, null));
        theatre.sync(2);
        theatre.crash(2);

        theatre.restartAlone(2);
        assertComesToAnEnd(theatre, 2);
        assertThat(theatre.delivered(2)).containsExactly("mine");
    }

    /// The one before it was never heard of: it takes a position and does not count.
    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void nobodyWaitsForWhatIsLostBeforeIt(String order) {
        Theatre theatre = new Theatre(order, 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.submit(1, "b");
        theatre.sync(1);
        theatre.say(1, 2, theatre.onTheWay(1, 2).get(1));
        theatre.sync(2);
        theatre.submit(2, "mine");
        theatre.sync(2);
        theatre.crash(2);

        theatre.restartAlone(2);
        assertComesToAnEnd(theatre, 2);
        assertThat(theatre.delivered(2)).contains("mine").doesNotContain("a", "b");
    }
}
