package dev.lockstep.client;

import java.util.Arrays;

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

    private static final int MAX_DOUBLINGS = 5;

    private int[] replicas;
    private Link[] links;
    private long[] dialAt;

    /// How often in a row a replica could not be reached.
    private int[] failures;

    private final long reconnectNanos;

    /// The replica the session talks to; 0 if none is connected.
    private int entry;

    /// The replica to talk to as soon as it is connected; 0 if one is as good as another.
    private int preferred;

    Entries(int[] replicas, long reconnectNanos) {
        if (replicas.length == 0) {
            throw new IllegalArgumentException("a client needs at least one replica to talk to");
        }
        this.replicas = replicas.clone();
        this.links = new Link[replicas.length];
        Arrays.fill(links, Link.DOWN);
        this.dialAt = new long[replicas.length];
        Arrays.fill(dialAt, Long.MIN_VALUE);
        this.failures = new int[replicas.length];
        this.reconnectNanos = reconnectNanos;
    }

    int entry() {
        return entry;
    }

    /// The numbers of all replicas that are known.
    int[] replicas() {
        return replicas.clone();
    }

    boolean contains(int replica) {
        return indexOf(replica) >= 0;
    }

    /// One more replica, to be dialled at once; does nothing if it is known.
    void add(int replica) {
        if (contains(replica)) {
            return;
        }
        int last = replicas.length;
        replicas = Arrays.copyOf(replicas, last + 1);
        links = Arrays.copyOf(links, last + 1);
        dialAt = Arrays.copyOf(dialAt, last + 1);
        failures = Arrays.copyOf(failures, last + 1);
        replicas[last] = replica;
        links[last] = Link.DOWN;
        dialAt[last] = Long.MIN_VALUE;
    }

    /// A known replica is not talked to any more.
    void remove(int replica) {
        int index = indexOf(replica);
        links[index] = Link.DOWN;
        forgetPreferred(replica);
        if (entry == replica) {
            entry = 0;
            rotate(index);
        }
        int last = replicas.length - 1;
        System.arraycopy(replicas, index + 1, replicas, index, last - index);
        System.arraycopy(links, index + 1, links, index, last - index);
        System.arraycopy(dialAt, index + 1, dialAt, index, last - index);
        System.arraycopy(failures, index + 1, failures, index, last - index);
        replicas = Arrays.copyOf(replicas, last);
        links = Arrays.copyOf(links, last);
        dialAt = Arrays.copyOf(dialAt, last);
        failures = Arrays.copyOf(failures, last);
    }

    /// Talks to `replica` from now on, or as soon as it is connected.
    void prefer(int replica) {
        preferred = replica;
        int index = indexOf(replica);
        if (index >= 0 && links[index] == Link.UP) {
            entry = replica;
        }
    }

    void connected(int replica) {
        int index = indexOf(replica);
        if (index < 0) {
            return;
        }
        links[index] = Link.UP;
        failures[index] = 0;
        if (entry == 0 || replica == preferred) {
            entry = replica;
        }
    }

    void disconnected(int replica, long now) {
        int index = indexOf(replica);
        if (index < 0) {
            return;
        }
        links[index] = Link.DOWN;
        dialAt[index] = now + (reconnectNanos << Math.min(failures[index], MAX_DOUBLINGS));
        failures[index]++;
        forgetPreferred(replica);
        if (entry == replica) {
            entry = 0;
            rotate(index);
        }
    }

    /// Moves on to the next connected replica after the entry.
    ///
    /// @return false if there is no other: the entry stays
    boolean moveOn() {
        int before = entry;
        forgetPreferred(before);
        rotate(Math.max(0, indexOf(before)));
        return entry != before;
    }

    private void forgetPreferred(int replica) {
        if (preferred == replica) {
            preferred = 0;
        }
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
