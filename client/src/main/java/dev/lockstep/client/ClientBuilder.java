package dev.lockstep.client;

import dev.lockstep.core.ClusterId;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.keys.ClientKeys;
import dev.lockstep.net.keys.Resilience;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// How to reach a cluster and what a session with it is like. Get one from
/// [LockstepClient#builder].
///
/// Threading: one thread.
public final class ClientBuilder {

    private static final long DEFAULT_DEADLINE_NANOS = 10_000_000_000L;
    private static final long DEFAULT_CONNECT_NANOS = 10_000_000_000L;

    private final List<ServerAddress> addresses = new ArrayList<>();
    private @Nullable ClusterId clusterId;
    private long deadlineNanos = DEFAULT_DEADLINE_NANOS;
    private long connectNanos = DEFAULT_CONNECT_NANOS;
    private long sessionTimeoutNanos = EngineOptions.DEFAULT.sessionTimeoutNanos();
    private int window = EngineOptions.DEFAULT.window();
    private boolean preferEntry = true;
    private boolean learnMembers = true;
    private @Nullable Voting voting;

    ClientBuilder() {}

    /// Adds a member's client port. One is enough, more help when some are down.
    public ClientBuilder address(String host, int port) {
        addresses.add(new ServerAddress(host, port));
        return this;
    }

    /// Adds several members' client ports: `host:port`, separated by commas.
    public ClientBuilder addresses(String list) {
        for (String each : list.split(",", -1)) {
            addresses.add(ServerAddress.parse(each));
        }
        return this;
    }

    /// Refuses to talk to any cluster but this one. By default the first that answers will do, and
    /// the client stays with it.
    public ClientBuilder cluster(ClusterId id) {
        clusterId = id;
        return this;
    }

    /// How long a call without a deadline of its own may take. Default 10 s.
    public ClientBuilder deadline(Duration perCall) {
        deadlineNanos = positiveNanos(perCall, "deadline");
        return this;
    }

    /// How long to try until a replica answers. Default 10 s.
    public ClientBuilder connectTimeout(Duration timeout) {
        connectNanos = positiveNanos(timeout, "connectTimeout");
        return this;
    }

    /// How long the cluster keeps the session without a word from the client, in agreed time.
    /// Default 60 s; a word goes out after a third of it.
    public ClientBuilder sessionTimeout(Duration timeout) {
        sessionTimeoutNanos = positiveNanos(timeout, "sessionTimeout");
        return this;
    }

    /// Most commands, and most queries, without an outcome at a time: a power of two up to 8,192.
    /// Default 8,192.
    public ClientBuilder window(int calls) {
        window = calls;
        return this;
    }

    /// Whether to follow the cluster's advice on which replica to talk to. Default true; with false
    /// the session stays with the replica that answered first, as long as it does.
    public ClientBuilder follow(boolean preferredEntry) {
        preferEntry = preferredEntry;
        return this;
    }

    /// Whether to use members that were not named here. Default true; with false the session talks
    /// to the replica that answered first and to no other.
    public ClientBuilder learnMembers(boolean learn) {
        learnMembers = learn;
        return this;
    }

    /// For a cluster of which some replicas may do anything at all (`faults: byzantine`): what is
    /// asked is signed, all replicas are asked, and an answer is believed when so many gave it that
    /// one of them is honest. The client must be told of every replica: each address is one vote,
    /// and
    /// what replicas say of others is not believed.
    ///
    /// @param resilience how many of them may, as in the cluster's configuration
    /// @param keys what the client signs with
    public ClientBuilder voting(Resilience resilience, ClientKeys keys) {
        voting = new Voting(resilience, keys);
        return this;
    }

    /// Connects, and asks the cluster for a session; returns when a replica has answered, or as
    /// many
    /// as must agree.
    ///
    /// @throws dev.lockstep.api.UnavailableException if no address answers in time
    /// @throws dev.lockstep.api.RefusedException if what answers is another cluster, or does not
    ///     speak this version
    /// @throws IllegalArgumentException if no address was named, or the window is no power of two
    public LockstepClient connect() {
        return LockstepClient.connect(options());
    }

    /// Connects as [#connect] does, for a caller that has a loop of its own: no thread is started,
    /// nothing is handed over. Polls the loop until a replica has answered.
    public LoopClient connectOn(NetworkLoop loop) {
        return LoopClient.connect(loop, options());
    }

    private ClientOptions options() {
        return new ClientOptions(
                addresses,
                clusterId,
                deadlineNanos,
                connectNanos,
                voting,
                learnMembers,
                new EngineOptions(
                        sessionTimeoutNanos,
                        window,
                        EngineOptions.DEFAULT.retryNanos(),
                        EngineOptions.DEFAULT.reconnectNanos(),
                        EngineOptions.DEFAULT.overloadedPauseNanos(),
                        preferEntry));
    }

    static long positiveNanos(Duration duration, String what) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(what + " must be positive, not " + duration);
        }
        // A century is for ever, and leaves room for sums.
        return duration.compareTo(Duration.ofDays(36_500)) > 0
                ? Duration.ofDays(36_500).toNanos()
                : duration.toNanos();
    }
}
