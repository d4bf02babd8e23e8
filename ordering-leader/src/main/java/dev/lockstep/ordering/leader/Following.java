package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.ordering.leader.LeaderMessage.Append;
import dev.lockstep.ordering.leader.LeaderMessage.AppendAck;
import dev.lockstep.ordering.leader.LeaderMessage.AppendReject;
import dev.lockstep.ordering.leader.LeaderMessage.Behind;
import dev.lockstep.ordering.leader.LeaderMessage.Echo;
import dev.lockstep.ordering.leader.LeaderMessage.Pulse;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A follower's side of replication (§3.5): makes its log equal to the leader's, writes it down,
/// and acknowledges what is durable.
final class Following {

    private final Setup setup;
    private final Turn turn;
    private final Standing standing;
    private final Log log;
    private final Delivery delivery;
    private final Forwarding forwarding;

    /// The log equals the leader's through here, as compared in this term.
    private long matched;

    /// The `durable` of the last acknowledgement in this term.
    private long acknowledged;

    /// The latest read round and clock of the leader heard of in this term.
    private long round;

    private long sentNanos;

    /// Everything through here was taken from history. A leader that contradicts it was deposed
    /// before that was committed, and does not know yet.
    private long historyIndex;

    /// The position from which history was asked for last, and when it may be asked for again.
    private long askedFrom;

    private long askAgainNanos;

    /// The leader of this term held nothing below this index when it last said so; 0 if it never
    /// did.
    private long leaderFirstIndex;

    Following(
            Setup setup,
            Turn turn,
            Standing standing,
            Log log,
            Delivery delivery,
            Forwarding forwarding) {
        this.setup = setup;
        this.turn = turn;
        this.standing = standing;
        this.log = log;
        this.delivery = delivery;
        this.forwarding = forwarding;
    }

    /// A new term: nothing was compared with its leader's log yet.
    void restart() {
        matched = 0;
        acknowledged = 0;
        round = 0;
        sentNanos = 0;
        leaderFirstIndex = 0;
    }

    /// An entry that survived the last boot. One of an index that is taken replaced it. Entries
    /// that a snapshot covers may precede it, and so may entries beyond a gap, or of a log that
    /// parted from what was committed before the snapshot: they were never committed.
    void onReplayed(LeaderRecord.Entry record, long sequence) {
        LogEntry entry = record.entry();
        boolean isEmpty = log.lastIndex() < log.firstIndex();
        boolean isLeftOver =
                entry.index() <= delivery.delivered() || (isEmpty && !followsLast(entry));
        if (isLeftOver) {
            return;
        }
        if (entry.index() <= log.lastIndex()) {
            log.truncateFrom(entry.index());
        }
        Invariant.check(followsLast(entry), "the journal's entries form a chain", entry.index());
        log.append(entry, sequence);
        log.onDurable(sequence);
        delivery.onReplayed();
    }

    /// The log was cut. Where that was may be covered by a snapshot; all that followed is cut off
    /// all the same.
    void onReplayed(LeaderRecord.Truncated record) {
        boolean isBelow = record.fromIndex() <= delivery.delivered();
        if (isBelow && !setup.rules().cutsBelowSnapshot()) {
            return;
        }
        long from = Math.max(record.fromIndex(), delivery.delivered() + 1);
        if (from <= log.lastIndex()) {
            log.truncateFrom(from);
        }
    }

    /// Entries from the leader of the current term.
    void onAppend(ReplicaId leader, Append append) {
        hear(append.pulse());
        List<AppendedEntry> entries = append.entries();
        Mark previous = append.previous();
        long through = previous.index() + entries.size();
        if (previous.index() > log.lastIndex() || !isEqualAt(previous)) {
            reject(leader, previous.index(), hintFor(previous), false);
            return;
        }
        long lastBefore = log.lastIndex();
        if (!takeAll(leader, entries)) {
            return;
        }
        if (setup.rules().removesWhatFollows() && through < log.lastIndex() && through > 0) {
            truncateFrom(through + 1);
        }
        matched = Math.max(matched, through);
        long commit = setup.rules().committed(append.commit(), matched, log.lastIndex());
        delivery.commitThrough(Math.max(commit, delivery.commit()));
        boolean isRepeated = !entries.isEmpty() && log.lastIndex() == lastBefore;
        if (append.pulse().wantsAck() || isRepeated || durable() > acknowledged) {
            acknowledge(leader);
        }
    }

    /// What is committed equals every later leader's log (leader completeness, §3.6.3).
    private boolean isEqualAt(Mark previous) {
        return previous.index() < log.firstIndex() - 1
                || setup.rules().matches(log.mark(previous.index()), previous);
    }

    /// Where the logs may be equal: at the last entry here of no later term than the leader's mark,
    /// so that whole terms are skipped (§3.5).
    private Mark hintFor(Mark previous) {
        return log.lastMarkOfTermAtMost(previous.term(), previous.index(), delivery.commit());
    }

    /// Takes each entry that is not here yet; false if one could not be taken, which was answered.
    private boolean takeAll(ReplicaId leader, List<AppendedEntry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            AppendedEntry appended = entries.get(i);
            long index = appended.mark().index();
            if (index < log.firstIndex()) {
                continue;
            }
            if (index <= log.lastIndex()) {
                if (log.mark(index).equals(appended.mark())) {
                    seen(log.entry(index));
                    continue;
                }
                if (index <= historyIndex) {
                    return false;
                }
                truncateFrom(index);
            }
            LogEntry entry = whole(appended);
            if (entry == null || !followsLast(entry)) {
                reject(leader, index - 1, log.lastMark(), entry == null);
                return false;
            }
            append(entry);
            seen(entry);
        }
        return true;
    }

    private void seen(LogEntry entry) {
        forwarding.onAppended(entry.batch());
    }

    /// The entry with its payload, which is here if this member forwarded it; null if it is not.
    private @Nullable LogEntry whole(AppendedEntry appended) {
        return switch (appended) {
            case LogEntry entry -> entry;
            case AppendedEntry.Reference reference -> {
                Batch batch = forwarding.find(reference.batch(), reference.checksum());
                yield batch == null
                        ? null
                        : new LogEntry(
                                reference.mark(),
                                reference.timeNanos(),
                                batch,
                                LogEntry.Purpose.BATCH,
                                null);
            }
        };
    }

    /// True if the entry's chain is what its content and the last entry's chain give; otherwise it
    /// was damaged on the way.
    private boolean followsLast(LogEntry entry) {
        Mark last = log.lastMark();
        return entry.index() == last.index() + 1
                && entry.term() >= last.term()
                && entry.mark().chain()
                        == Chain.next(
                                last.chain(),
                                entry.term(),
                                entry.timeNanos(),
                                entry.purpose(),
                                entry.batch(),
                                entry.sign());
    }

    private void append(LogEntry entry) {
        log.append(entry, delivery.persist(entry));
    }

    /// Removes entries that the leader's log contradicts.
    private void truncateFrom(long index) {
        Invariant.check(index > delivery.commit(), "what is committed is never removed", index);
        log.truncateFrom(index);
        turn.persist(new LeaderRecord.Truncated(index));
        matched = Math.min(matched, index - 1);
    }

    /// The leader has the next entries no more.
    void onBehind(ReplicaId leader, Behind behind) {
        hear(behind.pulse());
        leaderFirstIndex = behind.firstIndex();
        reject(leader, behind.firstIndex() - 1, log.mark(delivery.commit()), false);
        askForHistory();
    }

    /// Asks for what the leader holds no more, once for each place.
    private void askForHistory() {
        long from = delivery.positionOf(delivery.delivered() + 1);
        if (delivery.commit() + 1 < leaderFirstIndex
                && (from != askedFrom || turn.monotonicNanos() >= askAgainNanos)) {
            askedFrom = from;
            askAgainNanos = turn.monotonicNanos() + setup.options().timing().electionMaxNanos();
            turn.emit(new Effect.NeedHistory<>(from));
        }
    }

    /// A term that history proves was entered elsewhere; 0 if it says nothing of this epoch.
    static long lastTerm(List<HistoryEntry> entries) {
        if (entries.isEmpty()) {
            return 0;
        }
        Anchor anchor = Anchor.decode(entries.getLast().anchor());
        return anchor == null ? 0 : anchor.mark().term();
    }

    /// Delivered positions of another member: committed, whoever leads (trusted under crash
    /// faults), but checked against the chain. What contradicts them here was never committed.
    void onHistory(List<HistoryEntry> entries) {
        for (HistoryEntry delivered : entries) {
            Anchor anchor = Anchor.decode(delivered.anchor());
            boolean isOfEpoch = anchor != null && anchor.epoch() == setup.epoch().value();
            if (anchor == null || !isOfEpoch || !takeHistory(delivered, anchor)) {
                break;
            }
        }
        ReplicaId leader = standing.leader();
        if (leader != null && !delivery.hasEnded()) {
            reject(leader, log.lastIndex(), log.mark(delivery.commit()), false);
            askForHistory();
        }
    }

    private boolean takeHistory(HistoryEntry delivered, Anchor anchor) {
        Mark mark = anchor.mark();
        long index = mark.index();
        if (delivery.positionOf(index) != delivered.position() || index > log.lastIndex() + 1) {
            return false;
        }
        if (index <= delivery.commit()) {
            return true;
        }
        if (index <= log.lastIndex() && !log.mark(index).equals(mark)) {
            truncateFrom(index);
        }
        if (index > log.lastIndex()) {
            StopSign sign = anchor.sign();
            LogEntry.Purpose purpose =
                    sign == null ? LogEntry.Purpose.BATCH : LogEntry.Purpose.SIGN;
            LogEntry entry =
                    new LogEntry(mark, delivered.timeNanos(), delivered.batch(), purpose, sign);
            if (!followsLast(entry)) {
                return false;
            }
            append(entry);
        }
        historyIndex = index;
        delivery.commitThrough(index);
        return !delivery.hasEnded();
    }

    /// More became durable: the leader is told.
    void onDurable() {
        ReplicaId leader = standing.leader();
        if (leader != null && durable() > acknowledged) {
            acknowledge(leader);
        }
    }

    private void hear(Pulse pulse) {
        round = Math.max(round, pulse.round());
        sentNanos = Math.max(sentNanos, pulse.sentNanos());
    }

    private long durable() {
        return setup.rules().acknowledged(told(), log.durableIndex());
    }

    private long told() {
        return setup.rules().toldMatched(matched, log.lastIndex());
    }

    private void acknowledge(ReplicaId leader) {
        acknowledged = Math.max(acknowledged, durable());
        turn.send(leader, new AppendAck(standing.term(), told(), durable(), echo()));
    }

    private void reject(ReplicaId leader, long index, Mark hint, boolean needsPayload) {
        turn.send(leader, new AppendReject(standing.term(), index, hint, needsPayload, echo()));
    }

    private Echo echo() {
        return new Echo(round, sentNanos, turn.wallNanos());
    }
}
