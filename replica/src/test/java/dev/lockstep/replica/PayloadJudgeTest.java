package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.SignatureChecks;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// What a replica votes for.
class PayloadJudgeTest {

    private static final ReplicaLimits LIMITS = ReplicaLimits.DEFAULT;
    private static final ClientRequest.Command COMMAND = SignedNames.command(1 << 20, 1, "incr");

    private final SignedNames names = new SignedNames();
    private final List<Boolean> verdicts = new ArrayList<>();
    private final List<Bytes> known = new ArrayList<>();

    /// Knows what is in `known`.
    private final class Remembered implements KnownRequests {

        private final List<Bytes> seen = new ArrayList<>();

        @Override
        public void beginJudgement() {
            seen.clear();
        }

        @Override
        public Knowledge of(RequestCursor request) {
            Bytes record = request.record();
            if (!known.contains(record)) {
                return Knowledge.NO_SUCH_NAME;
            }
            if (seen.contains(record)) {
                return Knowledge.REPEATED;
            }
            seen.add(record);
            return Knowledge.KNOWN;
        }
    }

    private boolean judges(Bytes payload) {
        return judges(names, SignedNames.batch(2, payload));
    }

    private boolean judges(Trust.Requests requests, Batch batch) {
        verdicts.clear();
        PayloadJudge judge =
                new PayloadJudge(
                        LIMITS,
                        SignedNames.reign(1, 4),
                        new PendingChecks(SignatureChecks.AT_ONCE),
                        new RequestSignatures(requests),
                        new Remembered(),
                        (_, _, isValid) -> verdicts.add(isValid));
        judge.judge(SignedNames.at(1), Bytes.EMPTY, new ReplicaId(2), batch);
        assertThat(verdicts).hasSize(1);
        return verdicts.getFirst();
    }

    @Test
    void whatAClientHasSignedIsVotedFor() {
        assertThat(
                        judges(
                                SignedNames.payload(
                                        SignedNames.record(1, 7, COMMAND),
                                        SignedNames.record(
                                                1, 7, new ClientRequest.Open(5, 2_000_000_000L)),
                                        SignedNames.record(
                                                1,
                                                7,
                                                new ClientRequest.Query(
                                                        5,
                                                        ClientRequest.Freshness.SESSION,
                                                        9,
                                                        SignedNames.bytes("get"))),
                                        SignedNames.record(1, 7, new ClientRequest.Skip(3, 2, 1)),
                                        SignedNames.record(1, 7, new ClientRequest.KeepAlive(3, 1)),
                                        SignedNames.record(1, 7, new ClientRequest.Close(4)))))
                .isTrue();
        assertThat(names.asked).isEqualTo(6);
        assertThat(judges(Bytes.EMPTY)).isTrue();
    }

    @Test
    void aLeaderCannotMakeRequestsUp() {
        byte[] unsigned =
                SignedNames.record(
                        RequestKind.COMMAND, Asker.UNSIGNED, 1 << 20, 1, 0, COMMAND.command());
        byte[] ofFormerEpoch = SignedNames.record(2, 7, COMMAND);
        Asker own = SignedNames.asker(1, 7, COMMAND);
        byte[] inAnothersName =
                SignedNames.record(
                        RequestKind.COMMAND,
                        new Asker(8, own.proof()),
                        1 << 20,
                        1,
                        0,
                        COMMAND.command());
        byte[] good = SignedNames.record(1, 7, COMMAND);
        for (byte[] bad : List.of(unsigned, ofFormerEpoch, inAnothersName)) {
            assertThat(judges(SignedNames.payload(bad))).isFalse();
            byte[] other = SignedNames.record(1, 7, SignedNames.command(1 << 20, 2, "incr"));
            assertThat(judges(SignedNames.payload(other, bad))).isFalse();
        }
        for (int at = 0; at < good.length; at++) {
            byte[] altered = good.clone();
            altered[at] ^= 1;
            assertThat(judges(SignedNames.payload(altered))).as("byte %d altered", at).isFalse();
        }
    }

    @Test
    void whatNobodyHasSignedHasOneForm() {
        ClientRequest.KeepAlive alive = new ClientRequest.KeepAlive(3, 1);
        Asker asker = SignedNames.asker(1, 7, alive);
        assertThat(
                        judges(
                                SignedNames.payload(
                                        SignedNames.record(
                                                RequestKind.KEEP_ALIVE,
                                                asker,
                                                3,
                                                5,
                                                1,
                                                Bytes.EMPTY))))
                .isFalse();
    }

    @Test
    void replicasOrderNothingButTimeThemselves() {
        byte[] time =
                SignedNames.record(RequestKind.KEEP_ALIVE, Asker.UNSIGNED, 0, 0, 0, Bytes.EMPTY);
        byte[] anothers =
                SignedNames.record(RequestKind.KEEP_ALIVE, Asker.UNSIGNED, 5, 0, 0, Bytes.EMPTY);
        assertThat(judges(SignedNames.payload(time))).isTrue();
        assertThat(judges(SignedNames.payload(anothers))).isFalse();
    }

    @Test
    void aSessionsTimeoutIsInBounds() {
        long least = LIMITS.minSessionTimeoutNanos();
        long most = LIMITS.maxSessionTimeoutNanos();
        for (long good : new long[] {least, most}) {
            assertThat(
                            judges(
                                    SignedNames.payload(
                                            SignedNames.record(
                                                    1, 7, new ClientRequest.Open(5, good)))))
                    .isTrue();
        }
        for (long bad : new long[] {least - 1, most + 1}) {
            assertThat(
                            judges(
                                    SignedNames.payload(
                                            SignedNames.record(
                                                    1, 7, new ClientRequest.Open(5, bad)))))
                    .isFalse();
        }
    }

    @Test
    void whatTheReplicaKnowsIsNotCheckedAgain() {
        byte[] record = SignedNames.record(1, 7, COMMAND);
        known.add(Bytes.wrap(record));
        assertThat(judges(SignedNames.payload(record))).isTrue();
        assertThat(names.asked).isZero();
    }

    @Test
    void whatTheReplicaKnowsComesOnceToo() {
        byte[] record = SignedNames.record(1, 7, COMMAND);
        known.add(Bytes.wrap(record));
        assertThat(judges(SignedNames.payload(record, record))).isFalse();
    }

    @Test
    void aRequestComesOnceInABatchThoughTwoClientsMayHaveTheSameNumbers() {
        byte[] record = SignedNames.record(1, 7, COMMAND);
        byte[] altered = SignedNames.record(1, 7, SignedNames.command(1 << 20, 1, "decr"));
        byte[] anothers = SignedNames.record(1, 8, COMMAND);
        assertThat(judges(SignedNames.payload(record, record))).isFalse();
        assertThat(judges(SignedNames.payload(record, altered))).isFalse();
        assertThat(judges(SignedNames.payload(record, anothers))).isTrue();
    }

    @Test
    void aBatchHasItsProposersName() {
        Bytes payload = SignedNames.payload(SignedNames.record(1, 7, COMMAND));
        assertThat(judges(names, SignedNames.batch(3, payload))).isFalse();
        BatchId ofAnotherLife = new BatchId(new ReplicaId(2), new Incarnation(9, 9), 1, 1);
        assertThat(judges(names, Batch.of(ofAnotherLife, 1, payload))).isFalse();
        BatchId ofNoBoot =
                new BatchId(new ReplicaId(2), new Incarnation(2, 0), BatchId.PROTOCOL_BOOT, 1);
        assertThat(judges(names, Batch.of(ofNoBoot, 1, payload))).isFalse();
    }

    @Test
    void whatIsTooLargeIsRefused() {
        Bytes largest = Bytes.wrap(new byte[LIMITS.requestBytes()]);
        Bytes larger = Bytes.wrap(new byte[LIMITS.requestBytes() + 1]);
        ClientRequest fits = new ClientRequest.Command(1 << 20, 1, 0, largest);
        ClientRequest tooLarge = new ClientRequest.Command(1 << 20, 1, 0, larger);
        assertThat(judges(SignedNames.payload(SignedNames.record(1, 7, fits)))).isTrue();
        assertThat(judges(SignedNames.payload(SignedNames.record(1, 7, tooLarge)))).isFalse();
        assertThat(
                        judges(
                                SignedNames.payload(
                                        SignedNames.record(1, 7, fits),
                                        SignedNames.record(1, 7, COMMAND))))
                .isFalse();
    }

    @Test
    void whereNobodySignsNobodyDoes() {
        byte[] unsigned =
                SignedNames.record(
                        RequestKind.COMMAND, Asker.UNSIGNED, 1 << 20, 1, 0, COMMAND.command());
        Batch fine = SignedNames.batch(2, SignedNames.payload(unsigned));
        Batch odd = SignedNames.batch(2, SignedNames.payload(SignedNames.record(1, 7, COMMAND)));
        assertThat(judges(Trust.Requests.UNSIGNED, fine)).isTrue();
        assertThat(judges(Trust.Requests.UNSIGNED, odd)).isFalse();
    }
}
