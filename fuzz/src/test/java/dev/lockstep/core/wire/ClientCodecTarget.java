package dev.lockstep.core.wire;

import dev.lockstep.fuzz.Target;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Requests and replies of clients: the kind of the frame, then its content.
public final class ClientCodecTarget implements Target {

    /// The target; it has no state.
    public ClientCodecTarget() {}

    @Override
    public String name() {
        return "client-frames";
    }

    @Override
    public boolean takes(byte[] input) {
        if (input.length == 0) {
            return false;
        }
        int kind = input[0] & 0xff;
        byte[] content = Arrays.copyOfRange(input, 1, input.length);
        BytesWriter out = new BytesWriter(content.length);
        try {
            if (kind == FrameKind.REPLY) {
                encode(ClientCodec.decodeReply(Bytes.wrap(content)), out);
            } else {
                ClientRequest request = ClientCodec.decodeRequest(kind, Bytes.wrap(content));
                if (ClientCodec.frameKind(request) != kind) {
                    throw new AssertionError("a frame of kind " + kind + " became " + request);
                }
                ClientCodec.encode(request, out);
            }
        } catch (MalformedException refused) {
            return false;
        }
        if (!out.toBytes().equals(Bytes.wrap(content))) {
            throw new AssertionError("encoded again it is " + out.toBytes());
        }
        return true;
    }

    private static void encode(ClientReply reply, BytesWriter out) {
        ClientCodec.encodeReplyHeader(
                reply.kind(),
                reply.status(),
                reply.session(),
                reply.sequence(),
                reply.position(),
                out);
        out.put(reply.bytes());
    }

    @Override
    public Map<String, byte[]> seeds() {
        Bytes body = Bytes.wrap(new byte[] {'b', 'o', 'd', 'y'});
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        for (ClientRequest request :
                List.of(
                        new ClientRequest.Open(0x1122334455667788L, 10_000_000_000L),
                        new ClientRequest.Command(1 << 20, 7, 6, body),
                        new ClientRequest.Query(3, ClientRequest.Freshness.values()[0], 9, body),
                        new ClientRequest.Skip(1 << 20, 8, 7),
                        new ClientRequest.KeepAlive(1 << 20, 8),
                        new ClientRequest.Close(1 << 20))) {
            BytesWriter out = new BytesWriter(64).putByte(ClientCodec.frameKind(request));
            ClientCodec.encode(request, out);
            seeds.put(request.getClass().getSimpleName(), out.toBytes().toByteArray());
        }
        for (ClientReply.Kind kind : ClientReply.Kind.values()) {
            BytesWriter out = new BytesWriter(64).putByte(FrameKind.REPLY);
            encode(new ClientReply(kind, ClientReply.Status.OK, 1 << 20, 7, 9, body), out);
            seeds.put("Reply-" + kind, out.toBytes().toByteArray());
        }
        return seeds;
    }
}
