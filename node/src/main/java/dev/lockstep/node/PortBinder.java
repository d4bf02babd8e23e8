package dev.lockstep.node;

import dev.lockstep.net.NetworkLoop;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.SortedMap;
import java.util.TreeMap;

/// Brings a node's ports up, one after the other, and says in a sentence which one cannot be.
///
/// Threading: the loop's thread.
final class PortBinder {

    private static final long POLL_NANOS = 100_000_000;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final NetworkLoop loop;
    private final NodeConfig config;
    private final SortedMap<String, Integer> bound = new TreeMap<>();

    private @Nullable String failure;

    PortBinder(NetworkLoop loop, NodeConfig config) {
        this.loop = loop;
        this.config = config;
    }

    /// Begins to listen and calls one of the methods of the attempt it is given.
    interface Binding {

        /// Begins to listen at `address`.
        void begin(InetSocketAddress address, Attempt attempt);
    }

    /// How one port comes up.
    final class Attempt {

        private final String key;
        private final InetSocketAddress address;

        private Attempt(String key, InetSocketAddress address) {
            this.key = key;
            this.address = address;
        }

        void listening(int port) {
            bound.put(key, port);
        }

        void failed(Throwable cause) {
            String why = String.valueOf(cause.getMessage());
            failure =
                    why.contains("in use")
                            ? "%s %d of replica %s is in use on %s: stop what uses it or choose another port in %s"
                                    .formatted(
                                            key,
                                            address.getPort(),
                                            config.self(),
                                            address.getHostString(),
                                            config.source())
                            : "%s %d of replica %s cannot be opened on %s (%s): correct host or port in %s"
                                    .formatted(
                                            key,
                                            address.getPort(),
                                            config.self(),
                                            address.getHostString(),
                                            why,
                                            config.source());
        }
    }

    /// Listens at `host:port`.
    ///
    /// @param key what the configuration calls the port
    /// @throws ConfigException if that cannot be
    void bind(String key, String host, int port, Binding binding) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new ConfigException(
                    "the host %s of replica %s is not known; correct it in %s"
                            .formatted(host, config.self(), config.source()));
        }
        binding.begin(address, new Attempt(key, address));
        long start = System.nanoTime();
        while (failure == null && !bound.containsKey(key)) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new ConfigException(
                        "%s %d of replica %s did not come up within 10 s; look at the log"
                                .formatted(key, port, config.self()));
            }
            loop.poll(POLL_NANOS);
        }
        if (failure != null) {
            throw new ConfigException(failure);
        }
    }

    /// The ports that listen, by what the configuration calls them; grows with each [#bind].
    SortedMap<String, Integer> bound() {
        return bound;
    }
}
