package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.ordering.stability.FailStopMessage.Holdings;
import dev.lockstep.ordering.stability.OpenCommands.Slot;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// The end of an epoch: the members that go on agree on what it ends with.
///
/// The lowest of them asks all of them what they hold, takes the union, and has all of them write
/// down the order. Then it tells the authority, which lets it count unless it has begun another
/// attempt meanwhile.
final class Flush {

    /// Not more are asked for at a time.
    private static final int MAX_WANTED = 64;

    private final FailStopSetup setup;
    private final FailStopStep step;
    private final OpenCommands open;
    private final FailStopLedger ledger;
    private final FailStopPost post;

    /// The present attempt, 0 before the first.
    private long attempt;

    private @Nullable StopSign next;

    /// Ranks of the members that go on.
    private final List<Integer> staying = new ArrayList<>();

    private final TreeMap<Integer, Holdings> holdings = new TreeMap<>();
    private final TreeSet<Integer> holding = new TreeSet<>();

    /// What was agreed, and whether that is durable here; null before that.
    private @Nullable Suffix agreed;

    private boolean isAgreedDurable;

    /// What the leader sent, while commands in it are missing.
    private @Nullable Suffix incoming;

    /// Commands of this attempt that others have sent.
    private final TreeMap<CommandId, Entry> fetched = new TreeMap<>();

    /// True once this member executes the end.
    private boolean isEnding;

    Flush(
            FailStopSetup setup,
            FailStopStep step,
            OpenCommands open,
            FailStopLedger ledger,
            FailStopPost post) {
        this.setup = setup;
        this.step = step;
        this.open = open;
        this.ledger = ledger;
        this.post = post;
    }

    /// True once the authority wanted the epoch to end.
    boolean hasBegun() {
        return attempt > 0;
    }

    /// The first record of the present attempt's; `Long.MAX_VALUE` for none.
    boolean holdsRecords() {
        return agreed != null;
    }

    void onWedged(StopSign sign, long newAttempt) {
        if (newAttempt > attempt) {
            attempt = newAttempt;
            next = sign;
            incoming = null;
            fetched.clear();
            holdings.clear();
            holding.clear();
            staying.clear();
            for (int rank = 0; rank < setup.size(); rank++) {
                if (sign.members().members().contains(setup.members().members().get(rank))) {
                    staying.add(rank);
                }
            }
        }
        act();
    }

    /// Does whatever is due; again at every tick.
    void act() {
        if (!staying.contains(setup.rank()) || isEnding) {
            return;
        }
        Suffix suffix = agreedNow();
        if (suffix == null) {
            say();
        } else if (isLeader()) {
            spread(suffix);
        } else if (isAgreedDurable) {
            post.send(leader(), new FailStopMessage.EndingAck(attempt));
        }
    }

    private boolean isLeader() {
        return leader() == setup.rank();
    }

    private int leader() {
        return staying.getFirst();
    }

    private @Nullable Suffix agreedNow() {
        Suffix suffix = agreed;
        return suffix != null && suffix.attempt() == attempt ? suffix : null;
    }

    private void say() {
        List<Standing> standings = new ArrayList<>();
        for (Slot slot : open.inOrder()) {
            standings.add(new Standing(slot.entry().mark(), slot.entry().isFixed()));
        }
        Holdings mine = new Holdings(attempt, ledger.delivered(), ledger.last(), standings);
        if (isLeader()) {
            onHoldings(setup.rank(), mine);
        } else {
            // What is said is durable then, so that it is not said in vain.
            step.afterSync(() -> sayAgain(mine));
        }
    }

    private void sayAgain(Holdings mine) {
        if (mine.attempt() == attempt && !isEnding) {
            post.send(leader(), mine);
        }
    }

    void onHoldings(int rank, Holdings said) {
        if (said.attempt() != attempt || !staying.contains(rank) || !isLeader()) {
            return;
        }
        holdings.put(rank, said);
        if (agreedNow() == null
                && holdings.containsKey(setup.rank())
                && holdings.size() == staying.size()) {
            decide();
        }
    }

    private void decide() {
        Holdings furthest = holdings.firstEntry().getValue();
        for (Holdings each : holdings.values()) {
            furthest = each.delivered() > furthest.delivered() ? each : furthest;
        }
        Mark last = furthest.last();
        TreeMap<CommandId, Standing> union = new TreeMap<>();
        boolean isComplete = true;
        for (var said : holdings.entrySet()) {
            List<CommandId> missing = new ArrayList<>();
            for (Standing standing : said.getValue().open()) {
                Mark mark = standing.mark();
                if (last != null && standing.isFixed() && mark.compareTo(last) <= 0) {
                    continue;
                }
                union.merge(mark.id(), standing, this::merge);
                if (lacks(mark.id()) && missing.size() < MAX_WANTED) {
                    missing.add(mark.id());
                }
            }
            if (!missing.isEmpty()) {
                isComplete = false;
                post.send(said.getKey(), new FailStopMessage.Want(missing));
            }
        }
        StopSign sign = next;
        if (!isComplete || sign == null) {
            return;
        }
        agree(new Suffix(attempt, sign, furthest.delivered(), last, ordered(union)));
    }

    /// By unique id, but a member's own in the order of their numbers: of a command that fewer hold
    /// than its predecessor, the largest candidate may have been lost.
    private List<Mark> ordered(SortedMap<CommandId, Standing> union) {
        TreeSet<Mark> order = new TreeSet<>();
        Mark before = null;
        for (Standing standing : union.values()) {
            Mark mark = standing.mark();
            if (before != null
                    && before.id().origin().equals(mark.id().origin())
                    && before.timestamp() > mark.timestamp()
                    && setup.rules().keepsNumbersInOrder()) {
                Invariant.check(
                        !standing.isFixed(),
                        "unique ids of one member ascend with its numbers",
                        mark.timestamp());
                mark = new Mark(before.timestamp(), mark.id());
            }
            order.add(mark);
            before = mark;
        }
        return List.copyOf(order);
    }

    /// A unique id that anybody knows is the one, and no candidate is above it. If nobody does,
    /// nobody has executed the command, and all candidates are above what anybody has: the largest
    /// will do.
    private Standing merge(Standing one, Standing other) {
        Invariant.check(
                !one.isFixed() || !other.isFixed() || one.mark().equals(other.mark()),
                "a command has one unique id",
                one.mark().timestamp(),
                other.mark().timestamp());
        if (one.isFixed() != other.isFixed()) {
            return one.isFixed() ? one : other;
        }
        return one.mark().compareTo(other.mark()) >= 0 ? one : other;
    }

    private void agree(Suffix suffix) {
        incoming = null;
        agreed = suffix;
        isAgreedDurable = false;
        // In this order, so that whatever the disk keeps of it has no gaps either.
        suffix.order().forEach(mark -> take(mark.id()));
        fetched.clear();
        long sequence = step.persist(new FailStopRecord.Agreed(suffix));
        if (isLeader()) {
            for (int rank : staying) {
                if (rank != setup.rank()) {
                    post.sendAfter(rank, new FailStopMessage.Ending(suffix), sequence);
                }
            }
        }
        step.afterSync(() -> onAgreedDurable(suffix));
    }

    private void onAgreedDurable(Suffix suffix) {
        if (suffix.equals(agreed)) {
            isAgreedDurable = true;
            if (isLeader()) {
                onAck(setup.rank(), suffix.attempt());
            }
            act();
            if (!setup.rules().waitsForAuthority()) {
                onInstalled(suffix.attempt());
            }
        }
    }

    private void spread(Suffix suffix) {
        if (!isAgreedDurable) {
            return;
        }
        holding.add(setup.rank());
        if (holding.size() == staying.size()) {
            step.emit(new Effect.Sealed<>(suffix.next(), attempt));
            return;
        }
        for (int rank : staying) {
            if (!holding.contains(rank)) {
                post.send(rank, new FailStopMessage.Ending(suffix));
            }
        }
    }

    void onEnding(int rank, Suffix suffix) {
        if (suffix.attempt() != attempt
                || !staying.contains(setup.rank())
                || rank != leader()
                || isEnding) {
            return;
        }
        if (agreedNow() != null) {
            act();
            return;
        }
        incoming = suffix;
        List<CommandId> missing = missing(suffix);
        if (missing.isEmpty()) {
            agree(suffix);
        } else {
            post.send(leader(), new FailStopMessage.Want(missing));
        }
    }

    private List<CommandId> missing(Suffix suffix) {
        List<CommandId> missing = new ArrayList<>();
        // Of what this member has delivered beyond the base, it needs nothing.
        long ahead = ledger.delivered() - suffix.base();
        for (int i = (int) Math.max(0, ahead); i < suffix.order().size(); i++) {
            CommandId id = suffix.order().get(i).id();
            if (lacks(id) && missing.size() < MAX_WANTED) {
                missing.add(id);
            }
        }
        return missing;
    }

    void onAck(int rank, long acknowledged) {
        if (acknowledged == attempt && isLeader() && staying.contains(rank)) {
            holding.add(rank);
            Suffix suffix = agreedNow();
            if (suffix != null && holding.size() == staying.size()) {
                spread(suffix);
            }
        }
    }

    void onWant(int rank, List<CommandId> ids) {
        for (CommandId id : ids) {
            Slot slot = open.find(id);
            if (slot != null) {
                post.send(rank, new FailStopMessage.Have(slot.entry()));
            }
        }
    }

    /// A command that was missing. It is kept apart: what comes by itself may leave gaps in a
    /// member's numbers, and if the attempt comes to nothing, the next would end the epoch with
    /// them.
    void onHave(Entry entry) {
        if (open.find(entry.id()) != null || ledger.isBehind(entry.mark())) {
            return;
        }
        fetched.put(entry.id(), entry);
        if (!setup.rules().keepsFetchedApart()) {
            take(entry.id());
        }
        Suffix suffix = incoming;
        if (suffix != null) {
            onEnding(leader(), suffix);
        } else {
            act();
        }
    }

    private boolean lacks(CommandId id) {
        return open.find(id) == null && !fetched.containsKey(id);
    }

    private void take(CommandId id) {
        Entry entry = fetched.remove(id);
        if (entry != null && open.find(id) == null) {
            long sequence = step.persist(new FailStopRecord.Logged(entry));
            open.add(entry, sequence, step.monotonicNanos());
        }
    }

    /// The authority has ended the epoch with what this attempt came to.
    ///
    /// @return false if this member had no part in it: others have what it needs
    boolean onInstalled(long installed) {
        Suffix suffix = agreed;
        if (suffix == null || suffix.attempt() != installed) {
            return false;
        }
        if (isAgreedDurable && !isEnding) {
            isEnding = true;
            Batch stop = ledger.stop(suffix.base() + suffix.order().size() + 1);
            long sequence = step.persist(new FailStopRecord.Ended(installed, stop));
            step.afterSync(() -> end(suffix, stop, sequence));
        }
        return true;
    }

    private void end(Suffix suffix, Batch stop, long sequence) {
        if (ledger.hasEnded()) {
            return;
        }
        deliverThroughBase(suffix);
        Invariant.check(
                ledger.delivered() >= suffix.base(),
                "whatever anybody has executed is here",
                ledger.delivered(),
                suffix.base());
        deliverAfterBase(suffix);
        ledger.append(suffix.next(), stop, sequence);
    }

    /// Delivers what others have executed before the suffix, if all of it is here. What is left of
    /// a journal whose snapshots are gone may begin in the midst of it.
    private void deliverThroughBase(Suffix suffix) {
        List<Slot> before = openThrough(suffix.last());
        if (before.size() != suffix.base() - ledger.delivered()) {
            return;
        }
        for (Slot slot : before) {
            open.remove(slot.entry().id());
            ledger.append(slot.entry(), slot);
        }
    }

    private List<Slot> openThrough(@Nullable Mark last) {
        List<Slot> found = new ArrayList<>();
        for (Slot slot : open.inOrder()) {
            boolean isThrough =
                    last != null
                            && slot.entry().isFixed()
                            && slot.entry().mark().compareTo(last) <= 0;
            if (!isThrough) {
                break;
            }
            found.add(slot);
        }
        return found;
    }

    private void deliverAfterBase(Suffix suffix) {
        while (ledger.delivered() - suffix.base() < suffix.order().size()) {
            Mark mark = suffix.order().get((int) (ledger.delivered() - suffix.base()));
            Slot slot = open.remove(mark.id());
            if (slot == null) {
                throw Invariant.broken("what an epoch ends with is here: " + mark);
            }
            ledger.append(slot.entry().withValue(mark.timestamp(), true), slot);
        }
    }

    // --- from the journal ---

    void onReplayed(FailStopRecord.Agreed record) {
        agreed = record.suffix();
        isAgreedDurable = true;
    }

    /// What the disk has of the positions before may end behind a snapshot that is lost: then
    /// another member has what is between.
    void onReplayed(long sequence, FailStopRecord.Ended record) {
        Suffix suffix = agreed;
        if (suffix != null && suffix.attempt() == record.attempt() && !ledger.hasEnded()) {
            deliverThroughBase(suffix);
            if (ledger.delivered() >= suffix.base()) {
                deliverAfterBase(suffix);
                ledger.append(suffix.next(), record.stop(), sequence);
            }
        }
    }

    /// For people.
    @Nullable ReplicaId leaderId() {
        return staying.isEmpty() ? null : setup.idAt(leader());
    }
}
