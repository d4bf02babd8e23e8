package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.replica.PauseFrames.Turn;
import dev.lockstep.replica.PauseFrames.Word;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// What a member that has just started consents to.
class PauseTurnsTest {

    private static final ReplicaId SECOND = new ReplicaId(2);
    private static final ReplicaId THIRD = new ReplicaId(3);
    private static final Now NOW = new Now(1_000, 0);

    /// Whom it told something other than a question.
    private final List<ReplicaId> answered = new ArrayList<>();

    private final PauseTurns turns = started();

    private PauseTurns started() {
        List<Member> members = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            members.add(Group.member(new ReplicaId(i)));
        }
        StopSign sign =
                new StopSign(
                        Epoch.FIRST,
                        new Membership(members),
                        FaultModel.CRASH,
                        "toy",
                        members.getFirst().id());
        PauseTurns made =
                new PauseTurns(
                        new CurrentReign(members.getFirst(), new Reign(sign, 0)),
                        (to, frame, _, _) -> {
                            Bytes content = PeerFrames.content(frame);
                            if (PauseFrames.decode(content).word() == Word.GIVEN) {
                                answered.add(to);
                            }
                            return true;
                        },
                        ReplicaRules.CORRECT);
        made.onEpoch(NOW);
        return made;
    }

    private void hear(ReplicaId from, Word word, long number) {
        turns.onWord(NOW, from, Epoch.FIRST.value(), new Turn(word, number));
    }

    @Test
    void whoeverAsksFirstOnceAllHaveSaidThatTheyHaveNone() {
        hear(SECOND, Word.WANTED, 5);
        assertThat(answered).isEmpty();
        hear(THIRD, Word.RETURNED, 7);
        assertThat(answered).containsExactly(SECOND);
    }

    /// The last of those that it waits for has a turn: whoever asked meanwhile does not get one.
    @Test
    void nobodyElseThanWhoSaysLastThatItHasATurn() {
        hear(SECOND, Word.WANTED, 5);
        hear(THIRD, Word.HELD, 7);
        assertThat(answered).containsExactly(THIRD);
        hear(SECOND, Word.WANTED, 9);
        assertThat(answered).containsExactly(THIRD);
    }
}
