package dev.lockstep.replica;

import dev.lockstep.core.Holdings;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.TreeMap;

/// The session table. Replicated: changed by executing the order only.
final class Sessions {

    /// More sessions are not opened; clients are told `OVERLOADED`.
    static final int MAX_SESSIONS = 100_000;

    /// One client that signs opens no more of them, so that it takes no other's away.
    static final int MAX_SESSIONS_OF_CLIENT = 1_024;

    /// About how many closed sessions stay in the queue of expiries.
    private static final int MOST_LINGERING = 1_024;

    /// When a session would have expired as seen when this was queued; it may have been heard of
    /// since, never the other way.
    private record Expiry(long atNanos, long session) {}

    /// Nobody's nonce is another's.
    private record Opening(int client, long nonce) implements Comparable<Opening> {

        @Override
        public int compareTo(Opening other) {
            int byClient = Integer.compare(client, other.client);
            return byClient != 0 ? byClient : Long.compare(nonce, other.nonce);
        }
    }

    private final LongMap<Session> byId = new LongMap<>();
    private final TreeMap<Opening, Session> byOpening = new TreeMap<>();

    /// One for every session, perhaps too early; those of closed sessions linger for a while.
    private final PriorityQueue<Expiry> expiries =
            new PriorityQueue<>(
                    Comparator.comparingLong(Expiry::atNanos).thenComparingLong(Expiry::session));

    /// The session that was asked for last: requests of one session come in runs.
    private @Nullable Session recent;

    int size() {
        return byId.size();
    }

    void tellHoldings(Holdings to, ReplicaLimits limits) {
        for (long id : sortedIds()) {
            Session session = byId.get(id);
            if (session != null) {
                session.tellHoldings(to, limits);
            }
        }
    }

    /// Why `client` cannot open another session, one sentence; null if it can.
    @Nullable String whyFull(int client) {
        if (byId.size() >= MAX_SESSIONS) {
            return "the cluster has "
                    + MAX_SESSIONS
                    + " sessions, as many as it takes; close some or let them expire";
        }
        if (client != 0 && countOf(client) >= MAX_SESSIONS_OF_CLIENT) {
            return "client "
                    + client
                    + " has "
                    + MAX_SESSIONS_OF_CLIENT
                    + " sessions, as many as one client may have; close some or let them expire";
        }
        return null;
    }

    private int countOf(int client) {
        return byOpening
                .subMap(
                        new Opening(client, Long.MIN_VALUE),
                        true,
                        new Opening(client, Long.MAX_VALUE),
                        true)
                .size();
    }

    /// True if a client that signs has opened one of them.
    boolean haveOwners() {
        return !byOpening.isEmpty() && byOpening.lastKey().client() > 0;
    }

    /// How many expiries are queued, for tests of the bound.
    int queuedExpiries() {
        return expiries.size();
    }

    @Nullable Session find(long id) {
        Session last = recent;
        if (last != null && last.id() == id) {
            return last;
        }
        Session found = byId.get(id);
        if (found != null) {
            recent = found;
        }
        return found;
    }

    /// The session that this nonce opened, if it lives.
    @Nullable Session opened(int client, long nonce) {
        return byOpening.get(new Opening(client, nonce));
    }

    void open(long id, int client, long nonce, long timeoutNanos, long timeNanos) {
        add(new Session(id, client, nonce, timeoutNanos, timeNanos, 1));
    }

    private void add(Session session) {
        byId.put(session.id(), session);
        byOpening.put(new Opening(session.client(), session.nonce()), session);
        expiries.add(new Expiry(session.expiryNanos(), session.id()));
    }

    void end(Session session) {
        byId.remove(session.id());
        byOpening.remove(new Opening(session.client(), session.nonce()));
        recent = null;
        if (expiries.size() > 2 * byId.size() + MOST_LINGERING) {
            expiries.removeIf(expiry -> byId.get(expiry.session()) == null);
        }
    }

    /// The earliest agreed time at which a session expires, if that is `asOf` or before; otherwise
    /// some time after `asOf` before which none does. `Long.MAX_VALUE` without sessions.
    long nextExpiryNanos(long asOf) {
        while (true) {
            Expiry head = expiries.peek();
            if (head == null) {
                return Long.MAX_VALUE;
            }
            if (head.atNanos() > asOf) {
                return head.atNanos();
            }
            Session session = byId.get(head.session());
            if (session != null && session.expiryNanos() == head.atNanos()) {
                return head.atNanos();
            }
            expiries.remove();
            if (session != null) {
                expiries.add(new Expiry(session.expiryNanos(), session.id()));
            }
        }
    }

    /// A session whose time has come at `timeNanos`, the earliest first; null if there is none.
    @Nullable Session expiredAt(long timeNanos) {
        if (nextExpiryNanos(timeNanos) > timeNanos) {
            return null;
        }
        Expiry head = expiries.peek();
        return head == null ? null : byId.get(head.session());
    }

    /// The ids of all sessions, ascending.
    long[] sortedIds() {
        return byId.sortedKeys();
    }

    /// Reads sessions that [#encode] wrote, `count` of them, into an empty table.
    ///
    /// @param haveOwners whether it is said who has opened each
    void decode(int count, boolean haveOwners, BytesReader in) {
        for (int i = 0; i < count; i++) {
            int client = haveOwners ? in.getInt() : 0;
            Session session = Session.decode(client, in);
            if (client < 0
                    || byId.get(session.id()) != null
                    || opened(client, session.nonce()) != null) {
                throw new MalformedException("session " + session.id() + " comes twice");
            }
            add(session);
        }
    }

    /// Appends one session of those in [#sortedIds()].
    ///
    /// @param haveOwners whether to say who has opened it
    void encode(long id, boolean haveOwners, BytesWriter out) {
        Session session = byId.get(id);
        if (session != null) {
            if (haveOwners) {
                out.putInt(session.client());
            }
            session.encode(out);
        }
    }
}
