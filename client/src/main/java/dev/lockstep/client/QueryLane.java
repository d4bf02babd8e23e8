package dev.lockstep.client;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import java.nio.charset.StandardCharsets;

/// Numbers queries, sends them, and sends them again elsewhere until one copy is answered or the
/// caller gives up. Queries change nothing, so a copy too many is only work.
final class QueryLane {

    private final QueryWindow window;
    private final ClientTransport transport;
    private final Backoff backoff;

    /// For the answer to the oldest query.
    private final Patience patience;

    /// All numbers below have been sent or answered.
    private long unsentFrom = 1;

    /// No deadline of an open query is earlier.
    private long earliestDeadline = Long.MAX_VALUE;

    private long resends;

    /// What a replica last said when it did not answer a query.
    private String lastRefusal = "";

    QueryLane(EngineOptions options, ClientTransport transport) {
        this.window = new QueryWindow(options.window());
        this.transport = transport;
        this.backoff = new Backoff(options.overloadedPauseNanos());
        this.patience = new Patience(options.retryNanos());
    }

    boolean isFull() {
        return window.isFull();
    }

    long resends() {
        return resends;
    }

    long earliestDeadline() {
        return earliestDeadline;
    }

    boolean hasUnsent() {
        return Math.max(unsentFrom, window.base()) < window.next();
    }

    /// Nothing is sent before.
    long pausedUntil() {
        return backoff.until();
    }

    /// When the entry has been silent for too long; never if nothing is awaited of it.
    long impatientAt() {
        boolean awaited = !window.isEmpty() && window.isSent(window.base());
        return awaited ? patience.until() : Long.MAX_VALUE;
    }

    /// The replica whose silence that is.
    int awaitedFrom() {
        return window.sentTo[window.slot(window.base())];
    }

    void onImpatient(long now) {
        patience.onExhausted(now);
    }

    void add(Bytes query, Freshness freshness, long deadlineNanos, Completion whenKnown) {
        window.add(query, freshness, deadlineNanos, whenKnown);
        earliestDeadline = Math.min(earliestDeadline, deadlineNanos);
    }

    /// Sends what was not sent yet, as far as the transport has room.
    ///
    /// @param seenPosition what queries of freshness SESSION must see
    void send(long now, int entry, long seenPosition) {
        if (!backoff.isOver(now)) {
            return;
        }
        long number = Math.max(unsentFrom, window.base());
        for (; number < window.next(); number++) {
            int slot = window.slot(number);
            if (!window.isOpen(number) || window.sentTo[slot] != 0) {
                continue;
            }
            Bytes query = window.query[slot];
            if (!transport.hasRoom(entry, query.size())) {
                break;
            }
            Freshness freshness = window.freshness[slot];
            long atLeast = freshness == Freshness.SESSION ? seenPosition : 0;
            transport.send(entry, new ClientRequest.Query(number, freshness, atLeast, query));
            window.sentTo[slot] = entry;
            if (number == window.base()) {
                patience.begin(now);
            }
        }
        unsentFrom = number;
    }

    void onReply(
            long now,
            int from,
            Status status,
            long number,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        if (!window.isOpen(number)) {
            return;
        }
        switch (status) {
            case OK -> settle(now, number, Outcome.OK, position, bytes, offset, length);
            case SERVICE_FAILURE ->
                    settle(now, number, Outcome.SERVICE_FAILURE, position, bytes, offset, length);
            case REFUSED -> settle(now, number, Outcome.REFUSED, position, bytes, offset, length);
            case OVERLOADED, OUT_OF_ORDER, SESSION_EXPIRED, FORGOTTEN, UNKNOWN, UNAVAILABLE -> {
                lastRefusal = new String(bytes, offset, length, StandardCharsets.UTF_8);
                if (window.sentTo[window.slot(number)] == from) {
                    sendAgain(number);
                    backoff.onRefused(now);
                }
            }
        }
    }

    void sendAgainWhatWentTo(int replica) {
        for (long number = window.base(); number < window.next(); number++) {
            if (window.isOpen(number) && window.sentTo[window.slot(number)] == replica) {
                sendAgain(number);
            }
        }
    }

    /// For an entry that is silent while there is no other.
    void sendAgainOldest() {
        if (!window.isEmpty() && window.isSent(window.base())) {
            sendAgain(window.base());
        }
    }

    private void sendAgain(long number) {
        window.sentTo[window.slot(number)] = 0;
        unsentFrom = Math.min(unsentFrom, number);
        resends++;
    }

    void giveUpOverdue(long now) {
        if (now < earliestDeadline) {
            return;
        }
        // Whoever is told may ask another query, which lowers this again.
        earliestDeadline = Long.MAX_VALUE;
        for (long number = window.base(); number < window.next(); number++) {
            if (!window.isOpen(number)) {
                continue;
            }
            long deadline = window.deadline[window.slot(number)];
            if (deadline > now) {
                earliestDeadline = Math.min(earliestDeadline, deadline);
            } else {
                tellUnavailable(
                        window.close(number),
                        "no replica answered the query before its deadline; see whether a majority of the cluster runs"
                                + (lastRefusal.isEmpty() ? "" : " (" + lastRefusal + ")"));
            }
        }
    }

    void failAll(String sentence) {
        for (long number = window.base(); number < window.next(); number++) {
            if (window.isOpen(number)) {
                tellUnavailable(window.close(number), sentence);
            }
        }
    }

    private void settle(
            long now,
            long number,
            Outcome outcome,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        boolean oldest = number == window.base();
        Completion whenKnown = window.close(number);
        backoff.onSuccess();
        if (oldest) {
            patience.onAnswer(now);
        }
        whenKnown.onOutcome(outcome, position, bytes, offset, length);
    }

    private static void tellUnavailable(Completion whenKnown, String sentence) {
        byte[] bytes = sentence.getBytes(StandardCharsets.UTF_8);
        whenKnown.onOutcome(Outcome.UNAVAILABLE, 0, bytes, 0, bytes.length);
    }
}
