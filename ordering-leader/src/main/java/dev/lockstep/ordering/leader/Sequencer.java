package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Holdings;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.ordering.leader.LeaderMessage.Forward;

import org.jspecify.annotations.Nullable;

/// What a leader does with batches: gives each its index, term, time and chain, writes it down and
/// appends it to the log (§3.5). Sending is [Replication]'s.
final class Sequencer {

    private final Setup setup;
    private final Turn turn;
    private final Standing standing;
    private final Log log;
    private final Delivery delivery;
    private final Forwarding forwarding;
    private final AgreedClock clock;

    /// The batches in this leader's log, by origin. Valid while leading.
    private final OriginMarks appended;

    /// By rank, what came before its turn. Valid while leading.
    private final ForwardQueue[] early;

    /// The index of the first entry of this leader's term. Valid while leading.
    private long firstOfTerm;

    /// True while leadership is handed over: what comes now waits for the successor.
    private boolean handingOver;

    Sequencer(
            Setup setup,
            Turn turn,
            Standing standing,
            Log log,
            Delivery delivery,
            Forwarding forwarding,
            AgreedClock clock) {
        this.setup = setup;
        this.turn = turn;
        this.standing = standing;
        this.log = log;
        this.delivery = delivery;
        this.forwarding = forwarding;
        this.clock = clock;
        this.appended = new OriginMarks(setup.members());
        this.early = new ForwardQueue[setup.size()];
        for (int rank = 0; rank < early.length; rank++) {
            early[rank] = new ForwardQueue(setup.options().bounds().forwardWindowBytes());
        }
    }

    /// Opens the leader's term with an entry of its own, so that what is before it can be committed
    /// (§3.6.2, §6.4).
    void open() {
        handingOver = false;
        for (ForwardQueue queue : early) {
            queue.clear();
        }
        appended.copyFrom(delivery.marks());
        for (long index = delivery.delivered() + 1; index <= log.lastIndex(); index++) {
            LogEntry entry = log.entry(index);
            if (entry.purpose() == LogEntry.Purpose.BATCH) {
                appended.note(entry.batch().id());
            }
        }
        firstOfTerm = log.lastIndex() + 1;
        LogEntry.Purpose purpose =
                log.hasSign() ? LogEntry.Purpose.CLOSING : LogEntry.Purpose.BATCH;
        append(emptyBatch(), purpose, null);
    }

    void tellHoldings(Holdings to) {
        for (ForwardQueue queue : early) {
            to.held(
                    "bytes of a follower's batches that wait for one before them",
                    queue.bytes(),
                    setup.options().bounds().forwardWindowBytes());
        }
    }

    long firstOfTerm() {
        return firstOfTerm;
    }

    boolean isHandingOver() {
        return handingOver;
    }

    void setHandingOver(boolean value) {
        handingOver = value;
    }

    /// True if a batch would be appended now.
    boolean isOpen() {
        return !handingOver
                && !log.hasSign()
                && log.bytesBetween(delivery.delivered(), log.lastIndex())
                        < setup.options().bounds().pendingBytes();
    }

    /// Appends what this member itself was asked to order.
    void drain() {
        StopSign sign = forwarding.wantedSign();
        while (isOpen()) {
            Batch batch = forwarding.nextToAppend();
            if (batch == null) {
                break;
            }
            if (!isRepeated(batch.id())) {
                append(batch, LogEntry.Purpose.BATCH, null);
            }
            forwarding.onOwnAppended();
        }
        if (sign != null) {
            onStopRequested(sign);
        }
    }

    /// Appends a follower's batch, unless it is there already; if another must come first, it waits
    /// for that one.
    void onForward(int rank, Forward forward) {
        BatchId id = forward.batch().id();
        if (!isOpen() || isRepeated(id)) {
            return;
        }
        ForwardQueue queue = early[rank];
        if (!setup.rules().isInOrder(forward.after(), appended.highest(id))) {
            queue.add(forward);
            return;
        }
        append(forward.batch(), LogEntry.Purpose.BATCH, null);
        for (Forward next = queue.first(); next != null && isOpen(); next = queue.first()) {
            BatchId nextId = next.batch().id();
            if (!setup.rules().isInOrder(next.after(), appended.highest(nextId))) {
                break;
            }
            queue.removeFirst();
            if (!isRepeated(nextId)) {
                append(next.batch(), LogEntry.Purpose.BATCH, null);
            }
        }
    }

    /// Appends a stop sign, unless there is one.
    void onStopRequested(StopSign sign) {
        if (!handingOver && !log.hasSign()) {
            append(emptyBatch(), LogEntry.Purpose.SIGN, sign);
        }
    }

    private boolean isRepeated(BatchId id) {
        return setup.rules().isRepeated(id.sequence(), appended.highest(id));
    }

    private void append(Batch batch, LogEntry.Purpose purpose, @Nullable StopSign sign) {
        Invariant.check(standing.isLeader(), "only a leader appends to its own log");
        Mark previous = log.lastMark();
        long term = standing.term();
        long before = log.lastTimeNanos(delivery.timeNanos());
        long timeNanos = setup.rules().agreedTime(before, clock.stamp());
        long chain = Chain.next(previous.chain(), term, timeNanos, purpose, batch, sign);
        Mark mark = new Mark(previous.index() + 1, term, chain);
        LogEntry entry = new LogEntry(mark, timeNanos, batch, purpose, sign);
        log.append(entry, delivery.persist(entry));
        if (purpose == LogEntry.Purpose.BATCH) {
            appended.note(batch.id());
        }
    }

    /// A batch of the protocol's own. Positions ascend across epochs, so it is named by its own.
    private Batch emptyBatch() {
        long position = delivery.positionOf(log.lastIndex() + 1);
        BatchId id =
                new BatchId(setup.self(), setup.incarnation(), BatchId.PROTOCOL_BOOT, position);
        return Batch.of(id, turn.wallNanos(), Bytes.EMPTY);
    }
}
