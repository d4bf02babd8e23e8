package dev.lockstep.client;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest;

/// The engine's way to the replicas, named by their numbers. Never blocks, never calls the engine
/// back from within a call.
public interface ClientTransport {

    /// Begins to connect. The driver answers with `onConnected` or `onDisconnected`.
    void connect(int replica);

    /// How many replicas may take a command that is sent once: of so many refusals no command is
    /// known not to be executed.
    default int copies() {
        return 1;
    }

    /// False while a request of `bytes` had better wait, because too much is on its way to the
    /// replica already. The engine asks again at its next `advance`.
    default boolean hasRoom(int replica, int bytes) {
        return true;
    }

    /// Sends one command. What was sent is lost only with the connection.
    void command(int replica, long session, long sequence, long acknowledged, byte[] command);

    /// Sends a request that is signed. What was sent is lost only with the connection.
    ///
    /// @param frameKind see [dev.lockstep.core.wire.FrameKind]
    /// @param content of the frame that is signed
    /// @param proof what proves whose it is
    default void signed(int replica, int frameKind, Bytes content, Bytes proof) {
        throw new IllegalStateException("a transport for clients that do not sign");
    }

    /// Sends any other request. What was sent is lost only with the connection.
    void send(int replica, ClientRequest request);
}
