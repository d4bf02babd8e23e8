package dev.lockstep.testkit.simulator;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Member;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.replica.ReplicaListener;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Sees all replicas at once and compares what they do with what Lockstep promises: agreement,
/// integrity, order, agreed time. What is promised to clients is judged by [Reference].
///
/// Violations are thrown where they are seen and leave through the replica, which is dropped with
/// the run.
final class Observer {

    private static final class Position {
        private final BatchId batch;
        private final long timeNanos;
        private long chain;
        private boolean isExecuted;

        Position(BatchId batch, long timeNanos) {
            this.batch = batch;
            this.timeNanos = timeNanos;
        }
    }

    private final Exercised exercised;
    private final Trace trace;
    private final List<Position> agreed = new ArrayList<>();
    private final Set<BatchId> submitted = new HashSet<>();
    private final Set<BatchId> refused = new HashSet<>();

    /// By member, in the life that it has: the latest epoch that it began.
    private final Map<Member, Long> begun = new HashMap<>();

    /// The epochs that any replica was in.
    private final TreeMap<Long, Reign> reigns = new TreeMap<>();

    /// By epoch and term: who led it.
    private final TreeMap<Long, TreeMap<String, ReplicaId>> leaders = new TreeMap<>();

    /// By session and sequence: where it was executed.
    private final TreeMap<Long, TreeMap<Long, Long>> executed = new TreeMap<>();

    private final ExecutionPauses pauses = new ExecutionPauses();

    /// True if members stop executing at the same positions, for snapshots that they vouch for.
    private boolean pauseTogether;

    /// The first problem that a replica itself reported.
    private @Nullable Violation reported;

    /// Says of whom it is no wonder that its state is not the majority's.
    private final Predicate<ReplicaId> mayDiffer;

    /// Who lies: what it says of itself is nothing, and what is said of it is no wonder.
    private final Predicate<ReplicaId> isLiar;

    /// Says how epochs may begin.
    private final Predicate<StopSign> isWished;

    Observer(
            Exercised exercised,
            Trace trace,
            Predicate<ReplicaId> mayDiffer,
            Predicate<ReplicaId> isLiar,
            Predicate<StopSign> isWished) {
        this.isWished = isWished;
        this.isLiar = isLiar;
        this.mayDiffer = mayDiffer;
        this.exercised = exercised;
        this.trace = trace;
    }

    /// How many positions are agreed on, for ever.
    long length() {
        return agreed.size();
    }

    /// The latest epoch that any replica was ever in; null before the first.
    @Nullable Reign latestReign() {
        return reigns.isEmpty() ? null : reigns.lastEntry().getValue();
    }

    private static String orderOf(Reign reign) {
        return reign.sign().order();
    }

    /// Throws what a replica reported since the last call.
    void throwReported() {
        if (reported != null) {
            throw reported;
        }
    }

    private void report(String what) {
        if (reported == null) {
            reported = new Violation(what);
        }
    }

    /// A replica says that it leads: for a protocol that tells its role and term, nobody else may
    /// have done so in that term.
    void onLeads(ReplicaId id, long epoch, SortedMap<String, String> order) {
        String term = order.get("term");
        if (term == null || !"leader".equals(order.get("role"))) {
            return;
        }
        ReplicaId known =
                leaders.computeIfAbsent(epoch, _ -> new TreeMap<>()).putIfAbsent(term, id);
        Violation.check(
                known == null || known.equals(id),
                "a term has one leader: term "
                        + term
                        + " of epoch "
                        + epoch
                        + " has "
                        + known
                        + " and "
                        + id);
    }

    /// Members stop executing at the same positions, all at once.
    void letPauseTogether() {
        pauseTogether = true;
    }

    /// A replica says something as a member of an epoch.
    void onSaid(Member from, long epoch) {
        long latest = begun.getOrDefault(from, 0L);
        Violation.check(
                latest <= epoch,
                "nothing is said in an epoch that has ended: replica "
                        + from.id()
                        + ", which has begun epoch "
                        + latest
                        + ", in "
                        + epoch);
    }

    /// The process of a replica has ended.
    void ended(ReplicaId id) {
        pauses.end(id);
    }

    /// Hears one boot of one replica.
    ReplicaListener boot(Member self) {
        return isLiar.test(self.id()) ? new Lying() : new Boot(self);
    }

    /// A liar has a batch ordered that its replica does not know.
    void onLied(BatchId batch) {
        submitted.add(batch);
    }

    /// What is heard of a replica that lies: only what it has ordered.
    private final class Lying implements ReplicaListener {
        @Override
        public void onSubmitted(BatchId batch, int requests, int payloadBytes) {
            submitted.add(batch);
        }
    }

    private final class Boot implements ReplicaListener {
        private final Member self;
        private final ReplicaId id;
        private final int line;
        private long delivered;
        private boolean isMember;

        /// False in an epoch that has not the order of the first.
        private boolean isOfFirstOrder;

        Boot(Member self) {
            this.self = self;
            this.id = self.id();
            this.line = id.value() - 1;
        }

        private void check(boolean holds, String what) {
            if (!holds) {
                throw new Violation("replica " + id + ": " + what);
            }
        }

        @Override
        public void onSubmitted(BatchId batch, int requests, int payloadBytes) {
            check(submitted.add(batch), "a batch has a name of its own: " + batch);
        }

        @Override
        public void onRestored(long position) {
            check(position <= agreed.size(), "a snapshot is of what was agreed on: " + position);
            delivered = position;
            trace.note(() -> "replica " + id + " begins at " + position);
        }

        @Override
        public void onEpoch(Reign reign) {
            long epoch = reign.epoch().value();
            isMember = reign.isMember(self);
            // Who is none may lose a snapshot that a member sent, and with it what it knew.
            long latest =
                    isMember
                            ? begun.merge(self, epoch, Math::max)
                            : begun.getOrDefault(self, epoch);
            check(latest <= epoch, "a member remembers its epoch: " + latest + ", now " + epoch);
            Reign known = reigns.putIfAbsent(epoch, reign);
            isOfFirstOrder = orderOf(reign).equals(orderOf(reigns.firstEntry().getValue()));
            check(
                    known == null || known.equals(reign),
                    "agreement on epoch " + epoch + ": " + reign + ", elsewhere " + known);
            if (known == null && epoch > 1) {
                exercised.note(Deed.EPOCHS);
                Reign before = reigns.get(epoch - 1);
                check(before != null, "epochs begin one after the other: " + epoch);
                check(
                        isWished.test(reign.sign()),
                        "an epoch begins as an operator has signed: " + reign);
                count(before, reign);
            }
            trace.note(() -> "replica " + id + " is in epoch " + reign);
            trace.sign(line, Sign.PERSIST, () -> "epoch " + epoch);
        }

        private void count(@Nullable Reign before, Reign reign) {
            if (before == null) {
                return;
            }
            if (!orderOf(before).equals(orderOf(reign))) {
                exercised.noteSwitch(orderOf(before), orderOf(reign));
            }
            for (Member member : reign.members().members()) {
                exercised.note(Deed.MEMBERS_TAKEN_IN, before.isMember(member) ? 0 : 1);
            }
            for (Member member : before.members().members()) {
                exercised.note(Deed.MEMBERS_GONE, reign.isMember(member) ? 0 : 1);
            }
        }

        @Override
        public void onSnapshotBegun(long position) {
            trace.note(() -> "replica " + id + " takes a snapshot at " + position);
            trace.sign(line, Sign.PERSIST, () -> "snapshot at " + position);
        }

        @Override
        public void onSnapshotInstalled(long position) {
            trace.note(() -> "replica " + id + " has got a snapshot at " + position);
            trace.sign(line, Sign.PERSIST, () -> "snapshot at " + position + " installed");
        }

        @Override
        public void onRelease(long throughSequence) {
            exercised.note(Deed.JOURNALS_SHORTENED);
        }

        @Override
        public void onDelivered(long position, BatchId batch, long timeNanos) {
            check(position == delivered + 1, "positions have no gaps: " + position);
            delivered = position;
            trace.note(() -> "replica " + id + " delivers " + batch + " at " + position);
            trace.sign(line, Sign.DELIVER, () -> "deliver " + position + ": " + batch);
            if (position <= agreed.size()) {
                Position known = agreed.get((int) position - 1);
                check(
                        known.batch.equals(batch),
                        "agreement at position "
                                + position
                                + ": "
                                + batch
                                + ", elsewhere "
                                + known.batch);
                check(known.timeNanos == timeNanos, "agreement on the time of " + position);
                return;
            }
            check(
                    batch.boot() == BatchId.PROTOCOL_BOOT || submitted.contains(batch),
                    "only what was submitted is delivered: " + batch);
            check(!refused.contains(batch), "what was refused is not delivered: " + batch);
            check(
                    agreed.isEmpty() || agreed.getLast().timeNanos <= timeNanos,
                    "agreed time does not go back at position " + position);
            agreed.add(new Position(batch, timeNanos));
            exercised.note(Deed.POSITIONS);
        }

        @Override
        public void onRepeated(long position, BatchId batch) {
            exercised.note(Deed.BATCHES_REPEATED);
        }

        @Override
        public void onExecuted(long position, long session, long sequence, long chainDigest) {
            TreeMap<Long, Long> ofSession = executed.computeIfAbsent(session, _ -> new TreeMap<>());
            Long before = ofSession.putIfAbsent(sequence, position);
            check(
                    before == null || before == position,
                    "request " + sequence + " of a session runs once: " + before + ", " + position);
            check(
                    before != null || ofSession.lastKey() == sequence,
                    "a session's requests run in order: " + sequence);
        }

        @Override
        public void onPositionExecuted(long position, long chainDigest) {
            Position known = agreed.get((int) position - 1);
            if (!known.isExecuted) {
                known.isExecuted = true;
                known.chain = chainDigest;
            }
            check(known.chain == chainDigest, "equal replies through position " + position);
        }

        @Override
        public void onSessionEnded(long position, long session, boolean expired) {
            if (expired && delivered == agreed.size()) {
                exercised.note(Deed.SESSIONS_EXPIRED);
            }
        }

        @Override
        public void onBatchRefused(BatchId batch, String reason) {
            exercised.note(Deed.BATCHES_REFUSED);
            refused.add(batch);
        }

        @Override
        public void onReceived(ReplicaId from, ProtocolMessage message) {
            if (isOfFirstOrder) {
                exercised.noteReceived(message.getClass());
            }
            trace.note(() -> from + " → " + id + "  " + message);
        }

        @Override
        public void onSent(ReplicaId to, ProtocolMessage message, int frameBytes) {
            trace.named(message);
        }

        @Override
        public void onPersisted(long sequence, ProtocolRecord record) {
            if (isOfFirstOrder) {
                exercised.notePersisted(record.getClass());
            }
            trace.sign(line, Sign.PERSIST, () -> "persist " + sequence + ": " + record);
        }

        @Override
        public void onMalformedBatch(long position, BatchId batch, int index) {
            report("replica " + id + " delivered a malformed batch at " + position);
        }

        @Override
        public void onExecutionPaused(long position) {
            exercised.note(Deed.EXECUTION_PAUSES);
            if (!pauseTogether) {
                pauses.begin(self, position, isMember, reigns.lastEntry().getValue());
            }
            trace.note(() -> id + " executes nothing after position " + position);
        }

        @Override
        public void onExecutionResumed(long position, long nanos, int waiting) {
            exercised.note(Deed.BATCHES_DELAYED, waiting);
            pauses.end(id);
            trace.note(() -> id + " executes again: " + waiting + " batches wait");
        }

        @Override
        public void onPeerDiverged(
                ReplicaId peer, boolean inState, long afterPosition, long throughPosition) {
            exercised.note(Deed.DIVERGED_PEERS);
            trace.note(() -> id + " says that replica " + peer + " diverged");
            if (isLiar.test(peer)) {
                exercised.noteMalice("held:digests");
            } else if (!inState || !mayDiffer.test(peer)) {
                report("replica " + id + " says that replica " + peer + " diverged");
            }
        }

        @Override
        public void onQuarantined(String reason) {
            exercised.note(Deed.QUARANTINES);
            trace.note(() -> id + " is quarantined: " + reason);
            if (!mayDiffer.test(id)) {
                report("replica " + id + " was quarantined: " + reason);
            }
        }

        @Override
        public void onHalted(String reason) {
            report("replica " + id + " halted: " + reason);
        }

        @Override
        public void onEvidence(ReplicaId about, dev.lockstep.core.wire.Bytes proof) {
            if (isLiar.test(about)) {
                exercised.noteMalice("held:evidence");
            } else {
                report("replica " + id + " holds evidence about an honest replica " + about);
            }
        }

        @Override
        public void onDelayBroken(ReplicaId who, long tookNanos, long boundNanos) {
            exercised.noteMalice(who.equals(id) ? "late:self" : "late:messages");
        }

        @Override
        public void onForged(ReplicaId from) {
            if (isLiar.test(from)) {
                exercised.noteMalice("held:forgeries");
            }
        }

        @Override
        public void onSnapshotRefused(ReplicaId from, String reason) {
            trace.note(() -> id + " refuses " + from + "'s snapshot: " + reason);
            if (isLiar.test(from)) {
                exercised.noteMalice("held:snapshots");
            }
        }
    }
}
