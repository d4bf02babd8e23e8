package dev.lockstep.ordering.stability;

import java.util.ArrayDeque;

/// This member's floor: every candidate that it makes from now on is higher, for ever, restarts
/// included.
///
/// What others are told of it is what the journal holds: a reservation that lies ahead of it, so
/// that it is written once for many numbers, and no candidate that is still on its way to the disk.
final class Floor {

    private record Unsynced(long sequence, long candidate) {}

    private final Setup setup;
    private final Turn turn;

    /// Never falls.
    private long floor;

    /// Promised to the journal; at least `floor` at the end of a step.
    private long reserved;

    /// The promise that is durable.
    private long reservedDurably;

    /// Candidates that are not durable yet, in the order of their records.
    private final ArrayDeque<Unsynced> unsynced = new ArrayDeque<>();

    /// A timestamp that somebody waits for this floor to reach, and since when. Only where the
    /// floor does not jump there.
    private long wanted;

    private long wantedSince;

    /// What a reader waits for.
    private long bumped;

    /// What is written beside the reservation. Set by [Candidates].
    private long base;

    /// False while the journal is read and takes nothing.
    private boolean isRecovered;

    Floor(Setup setup, Turn turn) {
        this.setup = setup;
        this.turn = turn;
    }

    /// Lets the clock act, while there is something to do.
    void follow() {
        raise(setup.clock().reading(turn.now()));
        if (wanted > floor && setup.rules().overridesClock()) {
            long waited = turn.monotonicNanos() - wantedSince;
            if (waited >= setup.options().timing().maxLeadNanos()) {
                raise(wanted);
            }
        }
    }

    /// Makes a candidate, at least `least`.
    long next(long least) {
        if (!setup.clock().counts()) {
            raise(setup.clock().reading(turn.now()));
        }
        long candidate = Math.max(least, floor + 1);
        if (setup.clock().counts()) {
            raise(candidate);
        }
        return candidate;
    }

    /// A candidate is in the journal's record `sequence`.
    void onWritten(long candidate, long sequence) {
        unsynced.addLast(new Unsynced(sequence, candidate));
    }

    /// Raises the floor.
    void raise(long timestamp) {
        if (timestamp > floor) {
            floor = timestamp;
            reserve();
        }
    }

    /// Somebody waits for the floor to reach a timestamp: jumps there, or waits for the clock if
    /// that is soon there.
    void want(long timestamp) {
        if (timestamp <= floor) {
            return;
        }
        if (setup.clock().counts()) {
            raise(timestamp);
            return;
        }
        long lead = timestamp - setup.clock().reading(turn.now());
        long most = setup.options().timing().maxLeadNanos();
        if (lead > most && setup.rules().overridesClock()) {
            raise(timestamp);
        } else if (timestamp > wanted) {
            wantedSince = wanted <= floor ? turn.monotonicNanos() : wantedSince;
            wanted = timestamp;
        }
    }

    /// A reader waits for it.
    void bump(long timestamp) {
        bumped = Math.max(bumped, timestamp);
        want(timestamp);
    }

    long bumped() {
        return bumped;
    }

    /// The timestamp that is waited for; at most the floor if none is.
    long wanted() {
        return wanted;
    }

    long floor() {
        return floor;
    }

    private void reserve() {
        long ahead = setup.clock().reservation();
        if (isRecovered && floor + ahead / 2 >= reserved) {
            reserved = floor + ahead;
            write();
        }
    }

    /// Writes the present promise down, again if need be; returns the record's sequence.
    long write() {
        long promised = reserved;
        long sequence = turn.persist(new StabilityRecord.Reserved(promised, base));
        turn.afterSync(() -> reservedDurably = Math.max(reservedDurably, promised));
        return sequence;
    }

    void onBase(long candidates) {
        base = candidates;
    }

    long base() {
        return base;
    }

    void onDurable(long sequence) {
        while (!unsynced.isEmpty() && unsynced.getFirst().sequence() <= sequence) {
            unsynced.removeFirst();
        }
    }

    /// What others may be told.
    long announced() {
        long told = setup.rules().announced(floor, reservedDurably);
        for (Unsynced candidate : unsynced) {
            told = Math.min(told, candidate.candidate() - 1);
        }
        return Math.max(told, 0);
    }

    /// The floor that is promised to the journal.
    long promised() {
        return reserved;
    }

    void onReplayed(StabilityRecord.Reserved record) {
        reserved = Math.max(reserved, record.floor());
        reservedDurably = reserved;
        base = Math.max(base, record.base());
    }

    /// Begins where no candidate and no announced floor of an earlier process is.
    ///
    /// @param highest of all timestamps that the journal holds
    void recover(long highest) {
        isRecovered = true;
        floor = setup.rules().floorAtStart(reserved, Math.max(floor, highest));
        reserve();
    }
}
