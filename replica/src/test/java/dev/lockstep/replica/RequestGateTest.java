package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.SignatureChecks;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.core.wire.MalformedException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Where signed requests come in.
class RequestGateTest {

    private static final ClientRequest.Command COMMAND = SignedNames.command(1 << 20, 3, "incr");

    private final SignedNames names = new SignedNames();
    private final CurrentReign reign = SignedNames.reign(1, 4);
    private final List<String> replies = new ArrayList<>();
    private final List<String> passed = new ArrayList<>();
    private final List<Long> tickets = new ArrayList<>();
    private int forged;
    private boolean isLater;

    private final ReplicaListener listener =
            new ReplicaListener() {
                @Override
                public void onForgedRequest(long connection) {
                    forged++;
                }
            };
    private final ReplyRouting routing =
            new ReplyRouting(
                    new ClientPort() {
                        @Override
                        public void reply(
                                long connection,
                                Kind kind,
                                Status status,
                                long session,
                                long sequence,
                                long position,
                                byte[] bytes,
                                int offset,
                                int length) {
                            replies.add(kind + " " + session + "." + sequence + " " + status);
                        }

                        @Override
                        public void preferredEntry(long connection, int replica) {}
                    },
                    listener);
    private final PendingChecks checks =
            new PendingChecks(
                    (ticket, isGenuine) -> {
                        tickets.add(ticket);
                        SignatureChecks.Verdict verdict =
                                SignatureChecks.AT_ONCE.check(ticket, isGenuine);
                        return isLater ? SignatureChecks.Verdict.LATER : verdict;
                    });
    private final RequestGate gate =
            new RequestGate(
                    ReplicaLimits.DEFAULT,
                    reign,
                    checks,
                    new RequestSignatures(names),
                    routing,
                    listener,
                    (_, connection, asker, request) ->
                            passed.add(connection + " " + asker.client() + " " + request));

    private void send(ClientRequest request, Bytes proof) {
        BytesWriter out = new BytesWriter(64);
        ClientCodec.encode(request, out);
        gate.onSigned(SignedNames.at(1), 9, ClientCodec.frameKind(request), out.toBytes(), proof);
    }

    private static Bytes proof(long epoch, ClientRequest request) {
        return SignedNames.asker(epoch, 7, request).proof();
    }

    @Test
    void whatAClientHasSignedGoesOnInItsName() {
        send(COMMAND, proof(1, COMMAND));
        assertThat(passed).containsExactly("9 7 " + COMMAND);
        assertThat(replies).isEmpty();
    }

    @Test
    void whatIsForgedGoesNoFurther() {
        send(COMMAND, proof(1, new ClientRequest.Close(1)));
        send(new ClientRequest.Open(4, 1), proof(1, COMMAND));
        send(new ClientRequest.KeepAlive(6, 0), proof(1, COMMAND));
        assertThat(passed).isEmpty();
        assertThat(forged).isEqualTo(3);
        assertThat(replies)
                .containsExactly(
                        "COMMAND 1048576.3 REFUSED", "OPEN 0.4 REFUSED", "SESSION 6.0 REFUSED");
    }

    @Test
    void whatIsOfAnotherEpochIsToBeSignedAgain() {
        send(COMMAND, proof(2, COMMAND));
        assertThat(replies).containsExactly("COMMAND 1048576.3 UNAVAILABLE");
        assertThat(names.asked).isZero();
        isLater = true;
        send(COMMAND, proof(1, COMMAND));
        reign.set(SignedNames.reign(2, reign.members()));
        checks.onChecked(SignedNames.at(2), tickets.getLast(), true);
        assertThat(replies).hasSize(2).last().isEqualTo("COMMAND 1048576.3 UNAVAILABLE");
        assertThat(passed).isEmpty();
    }

    @Test
    void nothingIsDoneForAConnectionThatIsGone() {
        isLater = true;
        send(COMMAND, proof(1, COMMAND));
        routing.gone(9);
        checks.onChecked(SignedNames.at(2), tickets.getFirst(), true);
        assertThat(passed).isEmpty();
        assertThat(routing.isKnown(9)).isFalse();
    }

    @Test
    void whatIsMalformedEndsTheConnection() {
        assertThatThrownBy(
                        () ->
                                gate.onSigned(
                                        SignedNames.at(1),
                                        9,
                                        FrameKind.SIGNED,
                                        Bytes.EMPTY,
                                        Bytes.EMPTY))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(
                        () ->
                                send(
                                        COMMAND,
                                        Bytes.wrap(new byte[Trust.Requests.MAX_PROOF_BYTES + 1])))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void soManyBytesWaitForTheirChecksAndNoMore() {
        isLater = true;
        ClientRequest large =
                new ClientRequest.Command(1 << 20, 1, 0, Bytes.wrap(new byte[8 << 20]));
        Bytes proof = proof(1, large);
        for (int i = 0; i < 10; i++) {
            send(large, proof);
        }
        assertThat(tickets).hasSize(7);
        assertThat(replies).hasSize(3).containsOnly("COMMAND 1048576.1 OVERLOADED");
        tickets.forEach(ticket -> checks.onChecked(SignedNames.at(2), ticket, true));
        send(large, proof);
        assertThat(tickets).hasSize(8);
    }
}
