package dev.lockstep.core.wire;

/// The content of the frames between clients and replicas.
///
/// | frame | content |
/// |---|---|
/// | OPEN | nonce u64, timeout u64 |
/// | COMMAND | session u64, sequence u64, acknowledged u64, command to the end |
/// | QUERY | number u64, freshness u8, at-least u64, query to the end |
/// | SKIP | session u64, sequence u64, acknowledged u64 |
/// | KEEP_ALIVE | session u64, acknowledged u64 |
/// | CLOSE | session u64 |
/// | REPLY | kind u8, status u8, session u64, sequence u64, position u64, bytes to the end |
///
/// Stateless. Commands and their replies also have methods without objects, because there is one of
/// each for every request.
public final class ClientCodec {

    /// The content of a COMMAND frame before the command itself.
    public static final int COMMAND_HEADER_BYTES = 24;

    /// The content of a REPLY frame before the reply itself.
    public static final int REPLY_HEADER_BYTES = 26;

    private static final ClientRequest.Freshness[] FRESHNESS = ClientRequest.Freshness.values();

    private ClientCodec() {}

    /// The frame kind that carries `request`.
    public static int frameKind(ClientRequest request) {
        return switch (request) {
            case ClientRequest.Open _ -> FrameKind.OPEN;
            case ClientRequest.Command _ -> FrameKind.COMMAND;
            case ClientRequest.Query _ -> FrameKind.QUERY;
            case ClientRequest.Skip _ -> FrameKind.SKIP;
            case ClientRequest.KeepAlive _ -> FrameKind.KEEP_ALIVE;
            case ClientRequest.Close _ -> FrameKind.CLOSE;
        };
    }

    /// Appends the content of the frame that carries `request`.
    public static void encode(ClientRequest request, BytesWriter out) {
        switch (request) {
            case ClientRequest.Open open -> out.putLong(open.nonce()).putLong(open.timeoutNanos());
            case ClientRequest.Command command -> {
                encodeCommandHeader(
                        command.session(), command.sequence(), command.acknowledged(), out);
                out.put(command.command());
            }
            case ClientRequest.Query query ->
                    out.putLong(query.number())
                            .putByte(query.freshness().ordinal())
                            .putLong(query.atLeast())
                            .put(query.query());
            case ClientRequest.Skip skip ->
                    encodeCommandHeader(skip.session(), skip.sequence(), skip.acknowledged(), out);
            case ClientRequest.KeepAlive alive ->
                    out.putLong(alive.session()).putLong(alive.acknowledged());
            case ClientRequest.Close close -> out.putLong(close.session());
        }
    }

    /// Appends what stands before the command in a COMMAND frame.
    public static void encodeCommandHeader(
            long session, long sequence, long acknowledged, BytesWriter out) {
        out.putLong(session).putLong(sequence).putLong(acknowledged);
    }

    /// Reads the content of a client's frame, sharing its memory.
    ///
    /// @throws MalformedException if the kind is not a client's or the content is not of that kind
    public static ClientRequest decodeRequest(int frameKind, Bytes content) {
        BytesReader in = new BytesReader(content);
        ClientRequest request =
                switch (frameKind) {
                    case FrameKind.OPEN ->
                            new ClientRequest.Open(
                                    in.getLong(), in.getNonNegativeLong("session timeout"));
                    case FrameKind.COMMAND ->
                            new ClientRequest.Command(
                                    in.getLong(),
                                    in.getNonNegativeLong("sequence"),
                                    in.getNonNegativeLong("acknowledged"),
                                    in.getBytes(in.remaining()));
                    case FrameKind.QUERY ->
                            new ClientRequest.Query(
                                    in.getLong(),
                                    freshnessOf(in.getByte()),
                                    in.getNonNegativeLong("position"),
                                    in.getBytes(in.remaining()));
                    case FrameKind.SKIP ->
                            new ClientRequest.Skip(
                                    in.getLong(),
                                    in.getNonNegativeLong("sequence"),
                                    in.getNonNegativeLong("acknowledged"));
                    case FrameKind.KEEP_ALIVE ->
                            new ClientRequest.KeepAlive(
                                    in.getLong(), in.getNonNegativeLong("acknowledged"));
                    case FrameKind.CLOSE -> new ClientRequest.Close(in.getLong());
                    default ->
                            throw new MalformedException(
                                    "frame kind " + frameKind + " is not a client's");
                };
        in.requireEnd();
        return request;
    }

    /// Appends what stands before the bytes in a REPLY frame.
    public static void encodeReplyHeader(
            ClientReply.Kind kind,
            ClientReply.Status status,
            long session,
            long sequence,
            long position,
            BytesWriter out) {
        out.putByte(kind.ordinal()).putByte(status.ordinal());
        out.putLong(session).putLong(sequence).putLong(position);
    }

    /// Reads the content of a REPLY frame, sharing its memory.
    ///
    /// @throws MalformedException if it is none
    public static ClientReply decodeReply(Bytes content) {
        BytesReader in = new BytesReader(content);
        return new ClientReply(
                ClientReply.kindOf(in.getByte()),
                ClientReply.statusOf(in.getByte()),
                in.getLong(),
                in.getLong(),
                in.getNonNegativeLong("position"),
                in.getBytes(in.remaining()));
    }

    private static ClientRequest.Freshness freshnessOf(int code) {
        if (code >= FRESHNESS.length) {
            throw new MalformedException("unknown freshness: " + code);
        }
        return FRESHNESS[code];
    }
}
