package dev.lockstep.node;

import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.LoopClient;
import dev.lockstep.client.Outcome;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.net.NetworkLoop;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The way from a protocol port to the cluster as a client of it: where replicas may lie, one that
/// counts their votes.
///
/// Threading: the loop's thread.
final class ClientGateway implements Gateway {

    /// Most commands, and most queries, without an outcome: as many as a session may have.
    private static final int MOST_QUERIES = 4096;

    private static final byte[] NO_ROOM =
            "its reply found no room; read replies sooner or ask for less at once"
                    .getBytes(StandardCharsets.UTF_8);

    private final NetworkLoop loop;
    private final ClientBuilder builder;
    private final SequencedMap<String, String> about;
    private final GatewayReplies replies = new GatewayReplies();
    private LoopClient client;

    /// True once the cluster has ended the session.
    private boolean isExpired;

    private int commandsInFlight;
    private int queriesInFlight;
    private List<Runnable> whenWritable = new ArrayList<>();
    private Status refusalStatus = Status.OK;
    private String refusal = "";

    /// Connects; polls the loop until as many replicas as are needed have answered.
    ///
    /// @param about what this gateway is, for people
    /// @throws dev.lockstep.api.LockstepException if they do not
    ClientGateway(NetworkLoop loop, ClientBuilder builder, SequencedMap<String, String> about) {
        this.loop = loop;
        this.builder = builder;
        this.about = new LinkedHashMap<>(about);
        this.client = builder.connectOn(loop);
    }

    @Override
    public boolean command(byte[] bytes, int offset, int length, GatewayCallback callback) {
        if (isExpired) {
            return refuse(Status.UNAVAILABLE, "another session is opened; try again");
        }
        if (!client.hasRoom()) {
            return refuse(
                    Status.OVERLOADED,
                    commandsInFlight + " commands are in flight already; wait for replies");
        }
        commandsInFlight++;
        client.command(
                Arrays.copyOfRange(bytes, offset, offset + length),
                ReplicaGateway.PATIENCE_NANOS,
                (outcome, position, reply, from, size) -> {
                    commandsInFlight--;
                    tell(callback, Status.UNKNOWN, outcome, position, reply, from, size);
                });
        return true;
    }

    private boolean refuse(Status status, String sentence) {
        refusalStatus = status;
        refusal = sentence;
        return false;
    }

    @Override
    public void query(Bytes query, ClientRequest.Freshness freshness, GatewayCallback callback) {
        if (queriesInFlight >= MOST_QUERIES) {
            byte[] sentence =
                    (queriesInFlight + " queries are in flight already; wait for answers")
                            .getBytes(StandardCharsets.UTF_8);
            replies.add(callback, Status.OVERLOADED, 0, sentence, 0, sentence.length);
            return;
        }
        queriesInFlight++;
        client.query(
                query,
                freshness,
                ReplicaGateway.PATIENCE_NANOS,
                (outcome, position, reply, from, size) -> {
                    queriesInFlight--;
                    tell(callback, Status.OVERLOADED, outcome, position, reply, from, size);
                });
    }

    /// @param otherwise the status to be told if there is no room for the reply
    private void tell(
            GatewayCallback callback,
            Status otherwise,
            Outcome outcome,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        isExpired |= outcome == Outcome.SESSION_EXPIRED;
        if (outcome != Outcome.OK || callback.takes(length)) {
            replies.add(callback, statusOf(outcome), position, bytes, offset, length);
        } else {
            replies.add(callback, otherwise, position, NO_ROOM, 0, NO_ROOM.length);
        }
    }

    private static Status statusOf(Outcome outcome) {
        return switch (outcome) {
            case OK -> Status.OK;
            case SERVICE_FAILURE -> Status.SERVICE_FAILURE;
            case REFUSED -> Status.REFUSED;
            case OVERLOADED -> Status.OVERLOADED;
            case UNKNOWN -> Status.UNKNOWN;
            case SESSION_EXPIRED, UNAVAILABLE -> Status.UNAVAILABLE;
        };
    }

    @Override
    public Status refusalStatus() {
        return refusalStatus;
    }

    @Override
    public String refusal() {
        return refusal;
    }

    @Override
    public int inFlight() {
        return commandsInFlight + queriesInFlight;
    }

    @Override
    public SequencedMap<String, String> about() {
        return about;
    }

    @Override
    public void onWritable(Runnable action) {
        whenWritable.add(action);
    }

    /// Does what is due, after a poll of the loop: calls back, and opens another session if the
    /// cluster ended this one.
    void advance() {
        client.advance();
        if (isExpired) {
            client.close();
            client = builder.connectOn(loop);
            isExpired = false;
        }
        replies.tell();
        if (!whenWritable.isEmpty() && client.hasRoom()) {
            List<Runnable> actions = whenWritable;
            whenWritable = new ArrayList<>();
            actions.forEach(Runnable::run);
        }
    }

    /// How long the next poll may wait.
    long waitNanos(long most) {
        return replies.isEmpty() ? Math.min(most, client.nanosToNextDeadline()) : 0;
    }

    void close() {
        client.close();
        replies.tell();
    }
}
