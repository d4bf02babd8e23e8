package dev.lockstep.client;

import dev.lockstep.api.Client;
import dev.lockstep.api.Consistency;
import dev.lockstep.api.Reply;
import dev.lockstep.core.ClusterId;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// A session with a cluster over TCP, driven by a daemon thread of its own.
///
/// ```java
/// try (var client = LockstepClient.builder().address("127.0.0.1", 7001).connect()) {
///     Reply reply = client.command(bytes).toCompletableFuture().join();
/// }
/// ```
///
/// Any member's address will do: the client learns the others from it, keeps a connection to each,
/// and moves on when one goes away or is silent. Defaults: a call's deadline is 10 seconds, the
/// session lives for 60 seconds without a word from the client (a word goes out every 20), 8,192
/// commands and as many queries may be without an outcome; a call beyond fails with
/// [dev.lockstep.api.OverloadedException].
///
/// Threading: any thread may call. Stages complete on the client's thread, except those that fail
/// before the call returns; a callback must not block it, and may call the client.
public final class LockstepClient implements Client {

    private LockstepClient() {}

    /// How to reach a cluster; at least one address must be named.
    public static ClientBuilder builder() {
        return new ClientBuilder();
    }

    @Override
    public CompletionStage<Reply> command(byte[] command) {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public CompletionStage<Reply> command(byte[] command, Duration deadline) {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public CompletionStage<Reply> query(byte[] query) {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public CompletionStage<Reply> query(byte[] query, Consistency consistency, Duration deadline) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The cluster that was reached.
    public ClusterId clusterId() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The number of the replica that the session talks to; 0 while none is connected.
    public int entry() {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("not built yet");
    }
}
