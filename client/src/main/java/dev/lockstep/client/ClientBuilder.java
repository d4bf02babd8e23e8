package dev.lockstep.client;

import dev.lockstep.core.ClusterId;
import dev.lockstep.net.NetworkLoop;

import java.time.Duration;

/// How to reach a cluster and what a session with it is like. Get one from
/// [LockstepClient#builder].
///
/// Threading: one thread.
public final class ClientBuilder {

    ClientBuilder() {}

    /// Adds a member's client port. One is enough, more help when some are down.
    public ClientBuilder address(String host, int port) {
        throw new UnsupportedOperationException("not built yet: " + host + port);
    }

    /// Adds several members' client ports: `host:port`, separated by commas.
    public ClientBuilder addresses(String list) {
        throw new UnsupportedOperationException("not built yet: " + list);
    }

    /// Refuses to talk to any cluster but this one. By default the first that answers will do.
    public ClientBuilder cluster(ClusterId id) {
        throw new UnsupportedOperationException("not built yet: " + id);
    }

    /// How long a call without a deadline of its own may take. Default 10 s.
    public ClientBuilder deadline(Duration perCall) {
        throw new UnsupportedOperationException("not built yet: " + perCall);
    }

    /// How long to try until a replica answers. Default 10 s.
    public ClientBuilder connectTimeout(Duration timeout) {
        throw new UnsupportedOperationException("not built yet: " + timeout);
    }

    /// How long the cluster keeps the session without a word from the client, in agreed time.
    /// Default 60 s; a word goes out after a third of it.
    public ClientBuilder sessionTimeout(Duration timeout) {
        throw new UnsupportedOperationException("not built yet: " + timeout);
    }

    /// Most commands, and most queries, without an outcome at a time: a power of two up to 8,192.
    /// Default 8,192.
    public ClientBuilder window(int calls) {
        throw new UnsupportedOperationException("not built yet: " + calls);
    }

    /// Whether to follow the cluster's advice on which replica to talk to. Default true; with false
    /// the session stays with the first address that answers, as long as it does.
    public ClientBuilder follow(boolean preferredEntry) {
        throw new UnsupportedOperationException("not built yet: " + preferredEntry);
    }

    /// Whether to use members that were not named here. Default true; with false the session talks
    /// to the named addresses alone.
    public ClientBuilder learnMembers(boolean learn) {
        throw new UnsupportedOperationException("not built yet: " + learn);
    }

    /// Connects, and opens a session with the first command.
    ///
    /// @throws dev.lockstep.api.UnavailableException if no address answers in time
    /// @throws dev.lockstep.api.RefusedException if what answers is another cluster, or does not
    ///     speak this version
    public LockstepClient connect() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Connects as [#connect] does, for a caller that has a loop of its own: no thread is started,
    /// nothing is handed over. Polls the loop until a replica has answered.
    public LoopClient connectOn(NetworkLoop loop) {
        throw new UnsupportedOperationException("not built yet: " + loop.hashCode());
    }
}
