package dev.lockstep.node;

import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.wire.ClientReply;

/// Nobody is answered.
final class NoReplies implements ClientPort {

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
            int length) {}

    @Override
    public void preferredEntry(long connection, int replica) {}
}
