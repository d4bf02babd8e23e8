package dev.lockstep.ordering.leader;

import dev.lockstep.core.Input;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.leader.LeaderMessage.Append;
import dev.lockstep.ordering.leader.LeaderMessage.AppendAck;
import dev.lockstep.ordering.leader.LeaderMessage.AppendReject;
import dev.lockstep.ordering.leader.LeaderMessage.Behind;
import dev.lockstep.ordering.leader.LeaderMessage.Forward;
import dev.lockstep.ordering.leader.LeaderMessage.PreVote;
import dev.lockstep.ordering.leader.LeaderMessage.PreVoteReply;
import dev.lockstep.ordering.leader.LeaderMessage.ProposeStop;
import dev.lockstep.ordering.leader.LeaderMessage.ReadReply;
import dev.lockstep.ordering.leader.LeaderMessage.ReadRequest;
import dev.lockstep.ordering.leader.LeaderMessage.RequestVote;
import dev.lockstep.ordering.leader.LeaderMessage.TimeoutNow;
import dev.lockstep.ordering.leader.LeaderMessage.Vote;

/// One member's part in leader ordering: takes inputs, lets the parts of the protocol act on them,
/// and makes the transitions between terms and roles (§3.3), which concern them all.
///
/// The package's description is the protocol's specification.
final class LeaderOrdering implements Ordering<LeaderMessage, LeaderRecord> {

    private final Setup setup;
    private final Turn turn;
    private final Standing standing;
    private final Log log;
    private final Delivery delivery;
    private final Forwarding forwarding;
    private final AgreedClock clock;
    private final Sequencer sequencer;
    private final ReadRequests reads;
    private final ReadRounds rounds;
    private final Replication replication;
    private final Following following;
    private final Elections elections;
    private final Transfer transfer;
    private final Forgetting forgetting;
    private final Overview overview;

    /// True while the retry timer is set.
    private boolean retryTimerSet;

    LeaderOrdering(Setup setup) {
        this.setup = setup;
        turn = new Turn(setup.rules());
        standing = new Standing(setup, turn);
        log = new Log();
        forwarding = new Forwarding(setup, turn, standing, log);
        delivery = new Delivery(setup, turn, log, forwarding);
        clock = new AgreedClock(setup, turn);
        sequencer = new Sequencer(setup, turn, standing, log, delivery, forwarding, clock);
        reads = new ReadRequests(setup, turn, standing, delivery);
        rounds = new ReadRounds(setup, turn, standing, delivery, sequencer, reads);
        replication = new Replication(setup, turn, standing, log, delivery, rounds);
        following = new Following(setup, turn, standing, log, delivery, forwarding);
        elections = new Elections(setup, turn, standing, log);
        transfer = new Transfer(setup, turn, standing, log, sequencer, replication);
        forgetting = new Forgetting(turn, standing, log, delivery);
        overview =
                new Overview(standing, log, delivery, forwarding, sequencer, replication, rounds);
    }

    @Override
    public OrderingStatus status() {
        return overview.status();
    }

    @Override
    public void step(
            Now now,
            Input<LeaderMessage, LeaderRecord> input,
            Outbox<LeaderMessage, LeaderRecord> out) {
        if (delivery.hasEnded()) {
            return;
        }
        turn.begin(now, out);
        switch (input) {
            case Input.Restored<LeaderMessage, LeaderRecord> restored ->
                    delivery.restore(
                            restored.position(),
                            restored.timeNanos(),
                            restored.anchor(),
                            restored.delivered());
            case Input.Replayed<LeaderMessage, LeaderRecord> replayed ->
                    onReplayed(replayed.sequence(), replayed.record());
            case Input.Recovered<LeaderMessage, LeaderRecord> _ -> onRecovered();
            case Input.Submitted<LeaderMessage, LeaderRecord> submitted ->
                    forwarding.submit(submitted.batch());
            case Input.Received<LeaderMessage, LeaderRecord> received ->
                    onReceived(received.from(), received.message());
            case Input.Durable<LeaderMessage, LeaderRecord> durable ->
                    onDurable(durable.sequence());
            case Input.TimerFired<LeaderMessage, LeaderRecord> fired ->
                    onTimer((LeaderTimer) fired.timer());
            case Input.ReadRequested<LeaderMessage, LeaderRecord> read ->
                    reads.onRequested(read.barrier());
            case Input.StopRequested<LeaderMessage, LeaderRecord> stop ->
                    forwarding.want(stop.sign());
            case Input.PeerLost<LeaderMessage, LeaderRecord> lost ->
                    elections.onPeerLost(lost.peer());
            case Input.PeerBack<LeaderMessage, LeaderRecord> back -> onPeerBack(back.peer());
            case Input.History<LeaderMessage, LeaderRecord> history -> onHistory(history);
            case Input.Leaving<LeaderMessage, LeaderRecord> _ -> onLeaving();
            case Input.HandOver<LeaderMessage, LeaderRecord> _ ->
                    transfer.beginOnRequest(elections.baseTimeoutNanos());
            case Input.SnapshotDurable<LeaderMessage, LeaderRecord> snapshot ->
                    forgetting.onSnapshot(snapshot.position());
            // Of other fault models and orders: nothing here asks for them.
            case Input.Wedged<LeaderMessage, LeaderRecord> _ -> {}
            case Input.Installed<LeaderMessage, LeaderRecord> _ -> {}
            case Input.Validated<LeaderMessage, LeaderRecord> _ -> {}
            case Input.Suspected<LeaderMessage, LeaderRecord> _ -> {}
            case Input.Flushed<LeaderMessage, LeaderRecord> _ -> {}
        }
        finish();
        turn.end();
    }

    /// Sends what the step made due.
    private void finish() {
        if (standing.isLeader()) {
            sequencer.drain();
            reads.flush(rounds);
            rounds.begin(holdsLease());
            replication.flush();
            transfer.advance();
        } else if (!delivery.hasEnded()) {
            forwarding.flush();
            reads.flush();
            boolean isWaiting = forwarding.isWaiting() || reads.isWaiting();
            if (isWaiting && !retryTimerSet) {
                retryTimerSet = true;
                long retry = setup.options().timing().retryNanos();
                turn.setTimer(LeaderTimer.RETRY, turn.monotonicNanos() + retry);
            }
        }
    }

    private boolean holdsLease() {
        LeaderOptions.Reads options = setup.options().reads();
        boolean handsOver = sequencer.isHandingOver() || transfer.hasAsked();
        if (!options.lease()
                || delivery.hasEnded()
                || (handsOver && setup.rules().endsLeaseAtTransfer())) {
            return false;
        }
        long lease =
                setup.rules()
                        .leaseNanos(
                                setup.options().timing().electionMinNanos(),
                                options.driftBoundNanos());
        return replication.echoedByQuorumNanos() + lease > turn.monotonicNanos();
    }

    private void onReplayed(long sequence, LeaderRecord record) {
        switch (record) {
            case LeaderRecord.Term term -> standing.onReplayed(term, sequence);
            case LeaderRecord.Entry entry -> following.onReplayed(entry, sequence);
            case LeaderRecord.Truncated truncated -> following.onReplayed(truncated);
            case LeaderRecord.Committed committed -> delivery.onRecorded(committed.index());
        }
    }

    /// The named first leader begins term 1 without an election; every member records that term 1
    /// is its, so that nobody else gets it and it itself gets it only once.
    private void onRecovered() {
        boolean isNew = standing.term() == 0;
        if (delivery.hasEnded()) {
            return;
        }
        elections.start();
        // A member that comes to the epoch with a snapshot of its middle finds it begun: others
        // have
        // elected whoever made the last entry.
        long begun = log.lastMark().term();
        boolean isFirst = setup.self().equals(setup.firstLeader());
        if (isNew) {
            standing.enterTerm(Math.max(1, begun), begun > 1 ? null : setup.firstLeader());
        }
        boolean mayBegin =
                (isNew && begun == 0) || (standing.term() == 1 && !setup.rules().spendsFirstTerm());
        if (isFirst && mayBegin) {
            becomeLeader();
        } else if (setup.quorum() == 1) {
            stand(false);
        }
    }

    private void onReceived(ReplicaId from, LeaderMessage message) {
        int rank = setup.members().indexOf(from);
        if (rank < 0 || rank == setup.rank()) {
            return;
        }
        boolean entersTerm =
                switch (message) {
                    // Of a term that nobody has entered.
                    case PreVote _ -> false;
                    case PreVoteReply reply -> !reply.granted();
                    // Not if the candidate is to be ignored; the handler decides.
                    case RequestVote _ -> false;
                    case Append _, AppendAck _, AppendReject _, Behind _, Vote _, TimeoutNow _ ->
                            true;
                    case Forward _, ProposeStop _, ReadRequest _, ReadReply _ -> true;
                };
        if (entersTerm && message.term() > standing.term()) {
            enterTerm(message.term());
        }
        switch (message) {
            case Append append -> onAppend(from, rank, append);
            case AppendAck ack -> onAck(rank, ack);
            case AppendReject reject -> onReject(rank, reject);
            case Behind behind -> onBehind(from, rank, behind);
            case PreVote question -> elections.onPreVote(from, question);
            case PreVoteReply reply -> onPreVoteReply(rank, reply);
            case RequestVote request -> onRequestVote(from, request);
            case Vote vote -> onVote(rank, vote);
            case TimeoutNow timeout -> onTimeoutNow(timeout);
            case Forward forward -> onForward(rank, forward);
            case ProposeStop stop -> onProposeStop(rank, stop);
            case ReadRequest request -> onReadRequest(rank, request);
            case ReadReply reply -> reads.onReply(reply);
        }
    }

    // --- as a follower ---

    private void onAppend(ReplicaId from, int rank, Append append) {
        if (accepts(from, append.term(), append.pulse().roundTripNanos())) {
            following.onAppend(from, append);
        } else {
            turnAway(rank);
        }
    }

    private void onBehind(ReplicaId from, int rank, Behind behind) {
        if (accepts(from, behind.term(), behind.pulse().roundTripNanos())) {
            following.onBehind(from, behind);
        } else {
            turnAway(rank);
        }
    }

    /// True if the sender leads the current term; it is followed from now on.
    private boolean accepts(ReplicaId from, long term, long roundTripNanos) {
        if (term < standing.term()) {
            return false;
        }
        Invariant.check(!standing.isLeader(), "a term has one leader", term);
        ReplicaId known = standing.leader();
        Invariant.check(known == null || known.equals(from), "a term has one leader", term);
        if (known == null) {
            standing.follow(from);
            onLeaderChanged();
        }
        elections.onLeaderHeard(roundTripNanos);
        return true;
    }

    /// A leader of an old term learns of the current one.
    private void turnAway(int rank) {
        turn.send(
                setup.idAt(rank),
                new AppendReject(
                        standing.term(),
                        0,
                        log.mark(delivery.commit()),
                        false,
                        new LeaderMessage.Echo(0, 0, turn.wallNanos())));
    }

    private void onHistory(Input.History<LeaderMessage, LeaderRecord> history) {
        if (standing.isLeader()) {
            return;
        }
        long term = Following.lastTerm(history.entries());
        if (term > standing.term()) {
            enterTerm(term);
        }
        following.onHistory(history.entries());
    }

    // --- as the leader ---

    private void onAck(int rank, AppendAck ack) {
        if (standing.isLeader() && ack.term() == standing.term()) {
            clock.onReading(rank, ack.echo().wallNanos());
            replication.onAck(rank, ack);
            replication.advanceCommit();
            replication.advanceRounds();
        }
    }

    private void onReject(int rank, AppendReject reject) {
        if (standing.isLeader() && reject.term() == standing.term()) {
            clock.onReading(rank, reject.echo().wallNanos());
            replication.onReject(rank, reject);
            replication.advanceRounds();
        }
    }

    private void onForward(int rank, Forward forward) {
        if (standing.isLeader()) {
            replication.onHeard(rank);
            sequencer.onForward(rank, forward);
        }
    }

    private void onProposeStop(int rank, ProposeStop stop) {
        if (standing.isLeader()) {
            replication.onHeard(rank);
            sequencer.onStopRequested(stop.sign());
        }
    }

    private void onReadRequest(int rank, ReadRequest request) {
        if (standing.isLeader()) {
            replication.onHeard(rank);
            rounds.add(rank, request.barrier(), request.asker());
        }
    }

    // --- elections ---

    private void onPreVoteReply(int rank, PreVoteReply reply) {
        clock.onReading(rank, reply.wallNanos());
        if (elections.onPreVoteReply(rank, reply)) {
            stand(false);
        }
    }

    private void onRequestVote(ReplicaId from, RequestVote request) {
        if (elections.isIgnored(request)) {
            return;
        }
        boolean wasLeader = standing.isLeader();
        long before = standing.term();
        elections.onRequestVote(from, request);
        if (standing.term() > before) {
            onTermEntered(wasLeader);
        }
    }

    private void onVote(int rank, Vote vote) {
        clock.onReading(rank, vote.wallNanos());
        if (elections.onVote(rank, vote)) {
            becomeLeader();
        }
    }

    /// The leader hands over (§3.10).
    private void onTimeoutNow(TimeoutNow timeout) {
        boolean isCurrent = timeout.term() == standing.term() && !standing.isLeader();
        if (isCurrent && standing.leader() != null) {
            stand(true);
        }
    }

    private void askBeforeStanding() {
        boolean knewLeader = standing.leader() != null;
        boolean won = elections.askBeforeStanding();
        if (knewLeader) {
            onLeaderChanged();
        }
        if (won || !setup.rules().asksBeforeStanding()) {
            stand(false);
        }
    }

    private void stand(boolean transferred) {
        boolean wins = elections.stand(transferred);
        onTermEntered(false);
        if (wins) {
            becomeLeader();
        }
    }

    // --- transitions ---

    /// Enters a higher term that somebody else raised.
    private void enterTerm(long term) {
        boolean wasLeader = standing.isLeader();
        standing.enterTerm(term, null);
        onTermEntered(wasLeader);
    }

    private void onTermEntered(boolean wasLeader) {
        following.restart();
        rounds.restart();
        if (wasLeader) {
            stopLeading();
        }
        onLeaderChanged();
    }

    private void becomeLeader() {
        standing.becomeLeader();
        rounds.restart();
        transfer.restart();
        onLeaderChanged();
        elections.onLeading();
        replication.start();
        sequencer.open();
    }

    /// No majority was heard from for too long (§6.2).
    private void stepDown() {
        standing.follow(null);
        rounds.restart();
        stopLeading();
        onLeaderChanged();
    }

    private void stopLeading() {
        transfer.restart();
        turn.cancel(LeaderTimer.HEARTBEAT);
        turn.cancel(LeaderTimer.COMMIT_NOTICE);
        elections.await();
    }

    private void onLeaderChanged() {
        forwarding.onLeaderChanged();
        reads.onLeaderChanged();
    }

    // --- the rest ---

    private void onDurable(long sequence) {
        log.onDurable(sequence);
        delivery.onDurable();
        forgetting.onDurable(sequence);
        if (standing.isLeader()) {
            replication.advanceCommit();
        } else {
            following.onDurable();
        }
    }

    private void onTimer(LeaderTimer timer) {
        switch (timer) {
            case ELECTION -> onElectionTimer();
            case HEARTBEAT -> {
                replication.onHeartbeatTimer();
                delivery.recordIfIdle();
            }
            case COMMIT_NOTICE -> replication.onNoticeTimer();
            case RETRY -> {
                retryTimerSet = false;
                forwarding.onRetry();
                reads.onRetry();
            }
            case TRANSFER -> {
                transfer.abort();
                if (elections.isLeaving()) {
                    transfer.begin(elections.baseTimeoutNanos());
                }
            }
        }
    }

    private void onElectionTimer() {
        if (!elections.onTimerFired()) {
            return;
        }
        if (standing.isLeader()) {
            checkQuorum();
            return;
        }
        delivery.recordIfIdle();
        if (elections.isTimeToAsk()) {
            if (elections.hasWaitedInVain()) {
                reads.giveUp();
            }
            askBeforeStanding();
        }
    }

    /// A leader that hears no majority cannot lead (§6.2); one whose disk cannot follow should not.
    private void checkQuorum() {
        elections.onRoundTrip(replication.roundTripNanos());
        long silentNanos = turn.monotonicNanos() - replication.heardFromQuorumNanos();
        boolean isHeard = silentNanos <= elections.longestTimeoutNanos();
        if (!isHeard && setup.rules().checksQuorum()) {
            stepDown();
            return;
        }
        elections.onLeading();
        if (delivery.isDiskLagging()) {
            transfer.begin(elections.baseTimeoutNanos());
        }
    }

    private void onPeerBack(ReplicaId peer) {
        if (standing.isLeader()) {
            int rank = setup.members().indexOf(peer);
            if (rank >= 0) {
                replication.onPeerBack(rank);
            }
        } else if (peer.equals(standing.leader())) {
            onLeaderChanged();
        }
    }

    private void onLeaving() {
        elections.leave();
        transfer.begin(elections.baseTimeoutNanos());
    }
}
