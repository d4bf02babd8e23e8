package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.authority.AuthorityQuestion;
import dev.lockstep.core.authority.AuthorityView;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// What a replica says to its authority, and when it sends its clients away.
class AuthorityReconfigurationTest {

    private static final long MS = 1_000_000;
    private static final Member ONE = new Member(new ReplicaId(1), new Incarnation(1, 1));
    private static final Member TWO = new Member(new ReplicaId(2), new Incarnation(1, 2));

    private static final StopSign FIRST =
            new StopSign(
                    Epoch.FIRST,
                    new Membership(List.of(ONE, TWO)),
                    FaultModel.FAIL_STOP,
                    "toy",
                    ONE.id());

    private static final AuthorityView STANDS = new AuthorityView(FIRST, 0, null, 0);

    private final List<AuthorityQuestion.Word> asked = new ArrayList<>();
    private @Nullable String fenced;
    private final AuthorityReconfiguration authority = create();

    private AuthorityReconfiguration create() {
        ClusterId cluster = new ClusterId(1, 2);
        ReplicaOptions options =
                ReplicaOptions.of(cluster, ONE.id(), ONE.incarnation(), 1, FIRST.members());
        CurrentReign current = new CurrentReign(ONE, new Reign(FIRST, 0));
        CurrentEngine engine = new CurrentEngine();
        PeerTable table = new PeerTable(current);
        ScratchJournal journal = new ScratchJournal();
        HistoryIndex index = new HistoryIndex(journal, current);
        HistoryFetch fetch =
                new HistoryFetch(
                        options,
                        current,
                        table,
                        (_, _, _, _) -> false,
                        journal,
                        (_, _) -> {},
                        _ -> true,
                        (_, _) -> {});
        return new AuthorityReconfiguration(
                cluster,
                FIRST,
                current,
                engine,
                table,
                index,
                fetch,
                question -> asked.add(question.word()),
                sentence -> fenced = sentence);
    }

    private static Now at(long millis) {
        return new Now(millis * MS, millis * MS);
    }

    @Test
    void aSuspicionIsRepeatedButNotWithEveryTick() {
        authority.onSuspect(at(0), TWO.id());
        authority.onSuspect(at(10), TWO.id());
        assertThat(asked).containsExactly(new AuthorityQuestion.Suspicion(TWO.id()));
        authority.onSuspect(at(60), TWO.id());
        assertThat(asked).hasSize(2);
    }

    @Test
    void whatAnEpochEndsWithIsToldAtOnceForEveryAttempt() {
        authority.onSealed(at(0), FIRST, 1);
        authority.onSealed(at(1), FIRST, 1);
        authority.onSealed(at(2), FIRST, 2);
        assertThat(asked)
                .containsExactly(
                        new AuthorityQuestion.Sealed(FIRST, 1),
                        new AuthorityQuestion.Sealed(FIRST, 2));
    }

    @Test
    void whileAllMembersAreHeardTheAuthorityMayBeSilentForEver() {
        authority.onAuthority(at(0), STANDS);
        authority.advance(at(0));
        authority.advance(at(3_600_000));
        assertThat(fenced).isNull();
    }

    @Test
    void whoHearsNeitherMembersNorTheAuthoritySendsClientsAwayUntilItAnswers() {
        authority.onAuthority(at(0), STANDS);
        authority.advance(at(0));
        authority.onSuspect(at(900), TWO.id());
        authority.advance(at(999));
        assertThat(fenced).isNull();
        authority.onSuspect(at(1_100), TWO.id());
        authority.advance(at(1_100));
        assertThat(fenced).contains("may have been left out; ask another");
        authority.advance(at(5_000));
        assertThat(fenced).isNotNull();
        authority.onAuthority(at(5_001), STANDS);
        authority.advance(at(5_001));
        assertThat(fenced).isNull();
    }

    @Test
    void whoHasNeverHeardTheAuthorityServesNobody() {
        authority.advance(at(0));
        assertThat(fenced).contains("has not heard from its configuration authority yet");
        authority.onAuthority(at(1), STANDS);
        authority.advance(at(1));
        assertThat(fenced).isNull();
    }

    @Test
    void whoMissesMembersAndHearsTheAuthorityServes() {
        for (long millis = 0; millis < 5_000; millis += 100) {
            authority.onAuthority(at(millis), STANDS);
            authority.onSuspect(at(millis), TWO.id());
            authority.advance(at(millis));
            assertThat(fenced).isNull();
        }
    }

    @Test
    void operatorsAreToldHowMembersComeAndGo() {
        ChangeAnswer answer = authority.change(at(0), new MemberChange.Remove(TWO.id()));
        assertThat(answer).isInstanceOf(ChangeAnswer.Refused.class);
        assertThat(((ChangeAnswer.Refused) answer).sentence())
                .contains("configuration authority alone decides", "stop a replica");
    }
}
