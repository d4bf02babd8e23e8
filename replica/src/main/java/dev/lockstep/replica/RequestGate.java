package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.MalformedException;

import java.nio.charset.StandardCharsets;

/// Where signed requests of clients come in: what is not signed by a client of the cluster, for
/// this
/// epoch, goes no further.
///
/// What waits for its check is bounded; past the bound a client is told `OVERLOADED`.
final class RequestGate {

    /// Takes what is genuine.
    @FunctionalInterface
    interface Target {
        void onGenuine(Now now, long connection, Asker asker, ClientRequest request);
    }

    private final ReplicaLimits limits;
    private final CurrentReign current;
    private final PendingChecks checks;
    private final RequestSignatures signatures;
    private final ReplyRouting routing;
    private final ReplicaListener listener;
    private final Target target;

    /// Of requests that wait for their checks.
    private long waitingBytes;

    RequestGate(
            ReplicaLimits limits,
            CurrentReign current,
            PendingChecks checks,
            RequestSignatures signatures,
            ReplyRouting routing,
            ReplicaListener listener,
            Target target) {
        this.limits = limits;
        this.current = current;
        this.checks = checks;
        this.signatures = signatures;
        this.routing = routing;
        this.listener = listener;
        this.target = target;
    }

    /// A client's frame and what it says proves whose it is, both given away.
    ///
    /// @throws MalformedException if it is none
    void onSigned(Now now, long connection, int frameKind, Bytes content, Bytes proof) {
        ClientRequest request = ClientCodec.decodeRequest(frameKind, content);
        if (proof.size() > Trust.Requests.MAX_PROOF_BYTES) {
            throw new MalformedException("a proof of " + proof.size() + " bytes");
        }
        if (!signatures.areWanted()) {
            target.onGenuine(now, connection, Asker.UNSIGNED, request);
            return;
        }
        routing.touch(connection);
        long epoch = current.epoch();
        if (!signatures.requests().isOf(epoch, proof)) {
            refuse(connection, request, Status.UNAVAILABLE, ofAnotherEpoch(epoch));
            return;
        }
        int size = content.size() + proof.size();
        if (waitingBytes > 0 && size > limits.inFlightBytes() - waitingBytes) {
            refuse(
                    connection,
                    request,
                    Status.OVERLOADED,
                    "too many requests wait for their signatures to be checked; try again later");
            return;
        }
        waitingBytes += size;
        int[] client = new int[1];
        checks.check(
                now,
                () -> {
                    client[0] = signatures.clientOf(epoch, frameKind, content, proof);
                    return client[0] > 0;
                },
                (then, isGenuine) -> {
                    waitingBytes -= size;
                    if (routing.isKnown(connection)) {
                        if (!isGenuine) {
                            onForged(connection, request);
                        } else if (current.epoch() != epoch) {
                            refuse(
                                    connection,
                                    request,
                                    Status.UNAVAILABLE,
                                    ofAnotherEpoch(current.epoch()));
                        } else {
                            target.onGenuine(
                                    then, connection, new Asker(client[0], proof), request);
                        }
                    }
                });
    }

    private static String ofAnotherEpoch(long epoch) {
        return "the request was signed for another epoch than " + epoch + ": sign it again";
    }

    private void onForged(long connection, ClientRequest request) {
        listener.onForgedRequest(connection);
        refuse(
                connection,
                request,
                Status.REFUSED,
                "no client of this cluster has signed this request: see that the client's key is"
                        + " the one that the public keys of all replicas have under its number");
    }

    private void refuse(long connection, ClientRequest request, Status status, String sentence) {
        listener.onNotAdmitted(status, sentence);
        byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
        Kind kind =
                switch (request) {
                    case ClientRequest.Command _, ClientRequest.Skip _ -> Kind.COMMAND;
                    case ClientRequest.Query _ -> Kind.QUERY;
                    case ClientRequest.Open _ -> Kind.OPEN;
                    case ClientRequest.KeepAlive _, ClientRequest.Close _ -> Kind.SESSION;
                };
        long session =
                switch (request) {
                    case ClientRequest.Command it -> it.session();
                    case ClientRequest.Skip it -> it.session();
                    case ClientRequest.KeepAlive it -> it.session();
                    case ClientRequest.Close it -> it.session();
                    case ClientRequest.Query _, ClientRequest.Open _ -> 0;
                };
        long sequence =
                switch (request) {
                    case ClientRequest.Command it -> it.sequence();
                    case ClientRequest.Skip it -> it.sequence();
                    case ClientRequest.Query it -> it.number();
                    case ClientRequest.Open it -> it.nonce();
                    case ClientRequest.KeepAlive _, ClientRequest.Close _ -> 0;
                };
        routing.send(connection, kind, status, session, sequence, 0, text, 0, text.length);
    }
}
