package dev.lockstep.ordering.stability;

import dev.lockstep.ordering.stability.StabilityMessage.Body;
import dev.lockstep.ordering.stability.StabilityMessage.Heartbeat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Sends messages, each with the header for its receiver.
final class Post {

    private final Setup setup;
    private final Turn turn;
    private final Floor floor;
    private final Candidates candidates;
    private final Peers peers;
    private final Ledger ledger;

    /// By rank: the floor that was last told at once, not after a write.
    private final long[] told;

    /// By rank: when something was last sent; monotonic.
    private final long[] sentAt;

    Post(Setup setup, Turn turn, Floor floor, Candidates candidates, Peers peers, Ledger ledger) {
        this.setup = setup;
        this.turn = turn;
        this.floor = floor;
        this.candidates = candidates;
        this.peers = peers;
        this.ledger = ledger;
        this.told = new long[setup.size()];
        this.sentAt = new long[setup.size()];
        Arrays.fill(sentAt, Long.MIN_VALUE / 2);
    }

    /// Sends at once.
    void send(int rank, Body body) {
        send(rank, body, 0);
    }

    /// Sends once the journal is durable through `afterSequence`.
    void send(int rank, Body body, long afterSequence) {
        if (rank == setup.rank()) {
            return;
        }
        Header header = header(rank);
        turn.send(setup.idAt(rank), new StabilityMessage(header, body), afterSequence);
        sentAt[rank] = turn.monotonicNanos();
        if (afterSequence <= turn.durable()) {
            told[rank] = header.through();
        }
    }

    /// Sends to all others.
    void broadcast(Body body, long afterSequence) {
        for (int rank = 0; rank < setup.size(); rank++) {
            send(rank, body, afterSequence);
        }
    }

    private Header header(int rank) {
        long base = candidates.base();
        long from = Math.max(peers.knowsOfMe(rank), base);
        long through = Math.max(from, floor.announced());
        if (floor.announced() < from) {
            // A promise of an earlier process, or one that is still on its way to the disk.
            through = from;
        }
        List<Mark> listed = through == from ? List.of() : candidates.between(from, through);
        if (listed.size() > StabilityCodec.MAX_LISTED) {
            long cut = listed.getLast().timestamp() - 1;
            through = Math.max(from, cut);
            List<Mark> kept = new ArrayList<>(listed);
            kept.removeIf(mark -> mark.timestamp() > cut);
            listed = kept;
        }
        boolean isBase = setup.rules().isBase(from, base);
        return new Header(
                from,
                through,
                isBase ? candidates.basePosition() : Header.NO_BASE,
                listed,
                peers.known(rank),
                ledger.delivered(),
                floor.bumped(),
                turn.now().wallNanos());
    }

    /// Tells those of the floor who may wait for it to reach `due`, which it has.
    void announce(long due) {
        for (int rank = 0; rank < setup.size(); rank++) {
            if (rank != setup.rank() && told[rank] < due) {
                send(rank, new Heartbeat());
            }
        }
    }

    /// Says something to everybody who has not heard anything for a while.
    void heartbeat() {
        long silence = setup.options().timing().heartbeatNanos() / 2;
        for (int rank = 0; rank < setup.size(); rank++) {
            if (turn.monotonicNanos() - sentAt[rank] >= silence) {
                send(rank, new Heartbeat());
            }
        }
    }
}
