package dev.lockstep.client;

/// Which replicas a client knows, which are connected, and which of them it talks to (its entry).
///
/// All are kept connected, so that failing over costs no handshake.
final class Entries {

    private enum Link {
        /// Not connected; dialled again at its time.
        DOWN,
        /// Dialled, no answer yet.
        CONNECTING,
        /// Ready.
        UP
    }

    private final int[] replicas;
    private final Link[] links;
    private final long[] dialAt;
    private final long reconnectNanos;
    private int entry;

    Entries(int[] replicas, long reconnectNanos) {
        if (replicas.length == 0) {
            throw new IllegalArgumentException("a client needs at least one replica to talk to");
        }
        this.replicas = replicas.clone();
        this.links = new Link[replicas.length];
        java.util.Arrays.fill(links, Link.DOWN);
        this.dialAt = new long[replicas.length];
        java.util.Arrays.fill(dialAt, Long.MIN_VALUE);
        this.reconnectNanos = reconnectNanos;
    }

    /// The replica the session talks to; 0 if none is connected.
    int entry() {
        return entry;
    }

    boolean isUp(int replica) {
        int index = indexOf(replica);
        return index >= 0 && links[index] == Link.UP;
    }

    /// Makes `replica` the entry if it is connected; returns whether that changed anything.
    boolean prefer(int replica) {
        if (replica == entry || !isUp(replica)) {
            return false;
        }
        entry = replica;
        return true;
    }

    void connected(int replica) {
        int index = indexOf(replica);
        if (index < 0) {
            return;
        }
        links[index] = Link.UP;
        if (entry == 0) {
            entry = replica;
        }
    }

    void disconnected(int replica, long now) {
        int index = indexOf(replica);
        if (index < 0) {
            return;
        }
        links[index] = Link.DOWN;
        dialAt[index] = now + reconnectNanos;
        if (entry == replica) {
            entry = 0;
            rotate(index);
        }
    }

    /// Moves on to the next connected replica after the entry; keeps it if it is the only one.
    void moveOn() {
        int index = indexOf(entry);
        rotate(index < 0 ? 0 : index);
    }

    private void rotate(int from) {
        for (int step = 1; step <= replicas.length; step++) {
            int index = (from + step) % replicas.length;
            if (links[index] == Link.UP) {
                entry = replicas[index];
                return;
            }
        }
    }

    void dialDue(long now, ClientTransport transport) {
        for (int i = 0; i < replicas.length; i++) {
            if (links[i] == Link.DOWN && now >= dialAt[i]) {
                links[i] = Link.CONNECTING;
                transport.connect(replicas[i]);
            }
        }
    }

    long nextDialNanos() {
        long earliest = Long.MAX_VALUE;
        for (int i = 0; i < replicas.length; i++) {
            if (links[i] == Link.DOWN) {
                earliest = Math.min(earliest, dialAt[i]);
            }
        }
        return earliest;
    }

    private int indexOf(int replica) {
        for (int i = 0; i < replicas.length; i++) {
            if (replicas[i] == replica) {
                return i;
            }
        }
        return -1;
    }
}
