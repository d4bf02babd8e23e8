package dev.lockstep.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.SortedSet;
import java.util.TreeSet;

/// Finds ports for members that must know each other's before any of them listens, and that must
/// get the same ones again when they come back.
///
/// They are drawn at random from a range that no system gives to outgoing connections unasked, so
/// that a port is still free when its member returns. Processes that draw at the same time may meet
/// on one all the same; whoever binds second tries others.
final class LoopbackPorts {

    private static final int FIRST = 12_000;
    private static final int LAST = 31_999;
    private static final int ATTEMPTS = 10_000;

    private LoopbackPorts() {}

    /// `count` different ports that were free just now.
    static int[] free(int count) {
        SecureRandom random = new SecureRandom();
        SortedSet<Integer> drawn = new TreeSet<>();
        int[] ports = new int[count];
        int found = 0;
        for (int attempt = 0; found < count; attempt++) {
            if (attempt == ATTEMPTS) {
                throw new ConfigException(
                        "no %d free ports from %d to %d on the loopback address; stop what uses them"
                                .formatted(count, FIRST, LAST));
            }
            int port = random.nextInt(FIRST, LAST + 1);
            if (drawn.add(port) && isFree(port)) {
                ports[found++] = port;
            }
        }
        return ports;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
