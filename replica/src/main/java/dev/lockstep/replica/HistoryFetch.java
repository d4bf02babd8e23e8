package dev.lockstep.replica;

import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.LongPredicate;

/// Gets delivered history from other members, one question at a time, until one of them has no
/// more. A member that does not answer or does not have it is passed over; when all have been asked
/// in vain it stops, and the protocol asks again when it is told again that it is behind; if one of
/// them has what is wanted only in a snapshot, that is fetched.
final class HistoryFetch {

    /// How long a member has to answer.
    static final long TIMEOUT_NANOS = 1_000_000_000L;

    /// What a member said of itself counts for so long.
    private static final long FRESH_NANOS = 500_000_000L;

    /// Who lacks no more positions than this is at the end: some are always under way.
    static final long MOST_BEHIND = 256;

    /// Takes what was fetched.
    @FunctionalInterface
    interface Sink {
        void accept(Now now, List<HistoryEntry> entries);
    }

    /// Takes who has what is needed, but only in a snapshot.
    @FunctionalInterface
    interface Elsewhere {
        void accept(Now now, ReplicaId peer);
    }

    private final CurrentReign current;
    private final PeerTable table;
    private final PeerPort peers;
    private final Journal journal;
    private final long journalPendingBytes;
    private final FetchPace pace;
    private final Sink sink;
    private final LongPredicate isBelieved;
    private final Elsewhere elsewhere;

    /// The position asked for; 0 while nothing is fetched.
    private long from;

    /// Who is asked, or was last.
    private ReplicaId asked;

    /// When the member is given up, monotonic; `Long.MAX_VALUE` while nothing is asked.
    private long deadline = Long.MAX_VALUE;

    /// Members asked in vain since something came.
    private int inVain;

    /// A member that has delivered what is wanted and does not have it in its journal; null if none
    /// was found since something came.
    private @Nullable ReplicaId holder;

    /// True while the next question waits until the journal has written what came, and so as to go
    /// no faster than allowed.
    private boolean waits;

    /// Nothing is asked for before, monotonic.
    private long notBefore = Long.MIN_VALUE;

    /// When the last question was asked, monotonic.
    private long askedNanos;

    /// How far the last member was that answered, and when it did, monotonic.
    private long answeredThrough;

    private long answeredNanos = Long.MIN_VALUE / 2;

    /// @param isBelieved true if history through this position, which the sink was given, counts:
    /// who
    ///     sent what does not is passed over
    HistoryFetch(
            ReplicaOptions options,
            CurrentReign current,
            PeerTable table,
            PeerPort peers,
            Journal journal,
            Sink sink,
            LongPredicate isBelieved,
            Elsewhere elsewhere) {
        this.current = current;
        this.table = table;
        this.peers = peers;
        this.journal = journal;
        this.journalPendingBytes = options.limits().journalPendingBytes();
        this.pace = new FetchPace(options.snapshots().fetchBytesPerSecond());
        this.sink = sink;
        this.isBelieved = isBelieved;
        this.elsewhere = elsewhere;
        this.asked = current.self();
    }

    /// The protocol needs history from this position on.
    void need(Now now, long position) {
        if (from != 0) {
            return;
        }
        from = position;
        inVain = 0;
        holder = null;
        askNext(now);
    }

    /// True while something is asked for.
    boolean isUnderWay() {
        return from != 0;
    }

    /// True if a member has said lately how far it is, and `position` is about as far.
    boolean isAtEnd(long nowNanos, long position) {
        return nowNanos - answeredNanos < FRESH_NANOS && answeredThrough - position <= MOST_BEHIND;
    }

    /// Nothing is asked for any more: the epoch has ended.
    void stop() {
        pace.rest();
        from = 0;
        deadline = Long.MAX_VALUE;
        waits = false;
        holder = null;
    }

    void onHistory(Now now, ReplicaId peer, PeerFrames.History history) {
        boolean expected = from != 0 && history.from() == from && peer.equals(asked) && !waits;
        if (!expected) {
            return;
        }
        answeredThrough = history.deliveredThrough();
        answeredNanos = now.monotonicNanos();
        int count = history.entries().size();
        if (count == 0) {
            if (history.deliveredThrough() >= from) {
                // It was there once: a snapshot stands for it.
                holder = peer;
            }
            passOver(now);
            return;
        }
        int formerlyInVain = inVain;
        inVain = 0;
        holder = null;
        deadline = Long.MAX_VALUE;
        long next = history.from() + count;
        // The protocol may need more than the member had; it then says so in answer to this.
        from = next <= history.deliveredThrough() ? next : 0;
        waits = from != 0;
        notBefore = askedNanos + pace.nanosFor(now, history.entries(), history.deliveredThrough());
        if (!waits) {
            pace.rest();
        }
        long goesOn = from;
        sink.accept(now, history.entries());
        if (!isBelieved.test(next - 1) && from == goesOn) {
            from = history.from();
            waits = false;
            inVain = formerlyInVain;
            passOver(now);
            return;
        }
        advance(now);
    }

    /// Asks on, or gives a silent member up.
    void advance(Now now) {
        if (waits) {
            if (journal.pendingBytes() < journalPendingBytes && now.monotonicNanos() >= notBefore) {
                waits = false;
                ask(now);
            }
        } else if (now.monotonicNanos() >= deadline) {
            passOver(now);
        }
    }

    long nextDeadlineNanos() {
        boolean isPausing = waits && journal.pendingBytes() < journalPendingBytes;
        return isPausing ? notBefore : deadline;
    }

    private void passOver(Now now) {
        inVain++;
        if (inVain >= table.sources().size()) {
            pace.rest();
            from = 0;
            deadline = Long.MAX_VALUE;
            ReplicaId other = holder;
            holder = null;
            if (other != null) {
                elsewhere.accept(now, other);
            }
        } else {
            askNext(now);
        }
    }

    private void askNext(Now now) {
        ReplicaId next = table.sourceAfter(asked);
        if (next == null) {
            stop();
            return;
        }
        asked = next;
        waits = now.monotonicNanos() < notBefore;
        if (waits) {
            deadline = Long.MAX_VALUE;
        } else {
            ask(now);
        }
    }

    private void ask(Now now) {
        askedNanos = now.monotonicNanos();
        deadline = now.monotonicNanos() + TIMEOUT_NANOS;
        Bytes question = PeerFrames.needHistory(current.epoch(), from);
        if (!peers.send(asked, question, Bytes.EMPTY, 0)) {
            // There is no connection: the deadline passes it over, at the next duty cycle.
            deadline = now.monotonicNanos();
        }
    }
}
