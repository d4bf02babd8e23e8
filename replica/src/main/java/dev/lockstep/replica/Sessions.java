package dev.lockstep.replica;

import dev.lockstep.core.Holdings;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.PriorityQueue;

/// The session table. Replicated: changed by executing the order only.
final class Sessions {

    /// More sessions are not opened; clients are told `OVERLOADED`.
    static final int MAX_SESSIONS = 100_000;

    /// About how many closed sessions stay in the queue of expiries.
    private static final int MOST_LINGERING = 1_024;

    /// When a session would have expired as seen when this was queued; it may have been heard of
    /// since, never the other way.
    private record Expiry(long atNanos, long session) {}

    private final LongMap<Session> byId = new LongMap<>();
    private final LongMap<Session> byNonce = new LongMap<>();

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

    boolean isFull() {
        return byId.size() >= MAX_SESSIONS;
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
    @Nullable Session opened(long nonce) {
        return byNonce.get(nonce);
    }

    void open(long id, long nonce, long timeoutNanos, long timeNanos) {
        add(new Session(id, nonce, timeoutNanos, timeNanos, 1));
    }

    private void add(Session session) {
        byId.put(session.id(), session);
        byNonce.put(session.nonce(), session);
        expiries.add(new Expiry(session.expiryNanos(), session.id()));
    }

    void end(Session session) {
        byId.remove(session.id());
        byNonce.remove(session.nonce());
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

    /// Reads sessions that [Session#encode] wrote, `count` of them, into an empty table.
    void decode(int count, BytesReader in) {
        for (int i = 0; i < count; i++) {
            Session session = Session.decode(in);
            if (byId.get(session.id()) != null || byNonce.get(session.nonce()) != null) {
                throw new MalformedException("session " + session.id() + " comes twice");
            }
            add(session);
        }
    }

    /// Appends one session of those in [#sortedIds()].
    void encode(long id, BytesWriter out) {
        Session session = byId.get(id);
        if (session != null) {
            session.encode(out);
        }
    }
}
