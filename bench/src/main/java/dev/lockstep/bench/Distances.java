package dev.lockstep.bench;

import dev.lockstep.testkit.relay.DelayRelay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;

/// The ways between replicas that stand at different sites: a relay for each direction in which one
/// may dial another.
final class Distances implements AutoCloseable {

    private static final int MOST_REPLICAS = 100;

    /// By who dials and who is dialled.
    private final SortedMap<Integer, DelayRelay> relays = new TreeMap<>();

    /// @param jitterMillis each way takes up to so much longer
    static Distances open(Sites sites, double jitterMillis, ClusterFiles files) throws IOException {
        Distances distances = new Distances();
        try {
            for (int from = 1; from <= Sites.COUNT; from++) {
                for (int to = 1; to <= Sites.COUNT; to++) {
                    if (from != to) {
                        distances.put(from, to, sites, jitterMillis, files);
                    }
                }
            }
            return distances;
        } catch (IOException e) {
            distances.close();
            throw e;
        }
    }

    private void put(int from, int to, Sites sites, double jitterMillis, ClusterFiles files)
            throws IOException {
        InetSocketAddress target =
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), files.ports().get(to - 1).peer());
        DelayRelay relay =
                DelayRelay.open(
                        target, nanos(sites.delay(from, to)), nanos(jitterMillis), key(from, to));
        relays.put(key(from, to), relay);
    }

    private static int key(int from, int to) {
        return from * MOST_REPLICAS + to;
    }

    private static Duration nanos(double millis) {
        return Duration.ofNanos(Math.round(millis * 1e6));
    }

    /// Where replica `from` is to dial replica `to`.
    int port(int from, int to) {
        DelayRelay relay = relays.get(key(from, to));
        if (relay == null) {
            throw new IllegalArgumentException("no way from " + from + " to " + to);
        }
        return relay.port();
    }

    /// True if every two replicas are connected over these ways.
    boolean areInUse() {
        for (int one = 1; one <= Sites.COUNT; one++) {
            for (int other = one + 1; other <= Sites.COUNT; other++) {
                if (connections(one, other) + connections(other, one) == 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private int connections(int from, int to) {
        DelayRelay relay = relays.get(key(from, to));
        return relay == null ? 0 : relay.connections();
    }

    @Override
    public void close() {
        relays.values().forEach(DelayRelay::close);
    }
}
