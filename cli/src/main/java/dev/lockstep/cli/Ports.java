package dev.lockstep.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Finds ports that nobody listens on, near the ones people expect.
public final class Ports {

    /// Apart enough that the neighbours of a taken port, which its program may want too, stay free.
    private static final int STEP = 10;

    private static final int FIRST_ANY = 10_000;
    private static final int END_ANY = 32_000;
    private static final int ATTEMPTS = 1_000;

    private final InetAddress host;
    private final TreeSet<Integer> given = new TreeSet<>();

    /// Looks for ports of this address.
    public Ports(InetAddress host) {
        this.host = host;
    }

    /// The first free port of `wanted`, `wanted + 10`, …, never the same twice.
    int near(int wanted) {
        for (int port = wanted; port <= 0xffff; port += STEP) {
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                return port;
            }
        }
        throw new OperatorException(
                "no free port was found on %s from %d upwards: stop what listens there"
                        .formatted(host.getHostAddress(), wanted));
    }

    /// Any free port, never the same twice. Not one that the system might give to an outgoing
    /// connection while the replica that owns it is down.
    public int any() {
        SplittableRandom random = new SplittableRandom();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = random.nextInt(FIRST_ANY, END_ANY);
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                return port;
            }
        }
        throw new OperatorException(
                "no free port was found on %s from %d to %d: stop some of what listens there"
                        .formatted(host.getHostAddress(), FIRST_ANY, END_ANY - 1));
    }

    boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
