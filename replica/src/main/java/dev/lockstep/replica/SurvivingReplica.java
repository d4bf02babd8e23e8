package dev.lockstep.replica;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingProviders;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.SignatureChecks;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/// What one replica still holds of a cluster that has lost a majority for good: its snapshot, its
/// journal, and what its journal has beyond what it knew to be delivered.
///
/// The protocol says what that is. Its engine is given the records and told that this replica is
/// the only member there is: it then delivers everything that it holds and might have counted
/// towards a majority. Whatever the engine adds to that by itself is left out, so that every
/// machine finds the same. Nothing is written.
///
/// Life: [#restore] if there is a snapshot; [#replay] for every record of the journal, in order;
/// [#finish] once.
///
/// Errors: a [MalformedException] has a sentence, and this object must then be dropped.
///
/// Threading: one thread.
public final class SurvivingReplica {

    /// A protocol that has not made up its mind alone after so many timers never will.
    private static final int MOST_ROUNDS = 1_000;

    /// What it holds.
    ///
    /// @param reign the epoch that it was in; null if nothing of it says who the members are
    /// @param certain everything through this position was known here to be committed
    /// @param certainNanos agreed time there
    /// @param held everything through this position is here; what is past `certain` may have been
    ///     acknowledged, or not
    /// @param heldNanos agreed time there
    /// @param uncertainCommands how many commands are past `certain`
    /// @param isBelieved false if the replica was found to have another state than the majority
    /// @param reach what tells how far this is, compared with what others hold
    public record Holdings(
            @Nullable Reign reign,
            long certain,
            long certainNanos,
            long held,
            long heldNanos,
            long uncertainCommands,
            boolean isBelieved,
            Reach reach) {}

    /// How far a replica's history goes.
    ///
    /// @param epoch the epoch of its end
    /// @param anchor what the protocol says of its end
    /// @param position its last position
    /// @param order whose protocol it is
    public record Reach(long epoch, Bytes anchor, long position, OrderingProvider<?, ?> order)
            implements Comparable<Reach> {

        /// The greater one has everything that may have been committed and that the lesser has.
        @Override
        public int compareTo(Reach other) {
            if (epoch != other.epoch) {
                return Long.compare(epoch, other.epoch);
            }
            int byProtocol = order.compareReach(anchor, other.anchor);
            return byProtocol != 0 ? byProtocol : Long.compare(position, other.position);
        }
    }

    private record Delivered(long position, Batch batch, long timeNanos, long epoch) {}

    private final OrderingProviders orders;
    private final OfflineReplica state;
    private final Reign unknown;
    private final CurrentReign current;
    private final CurrentEngine engine = new CurrentEngine();
    private final ScratchJournal journal = new ScratchJournal();
    private final HistoryIndex index;
    private final JournalPrefix prefix;
    private final Epochs epochs;

    /// What the engine delivered when it was told that it is alone.
    private final List<Delivered> alone = new ArrayList<>();

    private long restored;

    /// True once there are no more records.
    private boolean isAlone;

    /// Batches that the engine has made by itself.
    private final TreeSet<BatchId> own = new TreeSet<>();

    /// The position of the first of them that was delivered; `Long.MAX_VALUE` before.
    private long firstOwn = Long.MAX_VALUE;

    /// Everything that was ever acknowledged is delivered by then; -1 while that is not known.
    private long coveredThrough = -1;

    /// No state at or before this position is believed; 0 if all are.
    private long distrusted;

    private long lastSequence;
    private @Nullable String haltReason;

    /// @param self the replica, in its last life
    /// @param orders the orders that its epochs may have had
    /// @param faults the fault model of the first epoch, unless its records say another
    /// @param order the order of the first epoch, unless its records say another
    /// @param limits those that are agreed take part in execution, so they are the cluster's
    public SurvivingReplica(
            ClusterId cluster,
            Member self,
            OrderingProviders orders,
            FaultModel faults,
            String order,
            StateMachine machine,
            ReplicaLimits limits) {
        this.orders = orders;
        state = new OfflineReplica(cluster, machine, limits);
        Membership nobodyElse = new Membership(List.of(self));
        unknown = new Reign(new StopSign(Epoch.FIRST, nobodyElse, faults, order, self.id()), 0);
        current = new CurrentReign(self, unknown);
        index = new HistoryIndex(journal, current);
        prefix = new JournalPrefix(journal, current, ReplicaRules.CORRECT);
        ReplicaPorts ports =
                new ReplicaPorts(
                        journal,
                        Snapshots.NONE,
                        (_, _, _, _) -> false,
                        new OfflineReplica.NoClients(),
                        new SplittableRandom(0),
                        ReplicaListener.NONE);
        Events events = new Events();
        epochs =
                new Epochs(
                        ReplicaOptions.of(cluster, self.id(), self.incarnation(), 1, nobodyElse)
                                .withLimits(limits),
                        _ -> new TreeMap<>(),
                        (f, o) -> lone(orders.find(f, o), self),
                        ports,
                        new PendingChecks(SignatureChecks.AT_ONCE),
                        current,
                        engine,
                        index,
                        state.delivered()::last,
                        events,
                        events,
                        ReplicaRules.CORRECT);
    }

    private static @Nullable OrderingProvider<?, ?> lone(
            @Nullable OrderingProvider<?, ?> order, Member self) {
        return order == null ? null : new LoneOrder<>(order, self.incarnation());
    }

    /// Begins with the state of a snapshot, before anything else.
    ///
    /// @param in exactly a snapshot's content, then end of stream
    /// @throws IOException if reading fails, or the service cannot restore what is read
    public void restore(InputStream in) throws IOException {
        SnapshotHead head = state.restoreFrom(in);
        restored = head.position();
        index.restore(head.position(), head.timeNanos(), head.anchor());
        epochs.restored(head);
    }

    /// A record of the journal.
    public void replay(JournalRecord record) {
        lastSequence = record.sequence();
        switch (record.kind()) {
            case RecordKind.PROTOCOL -> epochs.replay(record);
            case RecordKind.EPOCH -> epochs.replayEpoch(record);
            case RecordKind.BASE -> prefix.replay(record, restored);
            case RecordKind.DISTRUST -> distrusted = Quarantine.positionOf(record);
            case RecordKind.HISTORY_INDEX, RecordKind.TAKEN, RecordKind.VOID -> {
                // Of use to a replica that goes on.
            }
            default ->
                    throw new MalformedException(
                            "journal record "
                                    + record.sequence()
                                    + " has kind "
                                    + record.kind()
                                    + ", which this version does not know");
        }
        requireNotHalted();
    }

    /// There are no more records: what there is, is there. Afterwards [#state()] is it.
    public Holdings finish() {
        Invariant.check(!isAlone, "the journal ends once");
        isAlone = true;
        Reign reign = current.get().equals(unknown) ? null : current.get();
        long certain = state.position();
        long certainNanos = state.timeNanos();
        long certainEpoch = current.epoch();
        long certainCommands = state.commands();
        journal.begin(lastSequence);
        decideAlone();
        long held = Math.min(index.deliveredThrough(), firstOwn - 1);
        Invariant.check(held >= certain, "what was delivered is held", held, certain);
        Bytes anchor = held == 0 ? Bytes.EMPTY : index.anchorOf(held);
        long epoch = certainEpoch;
        for (Delivered delivered : alone) {
            if (delivered.position() <= held) {
                state.execute(delivered.position(), delivered.batch(), delivered.timeNanos());
                epoch = delivered.epoch();
            }
        }
        return new Holdings(
                reign,
                certain,
                certainNanos,
                held,
                state.timeNanos(),
                state.commands() - certainCommands,
                !Quarantine.isDoubtful(restored, distrusted),
                new Reach(epoch, anchor, held, orderOf(current.get())));
    }

    private OrderingProvider<?, ?> orderOf(Reign reign) {
        OrderingProvider<?, ?> order = orders.find(reign.sign().faults(), reign.sign().order());
        if (order == null) {
            throw new MalformedException(
                    "there is no order " + reign.sign().order() + " in this build");
        }
        return order;
    }

    /// Steps the engine until it answers a read: that waits for everything that may have been
    /// acknowledged before.
    private void decideAlone() {
        Now now = new Now(0, state.timeNanos());
        epochs.recovered(now, false);
        long barrier = 0;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            while (journal.becomeDurable()) {
                engine.durable(now, journal.durableThrough());
                epochs.onDurable(now);
            }
            requireNotHalted();
            if (coveredThrough >= 0 && index.deliveredThrough() >= coveredThrough) {
                return;
            }
            engine.requestRead(now, ++barrier);
            long next = engine.nextTimerNanos();
            if (coveredThrough < 0 && next != Long.MAX_VALUE) {
                now = new Now(Math.max(now.monotonicNanos(), next), now.wallNanos());
                engine.fireTimers(now);
            }
        }
        throw new MalformedException(
                "order " + current.get().sign().order() + " comes to no end with one member alone");
    }

    private void requireNotHalted() {
        if (haltReason != null) {
            throw new MalformedException(haltReason);
        }
    }

    /// The state, everything that it holds being executed. After [#finish].
    public OfflineReplica state() {
        Invariant.check(isAlone, "the journal ends first");
        return state;
    }

    /// What the protocol's effects do here.
    private final class Events implements EngineEvents, Epochs.Events {

        @Override
        public void onDeliver(Now now, long position, Batch batch, long timeNanos, Bytes anchor) {
            index.onDelivered(position, batch.id(), timeNanos, anchor);
            if (own.contains(batch.id())) {
                firstOwn = Math.min(firstOwn, position);
            }
            if (isAlone) {
                alone.add(new Delivered(position, batch, timeNanos, current.epoch()));
            } else {
                state.execute(position, batch, timeNanos);
            }
        }

        @Override
        public void onRefused(BatchId batch, String reason) {
            throw Invariant.broken("nothing was submitted");
        }

        @Override
        public void onReadable(long barrier, long position) {
            coveredThrough = position;
        }

        @Override
        public void onUnreadable(Now now, long barrier) {
            // Asked again in the next round.
        }

        @Override
        public void onNeedHistory(Now now, long from) {
            // There is nobody to have it from.
        }

        @Override
        public void onValidate(Now now, Bytes digest, ReplicaId proposer, Batch batch) {
            // What is left is here already.
            engine.validated(now, digest, true);
        }

        @Override
        public void onSuspect(Now now, ReplicaId peer) {}

        @Override
        public void onSealed(Now now, StopSign next, long attempt) {}

        @Override
        public void onStopped(Now now, StopSign sign, long position) {
            epochs.onStopped(now, sign, position);
        }

        @Override
        public void onHalt(Now now, String reason) {
            haltReason = reason;
        }

        @Override
        public void onRelease(long throughSequence) {}

        @Override
        public void onBatchPersisted(BatchId batch, long sequence) {
            if (isAlone) {
                own.add(batch);
            }
        }

        @Override
        public void onEnded(Now now) {
            coveredThrough = -1;
        }

        @Override
        public void onBegun(Now now) {}
    }
}
