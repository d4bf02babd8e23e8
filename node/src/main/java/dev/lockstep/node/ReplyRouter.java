package dev.lockstep.node;

import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.wire.ClientReply;

/// Takes the replica's replies to whoever asked: a client's connection, or this node's own
/// gateways.
///
/// Threading: the loop's thread.
final class ReplyRouter implements ClientPort {

    private final ClientConnections clients;
    private final ReplicaGateway gateway;

    ReplyRouter(ClientConnections clients, ReplicaGateway gateway) {
        this.clients = clients;
        this.gateway = gateway;
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
        if (connection == ReplicaGateway.CONNECTION) {
            gateway.onReply(kind, status, session, sequence, position, bytes, offset, length);
        } else {
            clients.reply(
                    connection, kind, status, session, sequence, position, bytes, offset, length);
        }
    }

    @Override
    public void preferredEntry(long connection, int replica) {
        if (connection != ReplicaGateway.CONNECTION) {
            clients.preferredEntry(connection, replica);
        }
    }
}
