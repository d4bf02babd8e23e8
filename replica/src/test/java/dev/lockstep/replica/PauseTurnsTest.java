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
    private static final int BOOT = 7;

    /// Whom it told something other than a question.
    private final List<ReplicaId> answered = new ArrayList<>();

    /// The numbers of its questions for a turn.
    private final List<Long> asked = new ArrayList<>();

    /// The numbers of its questions who has one.
    private final List<Long> unsure = new ArrayList<>();

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
                        BOOT,
                        (to, frame, _, _) -> {
                            Bytes content = PeerFrames.content(frame);
                            Turn said = PauseFrames.decode(content);
                            if (said.word() == Word.GIVEN) {
                                answered.add(to);
                            } else if (said.word() == Word.WANTED) {
                                asked.add(said.number());
                            } else if (said.word() == Word.UNSURE) {
                                unsure.add(said.number());
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

    /// All have said that they have no turn.
    private void becomeSure() {
        hear(SECOND, Word.NONE, unsure.getLast());
        hear(THIRD, Word.NONE, unsure.getLast());
    }

    @Test
    void whoeverAsksFirstOnceAllHaveSaidThatTheyHaveNone() {
        hear(SECOND, Word.WANTED, 5);
        hear(SECOND, Word.NONE, unsure.getLast());
        assertThat(answered).isEmpty();
        hear(THIRD, Word.NONE, unsure.getLast());
        assertThat(answered).containsExactly(SECOND);
    }

    /// What was said before it asked, or to the process before, may not hold any more.
    @Test
    void onlyAnAnswerToItsOwnQuestionSaysThatSomebodyHasNone() {
        hear(SECOND, Word.WANTED, 5);
        hear(SECOND, Word.NONE, unsure.getLast());
        hear(THIRD, Word.WANTED, 7);
        hear(THIRD, Word.RETURNED, 8);
        hear(THIRD, Word.GIVEN, 9);
        hear(THIRD, Word.NONE, 256 * 100 + BOOT - 1);
        hear(THIRD, Word.NONE, unsure.getLast() - 256);
        hear(THIRD, Word.NONE, unsure.getLast() + 256 * 100);
        assertThat(answered).isEmpty();
    }

    /// One of those that it asks has a turn: whoever asked meanwhile does not get one.
    @Test
    void nobodyElseThanWhoSaysLastThatItHasATurn() {
        hear(SECOND, Word.WANTED, 5);
        hear(SECOND, Word.NONE, unsure.getLast());
        hear(THIRD, Word.HELD, 7);
        assertThat(answered).containsExactly(THIRD);
        hear(SECOND, Word.WANTED, 9);
        assertThat(answered).containsExactly(THIRD);
    }

    /// Whoever says that it has none does not count what it was given before.
    @Test
    void whatWasGivenBeforeSomebodyWasUnsureCountsNoMore() {
        assertThat(turns.take(NOW)).isFalse();
        becomeSure();
        assertThat(turns.take(NOW)).isFalse();
        long before = asked.getLast();
        hear(THIRD, Word.UNSURE, 5);
        hear(SECOND, Word.GIVEN, before);
        hear(THIRD, Word.GIVEN, before);
        assertThat(turns.take(NOW)).isFalse();
        assertThat(asked.getLast()).isGreaterThan(before);
        hear(SECOND, Word.GIVEN, asked.getLast());
        assertThat(turns.take(NOW)).isTrue();
    }

    /// An answer to a process that was there before says nothing to the next one, although its
    /// clock may have been further.
    @Test
    void whatTheProcessBeforeWasGivenIsNotThisOnes() {
        assertThat(turns.take(NOW)).isFalse();
        becomeSure();
        long ofTheOneBefore = 256 * 100 + BOOT - 1;
        hear(SECOND, Word.GIVEN, ofTheOneBefore);
        hear(SECOND, Word.GIVEN, 256 * 100 + BOOT);
        assertThat(turns.take(NOW)).as("it has asked nothing with this number").isFalse();
        hear(SECOND, Word.GIVEN, asked.getLast());
        assertThat(turns.take(NOW)).isTrue();
    }

    /// What comes late from the process before takes nothing from the next one.
    @Test
    void whatTheProcessBeforeReturnedIsNotTheNextOnes() {
        hear(SECOND, Word.WANTED, 256 * 100 + 3);
        becomeSure();
        hear(SECOND, Word.WANTED, 256 * 10 + 4);
        hear(SECOND, Word.RETURNED, 256 * 101 + 3);
        hear(THIRD, Word.WANTED, 256 * 101 + 3);
        assertThat(answered).containsExactly(SECOND, SECOND);
        hear(SECOND, Word.RETURNED, 256 * 11 + 4);
        hear(THIRD, Word.WANTED, 256 * 102 + 3);
        assertThat(answered).containsExactly(SECOND, SECOND, THIRD);
    }
}
