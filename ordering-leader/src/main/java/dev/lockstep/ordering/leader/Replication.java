package dev.lockstep.ordering.leader;

import dev.lockstep.core.Invariant;
import dev.lockstep.ordering.leader.FollowerProgress.Mode;
import dev.lockstep.ordering.leader.LeaderMessage.Append;
import dev.lockstep.ordering.leader.LeaderMessage.AppendAck;
import dev.lockstep.ordering.leader.LeaderMessage.AppendReject;
import dev.lockstep.ordering.leader.LeaderMessage.Behind;
import dev.lockstep.ordering.leader.LeaderMessage.Echo;
import dev.lockstep.ordering.leader.LeaderMessage.Pulse;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/// A leader's side of replication (§3.5, §10.2.1): sends each follower what it lacks without
/// waiting for acknowledgements, and finds out what is committed.
///
/// Handlers only note what is due; [#flush], at the end of each step, sends at most what that
/// needs, so that entries, commit indices, read rounds and heartbeats share messages.
final class Replication {

    /// Below this size a payload is sent whole even if the receiver holds it.
    private static final int LEAST_REFERRED_BYTES = 64;

    private final Setup setup;
    private final Turn turn;
    private final Standing standing;
    private final Log log;
    private final Delivery delivery;
    private final ReadRounds rounds;
    private final LeaderOptions.Timing timing;

    /// By rank; null for this member.
    private final @Nullable FollowerProgress[] followers;

    /// One value a member, for finding what a majority has reached.
    private final long[] scratch;

    /// True while the commit notice timer is set.
    private boolean noticeTimerSet;

    Replication(
            Setup setup,
            Turn turn,
            Standing standing,
            Log log,
            Delivery delivery,
            ReadRounds rounds) {
        this.setup = setup;
        this.turn = turn;
        this.standing = standing;
        this.log = log;
        this.delivery = delivery;
        this.rounds = rounds;
        this.timing = setup.options().timing();
        this.followers = new @Nullable FollowerProgress[setup.size()];
        this.scratch = new long[setup.size()];
    }

    /// Begins a term: nothing is known of the followers but that their logs may equal this one.
    void start() {
        for (int rank = 0; rank < followers.length; rank++) {
            if (rank != setup.rank()) {
                FollowerProgress follower = new FollowerProgress(setup.idAt(rank), rank);
                follower.probe(log.lastIndex(), turn.monotonicNanos());
                follower.refersFrom = log.lastIndex() + 1;
                follower.heardNanos = turn.monotonicNanos();
                follower.sentNanos = turn.monotonicNanos();
                followers[rank] = follower;
            }
        }
        noticeTimerSet = false;
        turn.setTimer(LeaderTimer.HEARTBEAT, turn.monotonicNanos() + timing.heartbeatNanos());
    }

    @Nullable FollowerProgress follower(int rank) {
        return followers[rank];
    }

    /// A follower's log equals this one through `matched`.
    void onAck(int rank, AppendAck ack) {
        FollowerProgress follower = heard(rank, ack.echo());
        if (follower == null) {
            return;
        }
        Invariant.check(ack.matched() <= log.lastIndex(), "a follower holds no more", rank);
        follower.durable = Math.max(follower.durable, ack.durable());
        if (follower.mode == Mode.STREAMING) {
            follower.matched = Math.max(follower.matched, ack.matched());
            follower.next = Math.max(follower.next, follower.matched + 1);
        } else {
            follower.mode = Mode.STREAMING;
            follower.matched = ack.matched();
            follower.next = ack.matched() + 1;
        }
        onAskAnswered(follower, ack);
    }

    /// The follower has answered everything that was sent before it was asked: what it does not
    /// hold by then is lost.
    private void onAskAnswered(FollowerProgress follower, AppendAck ack) {
        long asked = follower.openAskNanos;
        if (asked == Long.MIN_VALUE || ack.echo().sentNanos() < asked) {
            return;
        }
        follower.openAskNanos = Long.MIN_VALUE;
        if (ack.echo().sentNanos() == asked) {
            follower.measure(turn.monotonicNanos() - asked);
        }
        if (ack.matched() < follower.openAskIndex) {
            follower.probe(ack.matched(), turn.monotonicNanos());
        }
    }

    /// A follower could not take an `Append`: the logs part before it, or something was lost.
    void onReject(int rank, AppendReject reject) {
        FollowerProgress follower = heard(rank, reject.echo());
        boolean isIdle = follower == null || follower.next > log.lastIndex();
        if (follower == null || !setup.rules().heedsRejection(isIdle)) {
            return;
        }
        if (reject.needsPayload()) {
            follower.refersFrom = log.lastIndex() + 1;
        }
        // Otherwise each of a window's rejections would send the window again, and a network that
        // repeats or reorders frames would be flooded.
        boolean isStale =
                reject.echo().sentNanos() < follower.probedNanos
                        || (follower.mode == Mode.PROBING
                                && reject.rejectedIndex() != follower.next - 1
                                && !reject.needsPayload());
        if (isStale) {
            return;
        }
        long next = nextAfter(reject);
        if (follower.mode == Mode.BEHIND && next < log.firstIndex()) {
            return;
        }
        // What was asked for is void with what was sent: an answer to the probe is no answer to it.
        follower.openAskNanos = Long.MIN_VALUE;
        follower.matched = Math.min(follower.matched, next - 1);
        follower.probe(next - 1, turn.monotonicNanos());
    }

    /// Where to go on: after the hint if the logs are equal there, otherwise after the last entry
    /// here that is of no later term, which skips whole terms (§3.5).
    private long nextAfter(AppendReject reject) {
        Mark hint = reject.hint();
        if (hint.index() < log.firstIndex() - 1) {
            return hint.index() + 1;
        }
        if (log.holdsMark(hint.index()) && log.mark(hint.index()).equals(hint)) {
            return hint.index() + 1;
        }
        Mark candidate = log.lastMarkOfTermAtMost(hint.term(), hint.index(), log.firstIndex() - 1);
        return Math.min(candidate.index() + 1, Math.max(1, reject.rejectedIndex()));
    }

    private @Nullable FollowerProgress heard(int rank, Echo echo) {
        onHeard(rank);
        FollowerProgress follower = followers[rank];
        if (follower != null) {
            follower.echoedNanos = Math.max(follower.echoedNanos, echo.sentNanos());
            follower.roundHeard = Math.max(follower.roundHeard, echo.round());
        }
        return follower;
    }

    /// A follower said something in this term.
    void onHeard(int rank) {
        FollowerProgress follower = followers[rank];
        if (follower != null) {
            follower.heardNanos = turn.monotonicNanos();
        }
    }

    /// There is a new connection: what was sent since the last durable entry may be lost, and the
    /// payloads that the follower held too.
    void onPeerBack(int rank) {
        FollowerProgress follower = followers[rank];
        if (follower != null && follower.mode != Mode.BEHIND) {
            follower.matched = Math.min(follower.matched, follower.durable);
            follower.probe(
                    follower.durable == 0
                            ? Math.min(follower.next - 1, log.lastIndex())
                            : follower.durable,
                    turn.monotonicNanos());
            follower.refersFrom = log.lastIndex() + 1;
            follower.roundSent = Math.min(follower.roundSent, follower.roundHeard);
            follower.openAskNanos = Long.MIN_VALUE;
        }
    }

    /// Sends heartbeats where nothing else was sent, and again what got no answer.
    void onHeartbeatTimer() {
        long now = turn.monotonicNanos();
        long nextNanos = now + timing.heartbeatNanos();
        for (FollowerProgress follower : followers) {
            if (follower == null) {
                continue;
            }
            if (now - follower.sentNanos >= timing.heartbeatNanos()) {
                follower.heartbeatDue = true;
                if (now - follower.sentNanos >= 2 * follower.roundTripNanos) {
                    follower.probeUnderWay = false;
                }
            } else {
                nextNanos = Math.min(nextNanos, follower.sentNanos + timing.heartbeatNanos());
            }
        }
        turn.setTimer(LeaderTimer.HEARTBEAT, nextNanos);
    }

    /// Tells the commit index to whoever was not told.
    void onNoticeTimer() {
        noticeTimerSet = false;
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                follower.noticeDue = true;
            }
        }
    }

    /// What is durable on a majority and of this term is committed, and everything before it
    /// (§3.6.2).
    void advanceCommit() {
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                scratch[follower.rank] = follower.durable;
            }
        }
        scratch[setup.rank()] = setup.rules().countedForSelf(log.durableIndex(), log.lastIndex());
        long reached = setup.reachedByQuorum(scratch);
        long before = delivery.commit();
        if (reached > before
                && setup.rules().mayCommit(log.mark(reached).term(), standing.term())) {
            noteOrigins(before, reached);
            delivery.commitThrough(reached);
        }
    }

    /// Whoever's batches were committed is told at once: its clients wait.
    private void noteOrigins(long before, long through) {
        for (long index = before + 1; index <= through; index++) {
            LogEntry entry = log.entry(index);
            if (entry.purpose() == LogEntry.Purpose.SIGN) {
                onNoticeTimer();
            }
            int rank = setup.members().indexOf(entry.batch().id().origin());
            FollowerProgress follower = rank < 0 ? null : followers[rank];
            if (follower != null) {
                follower.noticeDue = true;
            }
        }
    }

    /// Confirms read rounds that a majority has heard of.
    void advanceRounds() {
        if (!rounds.isUnderWay()) {
            return;
        }
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                scratch[follower.rank] = follower.roundHeard;
            }
        }
        scratch[setup.rank()] = rounds.begun();
        rounds.confirm(setup.reachedByQuorum(scratch));
    }

    /// When a majority was heard from last, as far as `value` tells; this member hears itself.
    long heardFromQuorumNanos() {
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                scratch[follower.rank] = follower.heardNanos;
            }
        }
        scratch[setup.rank()] = turn.monotonicNanos();
        return setup.reachedByQuorum(scratch);
    }

    /// A majority has heard from this leader no earlier than this, on its own clock (§6.4.1).
    long echoedByQuorumNanos() {
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                scratch[follower.rank] = follower.echoedNanos;
            }
        }
        scratch[setup.rank()] = turn.monotonicNanos();
        return setup.reachedByQuorum(scratch);
    }

    /// The slowest round trip to a follower.
    long roundTripNanos() {
        long slowest = 0;
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                slowest = Math.max(slowest, follower.roundTripNanos);
            }
        }
        return slowest;
    }

    /// Sends what is due. The last thing in a leader's step.
    void flush() {
        boolean someoneUntold = false;
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                flush(follower);
                // Who is behind is told with a heartbeat: there is nothing that it could commit.
                someoneUntold |=
                        follower.mode != Mode.BEHIND && follower.commitSent < delivery.commit();
            }
        }
        if (someoneUntold && !noticeTimerSet) {
            noticeTimerSet = true;
            turn.setTimer(
                    LeaderTimer.COMMIT_NOTICE, turn.monotonicNanos() + timing.commitNoticeNanos());
        }
    }

    private void flush(FollowerProgress follower) {
        if (follower.next < log.firstIndex()) {
            follower.mode = Mode.BEHIND;
        }
        switch (follower.mode) {
            case PROBING -> {
                if (!follower.probeUnderWay) {
                    sendEntries(follower);
                    follower.probeUnderWay = true;
                }
            }
            case STREAMING -> {
                long window = setup.options().bounds().appendWindowBytes();
                while (follower.next <= log.lastIndex()
                        && log.bytesBetween(follower.durable, follower.next - 1) < window) {
                    follower.next += sendEntries(follower);
                }
            }
            case BEHIND -> {
                boolean isDue = follower.heartbeatDue || follower.roundSent < rounds.begun();
                if (isDue && setup.rules().speaksToWhoIsBehind()) {
                    Pulse pulse = pulse(follower);
                    turn.send(follower.id, new Behind(standing.term(), log.firstIndex(), pulse));
                }
                return;
            }
        }
        boolean commitDue = follower.noticeDue && follower.commitSent < delivery.commit();
        if (follower.heartbeatDue || commitDue || follower.roundSent < rounds.begun()) {
            send(follower, List.of());
        }
        follower.noticeDue = false;
    }

    /// Sends entries from `next` on, as many as fit a frame, possibly none; returns how many.
    private int sendEntries(FollowerProgress follower) {
        long frame = setup.options().bounds().appendFrameBytes();
        long index = follower.next;
        if (index > log.lastIndex()) {
            send(follower, List.of());
            return 0;
        }
        AppendedEntry first = entryFor(follower, index++);
        long bytes = first.sizeBytes();
        if (index > log.lastIndex()) {
            send(follower, List.of(first));
            return 1;
        }
        List<AppendedEntry> entries = new ArrayList<>();
        entries.add(first);
        while (index <= log.lastIndex() && entries.size() < LeaderCodec.MAX_ENTRIES) {
            AppendedEntry entry = entryFor(follower, index++);
            bytes += entry.sizeBytes();
            if (bytes > frame) {
                break;
            }
            entries.add(entry);
        }
        send(follower, entries);
        return entries.size();
    }

    private AppendedEntry entryFor(FollowerProgress follower, long index) {
        LogEntry entry = log.entry(index);
        boolean isHeldThere =
                index >= follower.refersFrom
                        && entry.purpose() == LogEntry.Purpose.BATCH
                        && entry.batch().payload().size() >= LEAST_REFERRED_BYTES
                        && entry.batch().id().origin().equals(follower.id);
        return isHeldThere
                ? new AppendedEntry.Reference(
                        entry.mark(),
                        entry.timeNanos(),
                        entry.batch().id(),
                        entry.batch().checksum())
                : entry;
    }

    private void send(FollowerProgress follower, List<AppendedEntry> entries) {
        Mark previous = log.mark(follower.next - 1);
        long through = previous.index() + entries.size();
        Pulse pulse = pulse(follower);
        if (pulse.wantsAck() && follower.openAskNanos == Long.MIN_VALUE) {
            follower.openAskNanos = pulse.sentNanos();
            follower.openAskIndex = through;
        }
        follower.commitSent = delivery.commit();
        turn.send(
                follower.id,
                new Append(standing.term(), previous, follower.commitSent, pulse, entries));
    }

    private Pulse pulse(FollowerProgress follower) {
        long now = turn.monotonicNanos();
        boolean wantsAck =
                follower.heartbeatDue
                        || follower.mode != Mode.STREAMING
                        || follower.roundSent < rounds.begun()
                        || now >= follower.nextAskNanos;
        if (wantsAck) {
            follower.nextAskNanos = now + timing.heartbeatNanos();
        }
        follower.heartbeatDue = false;
        follower.roundSent = rounds.begun();
        follower.sentNanos = now;
        return new Pulse(rounds.begun(), now, follower.roundTripNanos, wantsAck);
    }

    /// For people: how far each follower is.
    /// At how many followers the entry at an index is known to be durable.
    int durableAt(long index) {
        int count = 0;
        for (FollowerProgress follower : followers) {
            count += follower != null && follower.durable >= index ? 1 : 0;
        }
        return count;
    }

    void describe(SortedMap<String, String> details) {
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                String whose = "follower " + follower.id + " ";
                details.put(whose + "matched", Long.toString(follower.matched));
                details.put(whose + "durable", Long.toString(follower.durable));
                details.put(whose + "mode", follower.mode.name().toLowerCase(Locale.ROOT));
            }
        }
    }
}
