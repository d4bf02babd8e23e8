package dev.lockstep.node;

import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.wire.ClientReply;

import java.util.Arrays;

/// Replies of which none is what it should be: whoever asked hears that all went well, with other
/// bytes. No two replicas tell the same lie.
final class LyingReplies implements ClientPort {

    private final ClientPort honest;
    private final int self;

    LyingReplies(ClientPort honest, int self) {
        this.honest = honest;
        this.self = self;
    }

    @Override
    public void reply(
            long connection,
            ClientReply.Kind kind,
            ClientReply.Status status,
            long session,
            long sequence,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        byte[] lie = Arrays.copyOfRange(bytes, offset, offset + length);
        if (length > 0) {
            lie[length - 1] ^= (byte) self;
        }
        honest.reply(
                connection,
                kind,
                ClientReply.Status.OK,
                session,
                sequence,
                position + (length == 0 ? self : 0),
                lie,
                0,
                length);
    }

    @Override
    public void preferredEntry(long connection, int replica) {
        honest.preferredEntry(connection, replica);
    }
}
