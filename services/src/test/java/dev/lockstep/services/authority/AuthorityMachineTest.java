package dev.lockstep.services.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.authority.AuthorityAnswer;
import dev.lockstep.core.authority.AuthorityCodec;
import dev.lockstep.core.authority.AuthorityQuestion;
import dev.lockstep.core.authority.AuthorityQuestion.Heartbeat;
import dev.lockstep.core.authority.AuthorityQuestion.Sealed;
import dev.lockstep.core.authority.AuthorityQuestion.Suspicion;
import dev.lockstep.core.authority.AuthorityView;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// What the authority's service answers, and what it remembers.
class AuthorityMachineTest {

    private static final long SILENCE = 1_000;
    private static final ClusterId CLUSTER = new ClusterId(1, 2);
    private static final Member ONE = new Member(new ReplicaId(1), new Incarnation(1, 1));
    private static final Member TWO = new Member(new ReplicaId(2), new Incarnation(1, 2));
    private static final Member TWO_REBORN = new Member(new ReplicaId(2), new Incarnation(9, 2));
    private static final StopSign FIRST = sign(1, ONE, TWO);

    private AuthorityMachine machine = new AuthorityMachine(SILENCE);
    private long now = 1;

    private static StopSign sign(long epoch, Member... members) {
        return new StopSign(
                new Epoch(epoch),
                new Membership(List.of(members)),
                FaultModel.FAIL_STOP,
                "logical-clock",
                members[0].id());
    }

    private record Context(long timeNanos) implements CommandContext {
        @Override
        public long position() {
            return 1;
        }

        @Override
        public long session() {
            return 1;
        }

        @Override
        public RandomGenerator random() {
            return new SplittableRandom(1);
        }
    }

    private AuthorityAnswer ask(ClusterId cluster, Member by, AuthorityQuestion.Word word) {
        return send(AuthorityCodec.encode(new AuthorityQuestion(cluster, FIRST, by, word)));
    }

    private AuthorityAnswer send(Bytes command) {
        ReplyBuffer reply = new ReplyBuffer(1 << 16);
        machine.apply(new Context(now), command.asByteBuffer(), reply);
        return AuthorityCodec.decodeAnswer(Bytes.wrap(reply.toByteArray()));
    }

    private AuthorityView say(Member by, AuthorityQuestion.Word word) {
        AuthorityAnswer answer = ask(CLUSTER, by, word);
        assertThat(answer).isInstanceOf(AuthorityAnswer.Stands.class);
        return ((AuthorityAnswer.Stands) answer).view();
    }

    private String refusal(AuthorityAnswer answer) {
        assertThat(answer).isInstanceOf(AuthorityAnswer.Refused.class);
        return ((AuthorityAnswer.Refused) answer).reason();
    }

    /// Replica 1 goes on alone.
    private void leaveOutTwo() {
        AuthorityView begun = say(ONE, new Suspicion(TWO.id()));
        assertThat(begun.pending()).isEqualTo(sign(2, ONE));
        say(ONE, new Sealed(sign(2, ONE), begun.attempt()));
    }

    @Test
    void aClusterIsBegunWithByAMemberInItsFirstEpoch() {
        assertThat(say(ONE, new Heartbeat(1, false)))
                .isEqualTo(new AuthorityView(FIRST, 0, null, 0));
    }

    @Test
    void aClusterThatItHasForgottenIsRefused() {
        assertThat(refusal(ask(CLUSTER, ONE, new Heartbeat(5, false))))
                .contains("has never heard of cluster", "which runs already");
        assertThat(refusal(ask(CLUSTER, ONE, new Suspicion(TWO.id())))).contains("never heard");
    }

    @Test
    void replicasThatWereToldOtherwiseAreRefused() {
        say(ONE, new Heartbeat(1, false));
        AuthorityQuestion other =
                new AuthorityQuestion(CLUSTER, sign(1, TWO), TWO, new Heartbeat(1, false));
        assertThat(refusal(send(AuthorityCodec.encode(other))))
                .contains("give all replicas the same cluster.yaml");
    }

    @Test
    void whoIsSuspectedIsLeftOutOnceTheOthersHaveAgreed() {
        say(ONE, new Heartbeat(1, false));
        leaveOutTwo();
        assertThat(say(ONE, new Heartbeat(2, false)).active()).isEqualTo(sign(2, ONE));
    }

    @Test
    void anAttemptThatAnotherHasReplacedDoesNotCount() {
        say(ONE, new Heartbeat(1, false));
        say(TWO, new Heartbeat(1, false));
        AuthorityView first = say(ONE, new Suspicion(ONE.id()));
        AuthorityView second = say(ONE, new Suspicion(TWO.id()));
        assertThat(second.attempt()).isGreaterThan(first.attempt());
        assertThat(say(TWO, new Sealed(FIRST, first.attempt())).active()).isEqualTo(FIRST);
    }

    @Test
    void whoHasLostWhatItHeldDoesNotCountForWhoHeldIt() {
        say(ONE, new Heartbeat(1, false));
        say(TWO_REBORN, new Heartbeat(1, false));
        now += SILENCE + 1;
        assertThat(say(ONE, new Heartbeat(1, false)).pending()).isEqualTo(sign(2, ONE));
    }

    @Test
    void whoHasLostItsDiskIsTakenInWhenItHasCaughtUp() {
        say(ONE, new Heartbeat(1, false));
        leaveOutTwo();
        say(ONE, new Heartbeat(2, false));
        assertThat(say(TWO_REBORN, new Heartbeat(2, false)).pending()).isNull();
        assertThat(say(TWO_REBORN, new Heartbeat(2, true)).pending())
                .isEqualTo(sign(3, ONE, TWO_REBORN));
    }

    @Test
    void nobodyGoesOnWithoutSomebodyWhoHoldsEverything() {
        say(ONE, new Heartbeat(1, false));
        leaveOutTwo();
        say(ONE, new Heartbeat(2, false));
        now += SILENCE + 1;
        AuthorityView view = say(TWO, new Heartbeat(2, true));
        assertThat(view.active()).isEqualTo(sign(2, ONE));
        assertThat(view.pending() == null || view.pending().members().contains(ONE.id())).isTrue();
        assertThat(say(TWO, new Suspicion(ONE.id()))).isEqualTo(view);
    }

    @Test
    void clustersAreApart() {
        say(ONE, new Heartbeat(1, false));
        leaveOutTwo();
        AuthorityAnswer other = ask(new ClusterId(3, 4), ONE, new Heartbeat(1, false));
        assertThat(other)
                .isEqualTo(new AuthorityAnswer.Stands(new AuthorityView(FIRST, 0, null, 0)));
    }

    @Test
    void aSnapshotHoldsEverything() throws IOException {
        say(ONE, new Heartbeat(1, false));
        leaveOutTwo();
        AuthorityView before = say(ONE, new Heartbeat(2, false));
        byte[] state = written(machine);
        machine = new AuthorityMachine(SILENCE);
        machine.restore(new ByteArrayInputStream(state));
        assertThat(written(machine)).isEqualTo(state);
        assertThat(say(ONE, new Heartbeat(2, false))).isEqualTo(before);
        for (int size = 0; size < state.length; size++) {
            byte[] cut = java.util.Arrays.copyOf(state, size);
            assertThatThrownBy(() -> machine.restore(new ByteArrayInputStream(cut)))
                    .isInstanceOf(IOException.class);
        }
    }

    private static byte[] written(AuthorityMachine machine) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (var frozen = machine.snapshot()) {
            frozen.writeTo(out);
        }
        return out.toByteArray();
    }

    @Test
    void whatIsNoQuestionIsRefusedAndNamed() {
        assertThat(refusal(send(Bytes.wrap(new byte[] {7})))).contains("version 7");
        assertThat(machine.describe(ByteBuffer.wrap(new byte[] {7}))).isEmpty();
        Bytes beat =
                AuthorityCodec.encode(
                        new AuthorityQuestion(CLUSTER, FIRST, ONE, new Heartbeat(1, false)));
        assertThat(machine.describe(beat.asByteBuffer())).contains("by replica 1");
    }
}
