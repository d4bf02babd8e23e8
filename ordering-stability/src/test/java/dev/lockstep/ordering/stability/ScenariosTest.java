package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.ordering.stability.StabilityMessage.Commit;
import dev.lockstep.ordering.stability.StabilityMessage.Consensus;
import dev.lockstep.ordering.stability.StabilityMessage.ConsensusAck;
import dev.lockstep.ordering.stability.StabilityMessage.Propose;
import dev.lockstep.ordering.stability.StabilityMessage.ProposeAck;
import dev.lockstep.ordering.stability.StabilityMessage.Recover;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/// The rules as schedules that can be read, with those that chance does not find.
class ScenariosTest {

    private static final CommandId FIRST = new CommandId(new ReplicaId(1), 1);

    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void what_any_member_orders_all_deliver_in_one_order(String order) {
        Theatre theatre = new Theatre(order, 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.submit(2, "b");
        theatre.submit(3, "c");
        theatre.submit(1, "d");
        theatre.settle(1, 2, 3);
        theatre.live(1, 2, 3);
        assertThat(theatre.delivered(1)).containsExactlyInAnyOrder("a", "b", "c", "d");
        assertThat(theatre.delivered(2)).isEqualTo(theatre.delivered(1));
        assertThat(theatre.delivered(3)).isEqualTo(theatre.delivered(1));
        assertThat(theatre.delivered(1).indexOf("a")).isLessThan(theatre.delivered(1).indexOf("d"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void a_coordinators_death_leaves_its_command_to_the_others(String order) {
        Theatre theatre = new Theatre(order, 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.sync(1);
        assertThat(theatre.pass(1, 2, Propose.class)).isTrue();
        theatre.crash(1);
        theatre.submit(3, "b");
        theatre.live(2, 3);
        assertThat(theatre.delivered(2)).containsExactlyInAnyOrder("a", "b");
        assertThat(theatre.delivered(3)).isEqualTo(theatre.delivered(2));
    }

    @Test
    void nothing_is_proposed_before_it_is_durable() {
        Theatre theatre = new Theatre("logical-clock", 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        assertThat(theatre.pass(1, 2, Propose.class)).isFalse();
        theatre.sync(1);
        assertThat(theatre.pass(1, 2, Propose.class)).isTrue();
        assertThat(theatre.pass(2, 1, ProposeAck.class)).isFalse();
        theatre.sync(2);
        assertThat(theatre.pass(2, 1, ProposeAck.class)).isTrue();
        assertThat(theatre.pass(1, 3, Commit.class)).as("a decision is durable first").isFalse();
        theatre.sync(1);
        assertThat(theatre.pass(1, 3, Commit.class)).isTrue();
    }

    /// The batches of an origin keep their order though the network overtakes: who has not heard of
    /// a batch makes no candidate for the one after it.
    @Test
    void a_batch_that_overtook_its_predecessor_waits_for_it() {
        Theatre theatre = new Theatre("replica-ids", 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.submit(1, "b");
        theatre.sync(1);
        StabilityMessage.Body a = theatre.onTheWay(1, 2).getFirst();
        StabilityMessage.Body b = theatre.onTheWay(1, 2).get(1);
        theatre.say(1, 2, b);
        theatre.sync(2);
        assertThat(theatre.onTheWay(2, 1)).noneMatch(ProposeAck.class::isInstance);
        theatre.say(1, 2, a);
        theatre.settle(1, 2, 3);
        theatre.live(1, 2, 3);
        assertThat(theatre.delivered(1)).containsExactly("a", "b");
        assertThat(theatre.delivered(3)).isEqualTo(theatre.delivered(1));
    }

    /// Nobody but a dead coordinator knows the batch before: the command is finished all the same
    /// and counts for nothing.
    @Test
    void a_batch_without_its_predecessor_leaves_its_position_empty() {
        Theatre theatre = new Theatre("replica-ids", 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.submit(1, "b");
        theatre.sync(1);
        theatre.say(1, 2, theatre.onTheWay(1, 2).get(1));
        theatre.crash(1);
        theatre.submit(3, "c");
        theatre.live(2, 3);
        assertThat(theatre.delivered(2)).containsExactlyInAnyOrder("", "c");
        assertThat(theatre.delivered(3)).isEqualTo(theatre.delivered(2));
    }

    /// A coordinator that forgets its decision takes part in a recovery that finds another.
    @Test
    void a_forgotten_decision_was_heard_by_nobody() {
        assertThat(amnesia(Rules.CORRECT)).as("times heard").isZero();
        assertThat(amnesia(Mutant.DISCLOSES_BEFORE_THE_DECISION_IS_DURABLE.rules())).isOne();
    }

    private static int amnesia(Rules rules) {
        Theatre theatre = new Theatre("replica-ids", 3, 1, rules);
        theatre.submit(1, "a");
        theatre.sync(1);
        assertThat(theatre.pass(1, 2, Propose.class)).isTrue();
        theatre.sync(2);
        assertThat(theatre.pass(2, 1, ProposeAck.class)).isTrue();
        theatre.crash(1);
        return theatre.pass(1, 3, Commit.class) ? 1 : 0;
    }

    /// A recovery has begun before the proposal comes: ballot 0 is over there.
    @Test
    void a_proposal_is_not_acknowledged_after_a_promise() {
        assertThat(isAcknowledgedLate(Rules.CORRECT)).isFalse();
        assertThat(isAcknowledgedLate(Mutant.ACKNOWLEDGES_LATE.rules())).isTrue();
    }

    private static boolean isAcknowledgedLate(Rules rules) {
        Theatre theatre = new Theatre("logical-clock", 3, 1, rules);
        theatre.submit(1, "a");
        theatre.sync(1);
        Command command = ((Propose) theatre.onTheWay(1, 2).getFirst()).command();
        theatre.say(3, 2, new Recover(command, 11));
        theatre.sync(2);
        assertThat(theatre.pass(1, 2, Propose.class)).isTrue();
        theatre.sync(2);
        return theatre.onTheWay(2, 1).stream().anyMatch(ProposeAck.class::isInstance);
    }

    /// Two members whose candidates differ: the larger one wins, at whoever recovers.
    @Test
    void a_recovery_finds_what_the_fast_path_decided() {
        Theatre theatre = new Theatre("replica-ids", 3, 1, Rules.CORRECT);
        // 2 has counted further than the others.
        theatre.submit(2, "x");
        theatre.submit(2, "y");
        theatre.sync(2);
        theatre.submit(1, "a");
        theatre.sync(1);
        assertThat(theatre.pass(1, 2, Propose.class)).isTrue();
        theatre.sync(2);
        assertThat(theatre.pass(2, 1, ProposeAck.class)).isTrue();
        theatre.sync(1);
        Commit decided =
                (Commit)
                        theatre.onTheWay(1, 3).stream()
                                .filter(Commit.class::isInstance)
                                .findFirst()
                                .orElseThrow();
        theatre.crash(1);
        theatre.live(2, 3);
        assertThat(theatre.delivered(3)).contains("a");
        assertThat(theatre.decided(FIRST)).containsExactly(decided.timestamp());
    }

    @Test
    void a_member_that_restarts_delivers_the_same_again() {
        Theatre theatre = new Theatre("logical-clock", 3, 1, Rules.CORRECT);
        for (String text : List.of("a", "b", "c")) {
            theatre.submit(1, text);
            theatre.settle(1, 2, 3);
        }
        List<String> before = List.copyOf(theatre.delivered(2));
        assertThat(before).containsExactly("a", "b", "c");
        theatre.crash(2);
        theatre.restart(2);
        assertThat(theatre.delivered(2)).isEqualTo(before);
        theatre.submit(2, "d");
        theatre.live(1, 2, 3);
        assertThat(theatre.delivered(3)).containsExactly("a", "b", "c", "d");
    }

    /// What cannot be read of another member's history is not taken, and asked for again: the host
    /// asks the next member then (`HistoryTest` in `replica`).
    @Test
    void history_that_cannot_be_read_is_asked_for_again() {
        Theatre theatre = new Theatre("replica-ids", 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.settle(1, 2);
        theatre.live(1, 2);
        theatre.live(1, 2, 3);
        HistoryEntry good = theatre.history(1, 1);
        assertThat(theatre.delivered(3)).as("only history helps").isEmpty();
        int asked = theatre.needs(3).size();
        assertThat(theatre.needs(3)).isNotEmpty().containsOnly(1L);
        byte[] damaged = good.anchor().toByteArray();
        damaged[1] ^= 0x40;
        Bytes anchor = Bytes.wrap(damaged);
        theatre.hand(3, new HistoryEntry(1, good.batch(), good.timeNanos(), anchor));
        assertThat(theatre.delivered(3)).isEmpty();
        theatre.live(1, 2, 3);
        assertThat(theatre.needs(3)).hasSizeGreaterThan(asked);
        theatre.hand(3, good);
        assertThat(theatre.delivered(3)).containsExactly("a");
    }

    @Test
    void one_value_is_accepted_at_a_ballot_by_so_many_that_a_recovery_meets_one() {
        Theatre theatre = new Theatre("logical-clock", 5, 2, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.sync(1);
        for (int id = 2; id <= 4; id++) {
            assertThat(theatre.pass(1, id, Propose.class)).isTrue();
            theatre.sync(id);
        }
        // Only one of four has the largest candidate.
        theatre.say(2, 1, new ProposeAck(FIRST, 1));
        theatre.say(3, 1, new ProposeAck(FIRST, 1));
        theatre.say(4, 1, new ProposeAck(FIRST, 9));
        theatre.sync(1);
        assertThat(theatre.onTheWay(1, 5)).noneMatch(Commit.class::isInstance);
        assertThat(theatre.pass(1, 2, Consensus.class)).isTrue();
        theatre.sync(2);
        assertThat(theatre.pass(2, 1, ConsensusAck.class)).isTrue();
        assertThat(theatre.onTheWay(1, 5)).noneMatch(Commit.class::isInstance);
        assertThat(theatre.pass(1, 5, Consensus.class)).isTrue();
        theatre.sync(5);
        assertThat(theatre.pass(5, 1, ConsensusAck.class)).isTrue();
        assertThat(theatre.onTheWay(1, 5))
                .filteredOn(Commit.class::isInstance)
                .extracting(commit -> ((Commit) commit).timestamp())
                .containsExactly(9L);
    }

    @Test
    void an_unknown_option_is_refused_in_a_sentence() {
        LogicalClockProvider provider = new LogicalClockProvider();
        java.util.TreeMap<String, String> options = new java.util.TreeMap<>();
        options.put("in-flight", "65");
        assertThatThrownBy(() -> provider.checkOptions(options))
                .hasMessage("option in-flight is \"65\": it must be a number from 1 to 64.");
        options.clear();
        options.put("lease", "true");
        assertThatThrownBy(() -> provider.checkOptions(options))
                .hasMessageContaining("stability ordering has no option lease: it has");
    }
}
