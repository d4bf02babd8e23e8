package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingProviders;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.Reign;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/// Goes along the chain of epochs: ends an engine at its stop sign, writes down which epoch comes
/// next, and begins that one's engine.
///
/// Nothing is said in an epoch before everything through the stop sign and the record of the epoch
/// are durable here. The journal is written in order, so that the record's durability is both: what
/// is delivered was appended before.
final class Epochs {

    /// What happens around it.
    interface Events {

        /// The engine has come to its end: everything before is delivered.
        void onEnded(Now now);

        /// The next engine takes part.
        void onBegun(Now now);

        /// The replica cannot go on.
        void onHalt(Now now, String reason);
    }

    private final ReplicaOptions options;
    private final Function<OrderingProvider<?, ?>, SortedMap<String, String>> orderOptions;
    private final OrderingProviders providers;
    private final ReplicaPorts ports;
    private final PendingChecks checks;
    private final Journal journal;
    private final CurrentReign current;
    private final CurrentEngine engine;
    private final HistoryIndex index;
    private final Supplier<List<BatchId>> lastDelivered;
    private final EngineEvents engineEvents;
    private final Events events;
    private final ReplicaRules rules;

    /// By epoch: whose records the journal may have.
    private final TreeMap<Long, OrderingProvider<?, ?>> known = new TreeMap<>();

    /// What the replica begins with, until the first engine has been given it.
    private @Nullable SnapshotHead restored;

    /// The engine that the journal's records are replayed to, or that takes part.
    private @Nullable Engine<?, ?> engineOfReplay;

    /// True once the first engine was made.
    private boolean isOpen;

    /// True once the journal takes records.
    private boolean isRecovered;

    /// The epoch that begins when [#nextRecord] is durable; null within an epoch.
    private @Nullable Reign next;

    private long nextRecord;

    /// @param orderOptions what each order is made with
    /// @param lastDelivered of every origin's boot the last batch that was delivered
    Epochs(
            ReplicaOptions options,
            Function<OrderingProvider<?, ?>, SortedMap<String, String>> orderOptions,
            OrderingProviders providers,
            ReplicaPorts ports,
            PendingChecks checks,
            CurrentReign current,
            CurrentEngine engine,
            HistoryIndex index,
            Supplier<List<BatchId>> lastDelivered,
            EngineEvents engineEvents,
            Events events,
            ReplicaRules rules) {
        this.options = options;
        this.orderOptions = orderOptions;
        this.providers = providers;
        this.ports = ports;
        this.checks = checks;
        this.journal = ports.journal();
        this.current = current;
        this.engine = engine;
        this.index = index;
        this.lastDelivered = lastDelivered;
        this.engineEvents = engineEvents;
        this.events = events;
        this.rules = rules;
    }

    /// The replica begins with a snapshot, before any record.
    void restored(SnapshotHead head) {
        restored = head;
        Reign reign = head.reign();
        if (reign != null) {
            current.set(reign);
        }
    }

    /// A record of a protocol that survived the last boot. Those of closed epochs are behind
    /// whatever the replica has begun with.
    ///
    /// @throws MalformedException if it is none, or of an epoch of which no record tells
    void replay(JournalRecord record) {
        if (record.epoch() > current.epoch()) {
            throw new MalformedException(
                    "journal record "
                            + record.sequence()
                            + " is of epoch "
                            + record.epoch()
                            + ", and no record says how that began");
        }
        if (record.epoch() == current.epoch()) {
            open();
            engine.replay(record);
        }
    }

    /// A record of an epoch's beginning that survived the last boot.
    ///
    /// @throws MalformedException if it is none, or does not follow
    void replayEpoch(JournalRecord record) {
        EpochRecord written = EpochRecord.decode(record.content());
        Reign reign = written.reign();
        long epoch = reign.epoch().value();
        know(epoch - 1, written.formerFaults(), written.formerOrder());
        if (epoch < current.epoch()) {
            return;
        }
        if (epoch == current.epoch() && !isOpen) {
            // The first epoch as it was when this replica started for the first time, whatever the
            // configuration has become.
            current.set(reign);
            return;
        }
        if (epoch == current.epoch()) {
            requireEqual(record, reign, current.get());
            return;
        }
        open();
        // What the replica has begun with may be the end of the epoch by itself.
        engine.start(new Now(0, 0));
        Reign expected = next;
        if (expected == null) {
            throw new MalformedException(
                    "journal record "
                            + record.sequence()
                            + " begins epoch "
                            + epoch
                            + ", and epoch "
                            + current.epoch()
                            + " has not ended");
        }
        requireEqual(record, reign, expected);
        begin(new Now(0, 0), reign);
    }

    private static void requireEqual(JournalRecord record, Reign written, Reign expected) {
        if (!written.equals(expected)) {
            throw new MalformedException(
                    "journal record "
                            + record.sequence()
                            + " begins an epoch as "
                            + written
                            + ", which is "
                            + expected);
        }
    }

    /// There are no more records, and the journal takes new ones.
    ///
    /// @param isFresh true if there was none at all
    void recovered(Now now, boolean isFresh) {
        open();
        isRecovered = true;
        if (isFresh && current.isMember()) {
            var _ = append(current.get(), current.get());
        }
        Reign ending = next;
        if (ending != null) {
            nextRecord = append(current.get(), ending);
        } else {
            // Whoever begins with a snapshot to which its journal does not lead writes that down.
            // Before that is durable, a loss of the snapshot would pass unnoticed, and with it the
            // loss of what this replica says it has.
            takePart(now, journal.lastSequence());
        }
    }

    /// The engine has delivered the stop sign.
    void onStopped(Now now, StopSign sign, long position) {
        Invariant.check(
                sign.next().value() == current.epoch() + 1,
                "epochs follow one another",
                sign.next().value(),
                current.epoch());
        Reign ending = new Reign(sign, position);
        next = ending;
        engine.drop();
        engineOfReplay = null;
        events.onEnded(now);
        if (isRecovered) {
            nextRecord = rules.beginsAfter(append(current.get(), ending));
        }
    }

    /// The journal is durable further than before.
    void onDurable(Now now) {
        Reign ending = next;
        if (ending != null && journal.durableThrough() >= nextRecord) {
            begin(now, ending);
        }
    }

    /// True between two epochs.
    boolean isBetween() {
        return next != null;
    }

    private void begin(Now now, Reign reign) {
        next = null;
        current.set(reign);
        long position = reign.after();
        open(position, index.timeOf(position), index.anchorOf(position));
        if (isRecovered) {
            takePart(now, 0);
        }
    }

    private void takePart(Now now, long afterSequence) {
        Engine<?, ?> begun = engineOfReplay;
        if (begun == null) {
            return;
        }
        ports.listener().onEpoch(current.get());
        ports.listener().onTakesPart(begun.status());
        begun.recovered(now, afterSequence);
        if (next == null) {
            events.onBegun(now);
        }
    }

    /// The first engine, of the epoch that is known by the time that it is needed.
    private void open() {
        if (isOpen) {
            return;
        }
        isOpen = true;
        SnapshotHead head = restored;
        if (head == null) {
            open(0, 0, Bytes.EMPTY);
        } else {
            open(head.position(), head.timeNanos(), head.anchor());
        }
    }

    private void open(long position, long timeNanos, Bytes anchor) {
        Reign reign = current.get();
        StopSign sign = reign.sign();
        know(reign.epoch().value(), sign.faults(), sign.order());
        OrderingProvider<?, ?> provider = known.get(reign.epoch().value());
        if (provider == null) {
            events.onHalt(
                    new Now(0, 0),
                    "epoch "
                            + reign.epoch()
                            + " has order "
                            + sign.order()
                            + " under "
                            + sign.faults()
                            + ", which this build does not have; start one that has it");
            return;
        }
        String mute = current.isMember() ? ports.trust().members().whyNot(sign) : null;
        if (mute != null) {
            events.onHalt(new Now(0, 0), mute);
            return;
        }
        OrderingContext context =
                new OrderingContext(
                        options.self(),
                        reign.epoch(),
                        reign.members(),
                        sign.firstLeader(),
                        ports.random(),
                        orderOptions.apply(provider),
                        current.isMember(),
                        ports.trust().members().of(sign));
        Engine<?, ?> opened =
                Engine.create(
                        provider,
                        context,
                        journal,
                        ports.peers(),
                        ports.listener(),
                        checks,
                        engineEvents);
        if (position > 0) {
            opened.restore(position, timeNanos, anchor, lastDelivered.get());
        }
        engineOfReplay = opened;
        engine.set(opened);
    }

    private long append(Reign former, Reign begins) {
        EpochRecord record = new EpochRecord(begins, former.sign().faults(), former.sign().order());
        return journal.append(
                RecordKind.EPOCH, begins.epoch().value(), record.encode(), Bytes.EMPTY);
    }

    private void know(long epoch, FaultModel faults, String order) {
        OrderingProvider<?, ?> provider = providers.find(faults, order);
        if (provider != null) {
            known.put(epoch, provider);
        }
    }

    /// What the present epoch's members have alike of what its protocol delivered.
    Bytes withoutProof(Bytes anchor) {
        OrderingProvider<?, ?> provider = known.get(current.epoch());
        return provider == null ? anchor : provider.withoutProof(anchor);
    }

    /// The batch that a protocol's record carries; null if it carries none, or is of an epoch that
    /// this replica knows nothing of.
    @Nullable Batch batchOf(JournalRecord record) {
        OrderingProvider<?, ?> provider = known.get(record.epoch());
        return provider == null ? null : batchOf(provider, record);
    }

    private static <M extends ProtocolMessage, R extends ProtocolRecord> @Nullable Batch batchOf(
            OrderingProvider<M, R> provider, JournalRecord record) {
        return provider.codec().decodeRecord(record.content()).batch();
    }
}
