package dev.lockstep.client;

import dev.lockstep.core.wire.ClientRequest;

/// The engine's way to the replicas, named by their numbers. Never blocks, never calls the engine
/// back from within a call.
public interface ClientTransport {

    /// Begins to connect. The driver answers with `onConnected` or `onDisconnected`.
    void connect(int replica);

    /// Sends one command; lost silently if the connection is gone.
    void command(int replica, long session, long sequence, long acknowledged, byte[] command);

    /// Sends any other request; lost silently if the connection is gone.
    void send(int replica, ClientRequest request);
}
