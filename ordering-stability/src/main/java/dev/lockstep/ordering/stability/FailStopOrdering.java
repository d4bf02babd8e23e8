package dev.lockstep.ordering.stability;

import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Input;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.OrderTable;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.stability.OpenCommands.Slot;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// One member's part in stability ordering under fail-stop faults, n = t+1.
///
/// Without rank it only observes: it delivers what others have delivered.
final class FailStopOrdering implements Ordering<FailStopMessage, FailStopRecord> {

    /// So many times longer is waited for a member that has not begun the epoch yet: it may be
    /// starting, and whether it lives the authority knows.
    private static final int UNHEARD_TIMES = 4;

    /// Not more commands are repeated to a member at a time.
    private static final int MAX_REPEATED = 64;

    private final FailStopSetup setup;
    private final FailStopStep step = new FailStopStep();
    private final OpenCommands open = new OpenCommands();
    private final FailStopLedger ledger;
    private final Progress progress;
    private final FailStopPost post;
    private final Assignment assignment;
    private final Submissions submissions;
    private final FailStopReads reads;
    private final Flush flush;
    private final OrderingStatus.Details overview;

    /// When each member was last heard of, by rank.
    private final long[] heardAt;

    /// By rank: the connection has ended, and nothing has come since.
    private final boolean[] isLost;

    /// By rank: something has come in this epoch.
    private final boolean[] hasHeard;

    /// True if this member was in the epoch before it restarted.
    private boolean hasRestarted;

    private boolean isRecovered;
    private boolean isLeaving;

    /// Others have positions that this member lacks.
    private boolean needsHistory;

    FailStopOrdering(FailStopSetup setup, boolean asksAll) {
        this.setup = setup;
        AgreedClock clock =
                new AgreedClock(
                        setup.rank(), setup.size(), setup.options().maxSkewNanos(), step::now);
        ledger = new FailStopLedger(setup, step);
        progress = new Progress(setup, step, open, clock, asksAll);
        post = new FailStopPost(setup, step, progress);
        assignment =
                asksAll
                        ? new LargestAssignment(setup, step, open, progress, post)
                        : new OriginAssignment(step, open, progress);
        submissions = new Submissions(setup, step, progress, assignment, post, clock);
        reads = new FailStopReads(setup, step, open, ledger, post);
        flush = new Flush(setup, step, open, ledger, post);
        FailStopTable table = new FailStopTable(setup, step, open, ledger, progress, assignment);
        overview =
                new OrderingStatus.Details() {
                    @Override
                    public SortedMap<String, String> read() {
                        return details();
                    }

                    @Override
                    public OrderTable table() {
                        return table.read(isWedged());
                    }
                };
        heardAt = new long[setup.size()];
        isLost = new boolean[setup.size()];
        hasHeard = new boolean[setup.size()];
    }

    @Override
    public OrderingStatus status() {
        @Nullable ReplicaId entry =
                isLeaving || isWedged() || ledger.hasEnded() || !setup.isMember()
                        ? null
                        : setup.self();
        return new OrderingStatus(entry, true, submissions.wantsBatch(), overview);
    }

    private SortedMap<String, String> details() {
        SortedMap<String, String> details = new TreeMap<>();
        String role = isWedged() ? "wedged" : "member";
        details.put("role", setup.isMember() ? role : "observer");
        details.put("delivered", Long.toString(ledger.delivered()));
        details.put("floor", Long.toString(progress.floor()));
        details.put("held", Long.toString(progress.held()));
        details.put("stable", Long.toString(progress.stable()));
        details.put("pending", Integer.toString(open.size()));
        details.put("own", Integer.toString(submissions.size()));
        details.put("reads", Integer.toString(reads.size()));
        ReplicaId leader = flush.leaderId();
        if (leader != null) {
            details.put("flush-leader", leader.toString());
        }
        return details;
    }

    @Override
    public void step(
            Now now,
            Input<FailStopMessage, FailStopRecord> input,
            Outbox<FailStopMessage, FailStopRecord> out) {
        if (ledger.hasEnded()) {
            return;
        }
        step.begin(now, out);
        if (isWedged()) {
            post.wedge();
        }
        switch (input) {
            case Input.Restored<FailStopMessage, FailStopRecord> restored ->
                    ledger.restore(restored.position(), restored.timeNanos(), restored.anchor());
            case Input.Replayed<FailStopMessage, FailStopRecord> replayed ->
                    onReplayed(replayed.sequence(), replayed.record());
            case Input.Recovered<FailStopMessage, FailStopRecord> _ -> onRecovered();
            case Input.Durable<FailStopMessage, FailStopRecord> durable ->
                    step.onDurable(durable.sequence());
            case Input.History<FailStopMessage, FailStopRecord> history ->
                    onHistory(history.entries());
            case Input.SnapshotDurable<FailStopMessage, FailStopRecord> snapshot ->
                    onSnapshot(snapshot.position());
            case Input.Leaving<FailStopMessage, FailStopRecord> _ -> isLeaving = true;
            default -> {
                if (setup.isMember()) {
                    onMemberInput(input);
                }
            }
        }
        finish();
        step.end();
    }

    private void onMemberInput(Input<FailStopMessage, FailStopRecord> input) {
        switch (input) {
            case Input.Submitted<FailStopMessage, FailStopRecord> submitted ->
                    submissions.submit(submitted.batch());
            case Input.Received<FailStopMessage, FailStopRecord> received ->
                    onReceived(received.from(), received.message());
            case Input.TimerFired<FailStopMessage, FailStopRecord> fired ->
                    onTimer((FailStopTimer) fired.timer());
            case Input.ReadRequested<FailStopMessage, FailStopRecord> read ->
                    reads.onRequested(read.barrier());
            case Input.Wedged<FailStopMessage, FailStopRecord> wedged -> {
                if (setup.rules().isWedged(true)) {
                    post.wedge();
                }
                flush.onWedged(wedged.next(), wedged.attempt());
            }
            case Input.Installed<FailStopMessage, FailStopRecord> installed ->
                    needsHistory = !flush.onInstalled(installed.attempt());
            case Input.PeerLost<FailStopMessage, FailStopRecord> lost -> {
                int rank = setup.members().indexOf(lost.peer());
                if (rank >= 0) {
                    isLost[rank] = true;
                }
            }
            case Input.PeerBack<FailStopMessage, FailStopRecord> back -> {
                int rank = setup.members().indexOf(back.peer());
                if (rank >= 0) {
                    isLost[rank] = false;
                }
            }
            // Which members there are is the authority's affair.
            default -> {}
        }
    }

    private boolean isWedged() {
        return hasRestarted || setup.rules().isWedged(flush.hasBegun());
    }

    /// What follows from whatever came.
    private void finish() {
        if (ledger.hasEnded() || !setup.isMember() || !isRecovered) {
            return;
        }
        if (isWedged()) {
            reads.refuse();
            return;
        }
        submissions.propose();
        progress.read();
        overrideClock();
        boolean hasNews = progress.hasNews();
        if (hasNews) {
            progress.told();
        }
        execute();
        reads.advance();
        if (hasNews) {
            post.sendAll(new FailStopMessage.Status());
        }
        awaitClock();
    }

    private void execute() {
        long stable = progress.stable();
        Slot first = open.first();
        while (first != null && first.entry().isFixed() && first.entry().value() <= stable) {
            Entry entry = first.entry();
            open.remove(entry.id());
            step.persist(new FailStopRecord.Executed(ledger.delivered() + 1, entry.mark()));
            ledger.append(entry, first);
            submissions.onDelivered(entry);
            first = open.first();
        }
    }

    /// A clock that is behind a unique id keeps everybody waiting, but not for long, and not at all
    /// if it is far behind.
    private void overrideClock() {
        long reading = setup.clock().reading(step.now());
        if (reading == 0) {
            return;
        }
        for (Slot slot : open.inOrder()) {
            long since = step.monotonicNanos() - slot.sentAt();
            long lead = slot.entry().value() - reading;
            if (Math.max(since, lead) >= setup.options().maxLeadNanos()) {
                progress.raise(slot.entry().value());
            }
        }
    }

    private void awaitClock() {
        long reading = setup.clock().reading(step.now());
        long due = reading == 0 ? 0 : open.nextAbove(progress.floor());
        if (due > reading) {
            long wait = Math.min(due - reading, setup.options().maxLeadNanos());
            step.setTimer(FailStopTimer.CLOCK, step.monotonicNanos() + Math.max(1, wait));
        }
    }

    private void onTimer(FailStopTimer timer) {
        if (timer == FailStopTimer.CLOCK) {
            return;
        }
        step.setTimer(FailStopTimer.TICK, step.monotonicNanos() + setup.options().heartbeatNanos());
        if (needsHistory) {
            step.emit(new Effect.NeedHistory<>(ledger.delivered() + 1));
        }
        if (flush.hasBegun()) {
            flush.act();
        }
        if (isWedged()) {
            if (hasRestarted && !flush.hasBegun()) {
                step.emit(new Effect.Suspect<>(setup.self()));
            }
            return;
        }
        reads.repeat();
        for (int rank = 0; rank < setup.size(); rank++) {
            if (rank != setup.rank()) {
                attend(rank);
            }
        }
    }

    private void attend(int rank) {
        long now = step.monotonicNanos();
        long silence = now - heardAt[rank];
        boolean isGone = hasHeard[rank] && isLost[rank] && silence > setup.options().lostNanos();
        long patience = setup.options().suspectNanos() * (hasHeard[rank] ? 1 : UNHEARD_TIMES);
        if (isGone || silence > patience) {
            step.emit(new Effect.Suspect<>(setup.idAt(rank)));
        }
        int repeated = 0;
        for (Slot slot : open.inOrder()) {
            CommandId id = slot.entry().id();
            boolean isDue =
                    id.origin().equals(setup.self())
                            && now - slot.sentAt() >= setup.options().retryNanos();
            if (isDue && repeated < MAX_REPEATED) {
                repeated++;
                if (progress.arrived(rank) < id.number()) {
                    post.send(rank, new FailStopMessage.Propose(slot.entry()));
                } else {
                    assignment.repeat(rank, slot);
                }
            }
        }
        post.send(rank, new FailStopMessage.Status());
    }

    private void onReceived(ReplicaId from, FailStopMessage message) {
        int rank = setup.members().indexOf(from);
        if (rank < 0
                || rank == setup.rank()
                || message.header().received().size() != setup.size()) {
            return;
        }
        heardAt[rank] = step.monotonicNanos();
        isLost[rank] = false;
        hasHeard[rank] = true;
        if (isWedged()) {
            onWedgedReceived(rank, message.body());
            return;
        }
        switch (message.body()) {
            case FailStopMessage.Propose propose -> onPropose(rank, propose.entry());
            case FailStopMessage.Candidate it -> assignment.onCandidate(rank, it.id(), it.value());
            case FailStopMessage.Fix it -> assignment.onFix(it.id(), it.value());
            case FailStopMessage.Ask ask ->
                    post.send(rank, new FailStopMessage.Answer(ask.round()));
            case FailStopMessage.Answer answer -> reads.onAnswer(rank, answer.round());
            default -> onWedgedReceived(rank, message.body());
        }
        progress.onHeader(rank, message.header());
    }

    private void onWedgedReceived(int rank, FailStopMessage.Body body) {
        switch (body) {
            case FailStopMessage.Holdings said -> flush.onHoldings(rank, said);
            case FailStopMessage.Ending ending -> flush.onEnding(rank, ending.suffix());
            case FailStopMessage.EndingAck ack -> flush.onAck(rank, ack.attempt());
            case FailStopMessage.Want want -> flush.onWant(rank, want.ids());
            case FailStopMessage.Have have -> {
                if (flush.hasBegun()) {
                    flush.onHave(have.entry());
                }
            }
            default -> {}
        }
    }

    private void onPropose(int rank, Entry entry) {
        if (!entry.id().origin().equals(setup.idAt(rank))) {
            return;
        }
        long number = entry.id().number();
        if (number == progress.received(rank) + 1) {
            assignment.onPropose(rank, entry);
        } else if (number <= progress.received(rank)) {
            assignment.onRepeated(rank, entry.id());
        }
    }

    private void onHistory(List<HistoryEntry> entries) {
        for (HistoryEntry entry : entries) {
            FailStopAnchor anchor = ledger.next(entry);
            if (anchor != null) {
                learn(entry, anchor, step.persist(new FailStopRecord.Learnt(entry)));
            }
        }
    }

    private void learn(HistoryEntry entry, FailStopAnchor anchor, long sequence) {
        Slot slot = anchor.sign() == null ? forget(anchor.mark()) : null;
        if (slot != null) {
            submissions.onDelivered(slot.entry());
        }
        ledger.append(entry, anchor, sequence);
    }

    private @Nullable Slot forget(@Nullable Mark mark) {
        return mark == null ? null : open.remove(mark.id());
    }

    /// A record is needed while what it has is not delivered, or not in a snapshot; and the one
    /// which says that this member has been here, always.
    private void onSnapshot(long position) {
        if (flush.holdsRecords() || hasRestarted) {
            return;
        }
        long needed = ledger.neededAfter(position);
        for (Slot slot : open.inOrder()) {
            needed = Math.min(needed, slot.logged());
        }
        long least = Math.min(needed, step.persist(new FailStopRecord.Opened()));
        step.afterSync(() -> step.emit(new Effect.Release<>(least - 1)));
    }

    // --- from the journal ---

    private void onReplayed(long sequence, FailStopRecord record) {
        step.onReplayed(sequence);
        hasRestarted = setup.isMember() && setup.rules().restartWedges();
        switch (record) {
            case FailStopRecord.Opened _ -> {}
            case FailStopRecord.Logged logged -> onReplayedEntry(sequence, logged.entry());
            case FailStopRecord.Fixed fixed -> {
                Slot slot = open.find(fixed.mark().id());
                if (slot != null) {
                    open.fix(slot, fixed.mark().timestamp(), sequence);
                    progress.raise(fixed.mark().timestamp());
                    if (ledger.isBehind(fixed.mark())) {
                        open.remove(fixed.mark().id());
                    }
                }
            }
            case FailStopRecord.Executed executed -> {
                Slot slot = open.find(executed.mark().id());
                if (executed.position() <= ledger.delivered()) {
                    forget(executed.mark());
                } else if (slot != null && executed.position() == ledger.delivered() + 1) {
                    open.remove(executed.mark().id());
                    ledger.append(slot.entry().withValue(executed.mark().timestamp(), true), slot);
                }
            }
            case FailStopRecord.Agreed agreed -> flush.onReplayed(agreed);
            case FailStopRecord.Ended ended -> flush.onReplayed(sequence, ended);
            case FailStopRecord.Learnt learnt -> {
                FailStopAnchor anchor = ledger.next(learnt.entry());
                if (anchor != null) {
                    learn(learnt.entry(), anchor, sequence);
                } else {
                    FailStopAnchor past = FailStopLedger.anchorOf(learnt.entry());
                    var _ = past == null ? null : forget(past.mark());
                }
            }
        }
    }

    private void onReplayedEntry(long sequence, Entry entry) {
        progress.raise(entry.value());
        int rank = setup.members().indexOf(entry.id().origin());
        if (rank >= 0 && setup.isMember()) {
            progress.onReceived(rank, entry.id().number());
        }
        boolean isDone = entry.isFixed() && ledger.isBehind(entry.mark());
        if (!isDone && open.find(entry.id()) == null) {
            open.add(entry, sequence, 0);
        }
    }

    private void onRecovered() {
        isRecovered = true;
        if (!setup.isMember()) {
            return;
        }
        Arrays.fill(heardAt, step.monotonicNanos());
        if (!hasRestarted) {
            Invariant.check(
                    !setup.rules().restartWedges() || open.isEmpty(),
                    "who begins holds nothing",
                    open.size());
            post.silentUntil(step.persist(new FailStopRecord.Opened()));
        }
        step.setTimer(FailStopTimer.TICK, step.monotonicNanos() + setup.options().heartbeatNanos());
    }
}
