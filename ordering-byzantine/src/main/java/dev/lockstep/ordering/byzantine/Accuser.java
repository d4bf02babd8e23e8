package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Effect;
import dev.lockstep.core.wire.Bytes;

import java.util.Arrays;

/// Tells the host what proves that a member misbehaved, once a member and view.
final class Accuser {

    private final Setup setup;
    private final Turn turn;

    /// The last view in which a member was found to sign two blocks in one place, by rank; -1 if in
    /// none.
    private final long[] accusedIn;

    Accuser(Setup setup, Turn turn) {
        this.setup = setup;
        this.turn = turn;
        accusedIn = new long[setup.size()];
        Arrays.fill(accusedIn, -1);
    }

    /// A member's leader proposed two blocks in one place.
    void onEquivocation(ByzantineMessage.Equivocation proof) {
        Echo first = proof.first();
        Echo second = proof.second();
        onTwo(
                setup.leaderOf(first.header().view()),
                Phase.FIRST,
                first.header().ref(),
                first.leaderVote1(),
                second.header().ref(),
                second.leaderVote1());
    }

    void onTwo(
            int member,
            Phase phase,
            BlockRef first,
            Bytes firstSignature,
            BlockRef second,
            Bytes secondSignature) {
        if (accusedIn[member] >= first.view()) {
            return;
        }
        accusedIn[member] = first.view();
        TwoVotes proof =
                new TwoVotes(
                        setup.commitRule().setting(),
                        setup.epoch(),
                        setup.members().idAt(member),
                        phase,
                        first,
                        firstSignature,
                        second,
                        secondSignature);
        turn.emit(new Effect.Evidence<>(proof.about(), proof.encode()));
    }
}
