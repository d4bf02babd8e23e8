package dev.lockstep.ordering.leader;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Holdings;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What is committed (§3.5) and what of it was delivered.
///
/// Position = the epoch's base + index, up to the stop sign.
final class Delivery {

    /// So many election timeouts in a row may a leader's disk stand still.
    private static final int MOST_STANDSTILLS = 3;

    /// While entries come without a pause, what is committed is written down once for so many: few
    /// enough that a replay keeps few in memory, and so many that it costs nothing.
    private static final int COMMIT_STRIDE = 32;

    private final Setup setup;
    private final Turn turn;
    private final Log log;
    private final Forwarding forwarding;

    /// The batches delivered, by origin.
    private final OriginMarks marks;

    /// The position of index 0.
    private long base;

    /// Everything through here is committed; never falls, at most the last index.
    private long commit;

    /// Everything through here is delivered; at most `commit`.
    private long delivered;

    /// Agreed time at `delivered`.
    private long timeNanos;

    /// The highest commit index in a record of this member's journal.
    private long recordedCommit;

    /// How far the disk was at the last look, and how often it had not moved though it should.
    private long durableBefore;

    private int standstills;

    /// True once the stop sign is delivered: nothing follows.
    private boolean ended;

    Delivery(Setup setup, Turn turn, Log log, Forwarding forwarding) {
        this.setup = setup;
        this.turn = turn;
        this.log = log;
        this.forwarding = forwarding;
        this.marks = new OriginMarks(setup.members());
    }

    /// Begins at a position whose anchor was given back.
    ///
    /// @param last the last batch delivered of every origin's boot
    void restore(long position, long timeAtPosition, Bytes anchorBytes, List<BatchId> last) {
        Anchor anchor = Anchor.decode(anchorBytes);
        timeNanos = timeAtPosition;
        last.forEach(marks::note);
        if (anchor == null || anchor.epoch() != setup.epoch().value()) {
            base = position;
            return;
        }
        commit = anchor.mark().index();
        delivered = commit;
        recordedCommit = commit;
        base = position - commit;
        log.restore(anchor.mark());
        StopSign sign = anchor.sign();
        if (sign != null) {
            end(sign, position);
        }
    }

    long commit() {
        return commit;
    }

    long delivered() {
        return delivered;
    }

    long timeNanos() {
        return timeNanos;
    }

    OriginMarks marks() {
        return marks;
    }

    boolean hasEnded() {
        return ended;
    }

    long positionOf(long index) {
        return base + index;
    }

    long indexOf(long position) {
        return position - base;
    }

    /// Everything through `index` is committed: delivers it.
    void commitThrough(long index) {
        Invariant.check(index <= log.lastIndex(), "what is committed is in the log", index);
        if (index > commit) {
            commit = index;
            deliver();
        }
    }

    /// An entry was replayed: a record before may have said that it is committed.
    void onReplayed() {
        commitThrough(Math.min(recordedCommit, log.lastIndex()));
    }

    /// A record says that everything through `index` was committed.
    void onRecorded(long index) {
        recordedCommit = Math.max(recordedCommit, index);
        commitThrough(Math.min(recordedCommit, log.lastIndex()));
    }

    /// Writes an entry down; before it, if that was long ago, what is committed. Returns the
    /// entry's record.
    long persist(LogEntry entry) {
        if (commit - recordedCommit >= COMMIT_STRIDE) {
            recordCommit();
        }
        return turn.persist(new LeaderRecord.Entry(entry));
    }

    private void recordCommit() {
        recordedCommit = commit;
        turn.persist(new LeaderRecord.Committed(commit));
    }

    /// Writes down what is committed when nothing is under way.
    void recordIfIdle() {
        if (commit > recordedCommit && commit == log.lastIndex()) {
            recordCommit();
        }
    }

    /// Asked once an election timeout: true if this member's disk has not moved for a few of them,
    /// while others made commits of what it should have written.
    boolean isDiskLagging() {
        boolean stands = log.durableIndex() < commit && log.durableIndex() == durableBefore;
        standstills = stands ? standstills + 1 : 0;
        durableBefore = log.durableIndex();
        return standstills >= MOST_STANDSTILLS;
    }

    void tellHoldings(Holdings to) {
        to.held(
                "bytes of delivered entries kept for slow followers",
                log.settledBytes(delivered),
                setup.options().bounds().logWindowBytes());
    }

    /// Entries have become durable: those that only waited for it are let go.
    void onDurable() {
        trim();
    }

    private void trim() {
        log.trim(delivered, setup.rules().kept(setup.options().bounds().logWindowBytes()));
    }

    private void deliver() {
        while (delivered < commit && !ended) {
            LogEntry entry = log.entry(delivered + 1);
            delivered++;
            Invariant.check(
                    entry.timeNanos() >= timeNanos, "agreed time never goes back", delivered);
            timeNanos = entry.timeNanos();
            deliver(entry);
        }
        trim();
    }

    private void deliver(LogEntry entry) {
        Epoch epoch = setup.epoch();
        long position = positionOf(entry.index());
        turn.emit(
                new Effect.Deliver<>(
                        position, entry.batch(), timeNanos, Anchor.encode(epoch, entry)));
        StopSign sign = entry.sign();
        switch (entry.purpose()) {
            case BATCH -> {
                marks.note(entry.batch().id());
                forwarding.onDelivered(entry.batch());
            }
            case SIGN -> end(sign, position);
            case CLOSING -> throw Invariant.broken("nothing is delivered after the stop sign");
        }
    }

    private void end(@Nullable StopSign sign, long position) {
        if (sign == null) {
            throw Invariant.broken("a stop sign's entry holds it");
        }
        ended = true;
        if (commit > recordedCommit) {
            // The host writes down what comes next: whoever reads that must find the sign
            // committed.
            recordCommit();
        }
        turn.emit(new Effect.Stopped<>(sign, position));
    }
}
