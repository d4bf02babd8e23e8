package dev.lockstep.node;

import dev.lockstep.core.GroupId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.SignedFrame;
import dev.lockstep.net.FrameConnection;
import dev.lockstep.net.FrameHandler;
import dev.lockstep.replica.Replica;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One client: its frames become the replica's inputs. Commands, of which there are many, do so
/// without an object each.
///
/// Threading: the loop's thread.
final class ClientConnection implements FrameHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final FrameConnection connection;
    private final ClientConnections all;
    private final Replica replica;
    private final NodeClock clock;
    private final NodeMetrics metrics;
    private final long number;

    /// Requests that came in on this connection.
    private long requests;

    /// Replies that went out on it.
    long replies;

    ClientConnection(
            FrameConnection connection,
            ClientConnections all,
            Replica replica,
            NodeClock clock,
            NodeMetrics metrics) {
        this.connection = connection;
        this.all = all;
        this.replica = replica;
        this.clock = clock;
        this.metrics = metrics;
        this.number = all.add(this);
    }

    FrameConnection connection() {
        return connection;
    }

    long number() {
        return number;
    }

    @Override
    public void onFrame(
            FrameConnection from, int kind, int group, byte[] bytes, int offset, int length) {
        if (group != GroupId.ZERO.value()) {
            throw new MalformedException("there is no group " + group);
        }
        requests++;
        metrics.clientRequests++;
        if (kind == FrameKind.COMMAND) {
            onCommand(bytes, offset, length);
            return;
        }
        byte[] own = Arrays.copyOfRange(bytes, offset, offset + length);
        if (kind == FrameKind.SIGNED) {
            SignedFrame signed = SignedFrame.decode(Bytes.wrap(own));
            if (signed.frameKind() == FrameKind.QUERY) {
                metrics.queries++;
            }
            replica.onSigned(
                    clock.now(), number, signed.frameKind(), signed.content(), signed.proof());
            return;
        }
        ClientRequest request = ClientCodec.decodeRequest(kind, Bytes.wrap(own));
        if (request instanceof ClientRequest.Query) {
            metrics.queries++;
        }
        replica.onClient(clock.now(), number, request);
    }

    private void onCommand(byte[] bytes, int offset, int length) {
        int commandLength = length - ClientCodec.COMMAND_HEADER_BYTES;
        if (commandLength < 0) {
            throw new MalformedException("a COMMAND frame has only " + length + " bytes");
        }
        long session = (long) LONG.get(bytes, offset);
        long sequence = (long) LONG.get(bytes, offset + Long.BYTES);
        long acknowledged = (long) LONG.get(bytes, offset + 2 * Long.BYTES);
        if (sequence < 0 || acknowledged < 0) {
            throw new MalformedException("sequence " + sequence + ", acknowledged " + acknowledged);
        }
        ClientReply.Status status =
                replica.onCommand(
                        clock.now(),
                        number,
                        session,
                        sequence,
                        acknowledged,
                        bytes,
                        offset + ClientCodec.COMMAND_HEADER_BYTES,
                        commandLength);
        if (status != ClientReply.Status.OK) {
            byte[] sentence = replica.refusal().getBytes(StandardCharsets.UTF_8);
            all.reply(
                    number,
                    ClientReply.Kind.COMMAND,
                    status,
                    session,
                    sequence,
                    0,
                    sentence,
                    0,
                    sentence.length);
        }
    }

    @Override
    public void onClosed(FrameConnection ended) {
        all.remove(number);
        replica.onClientGone(number);
        LOG.debug(
                "client {} went after {} requests and {} replies",
                ended.remote(),
                requests,
                replies);
    }
}
