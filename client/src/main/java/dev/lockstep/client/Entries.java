package dev.lockstep.client;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

    /// One replica.
    private static final class Known {
        private final int replica;
        private Link link = Link.DOWN;
        private long dialAt = Long.MIN_VALUE;

        /// How often in a row it could not be reached.
        private int failures;

        Known(int replica) {
            this.replica = replica;
        }
    }

    /// In the order in which they became known.
    private final List<Known> all = new ArrayList<>();

    private final long reconnectNanos;

    /// The replica the session talks to; 0 if none is connected.
    private int entry;

    /// The replica to talk to as soon as it is connected; 0 if one is as good as another.
    private int preferred;

    Entries(int[] replicas, long reconnectNanos) {
        if (replicas.length == 0) {
            throw new IllegalArgumentException("a client needs at least one replica to talk to");
        }
        for (int replica : replicas) {
            all.add(new Known(replica));
        }
        this.reconnectNanos = reconnectNanos;
    }

    int entry() {
        return entry;
    }

    /// Talks to `replica` from now on, or as soon as it is connected.
    void prefer(int replica) {
        preferred = replica;
        Known known = find(replica);
        if (known != null && known.link == Link.UP) {
            entry = replica;
        }
    }

    void connected(int replica) {
        Known known = find(replica);
        if (known == null) {
            return;
        }
        known.link = Link.UP;
        known.failures = 0;
        if (entry == 0 || replica == preferred) {
            entry = replica;
        }
    }

    void disconnected(int replica, long now) {
        Known known = find(replica);
        if (known == null) {
            return;
        }
        known.link = Link.DOWN;
        known.dialAt = now + (reconnectNanos << Math.min(known.failures, MAX_DOUBLINGS));
        known.failures++;
        forgetPreferred(replica);
        if (entry == replica) {
            entry = 0;
            rotate(all.indexOf(known));
        }
    }

    /// Knows these replicas from now on, and no others.
    ///
    /// @return those that were known and are not any more
    List<Integer> become(int[] replicas) {
        List<Integer> gone = new ArrayList<>();
        for (Known known : List.copyOf(all)) {
            if (Arrays.stream(replicas).noneMatch(replica -> replica == known.replica)) {
                gone.add(known.replica);
                forget(known);
            }
        }
        for (int replica : replicas) {
            if (find(replica) == null) {
                all.add(new Known(replica));
            }
        }
        return gone;
    }

    private void forget(Known known) {
        int index = all.indexOf(known);
        all.remove(index);
        forgetPreferred(known.replica);
        if (entry == known.replica) {
            entry = 0;
            rotate(index - 1);
        }
    }

    /// Moves on to the next connected replica after the entry.
    ///
    /// @return false if there is no other: the entry stays
    boolean moveOn() {
        int before = entry;
        forgetPreferred(before);
        Known known = find(before);
        rotate(known == null ? 0 : all.indexOf(known));
        return entry != before;
    }

    private void forgetPreferred(int replica) {
        if (preferred == replica) {
            preferred = 0;
        }
    }

    private void rotate(int from) {
        for (int step = 1; step <= all.size(); step++) {
            Known known = all.get((from + step) % all.size());
            if (known.link == Link.UP) {
                entry = known.replica;
                return;
            }
        }
    }

    void dialDue(long now, ClientTransport transport) {
        for (Known known : all) {
            if (known.link == Link.DOWN && now >= known.dialAt) {
                known.link = Link.CONNECTING;
                transport.connect(known.replica);
            }
        }
    }

    long nextDialNanos() {
        long earliest = Long.MAX_VALUE;
        for (Known known : all) {
            if (known.link == Link.DOWN) {
                earliest = Math.min(earliest, known.dialAt);
            }
        }
        return earliest;
    }

    private @Nullable Known find(int replica) {
        for (Known known : all) {
            if (known.replica == replica) {
                return known;
            }
        }
        return null;
    }
}
