package dev.lockstep.ordering.leader;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.leader.LeaderMessage.PreVote;
import dev.lockstep.ordering.leader.LeaderMessage.PreVoteReply;
import dev.lockstep.ordering.leader.LeaderMessage.RequestVote;
import dev.lockstep.ordering.leader.LeaderMessage.Vote;
import dev.lockstep.ordering.leader.Standing.Role;

/// Who leads next (§3.4, §3.6.1, §4.2.3, §9.6): when to stand, whom to vote for, who has won.
///
/// Never raises a term unless a majority said that it would vote, or the leader itself asked.
final class Elections {

    /// A candidate that lost its connection to the leader asks again quickly so often, because
    /// others may notice a little later; then in the rhythm of timeouts.
    private static final int MOST_QUICK_TRIES = 16;

    /// How often in a row a timer that fired far too late is set again instead of being heeded.
    private static final int MOST_GRACES = 2;

    /// Priorities delay by so many steps at most.
    private static final int MOST_DELAYS = 8;

    private final Setup setup;
    private final Turn turn;
    private final Standing standing;
    private final Log log;
    private final LeaderOptions.Timing timing;

    /// When the leader was heard last; only meaningful while one is known.
    private long heardNanos;

    /// True from a lost connection to the leader until it is heard again.
    private boolean leaderLost;

    /// Whose lost connection that was; -1 before the first.
    private int lostRank = -1;

    /// When this member stands for election unless it hears a leader before.
    private long deadlineNanos;

    /// The timeout drawn last: a leader that is silent for longer is gone.
    private long timeoutNanos;

    /// What the timer is set to: it may fire before the deadline, never after.
    private long timerNanos = Long.MAX_VALUE;

    /// The leader's measurement, 0 if unknown.
    private long roundTripNanos;

    /// With leases, no vote is given before this, in whatever term: a leader that was heard relies
    /// on it, and the last boot may have heard one.
    private long quietUntilNanos = Long.MIN_VALUE;

    /// Who would vote, or voted, for this member: bits by rank.
    private int granted;

    private int quickTries;

    /// How often in a row the timer fired far too late.
    private int graces;

    /// True once this member is about to stop: it stands no more.
    private boolean isLeaving;

    Elections(Setup setup, Turn turn, Standing standing, Log log) {
        this.setup = setup;
        this.turn = turn;
        this.standing = standing;
        this.log = log;
        this.timing = setup.options().timing();
    }

    /// The boot begins.
    void start() {
        if (setup.options().reads().lease()) {
            quietUntilNanos = turn.monotonicNanos() + baseTimeoutNanos();
        }
        await();
    }

    void leave() {
        isLeaving = true;
    }

    boolean isLeaving() {
        return isLeaving;
    }

    /// Waits a full timeout, drawn afresh (§3.4).
    void await() {
        timeoutNanos = drawTimeoutNanos();
        arm(turn.monotonicNanos() + timeoutNanos);
    }

    /// Leads: from now on the timer looks for the majority.
    void onLeading() {
        leaderLost = false;
        quickTries = 0;
        arm(turn.monotonicNanos() + baseTimeoutNanos());
    }

    /// The leader of the current term said something.
    void onLeaderHeard(long leadersRoundTripNanos) {
        heardNanos = turn.monotonicNanos();
        roundTripNanos = leadersRoundTripNanos;
        leaderLost = false;
        quickTries = 0;
        if (setup.options().reads().lease()) {
            quietUntilNanos = Math.max(quietUntilNanos, heardNanos + timing.electionMinNanos());
        }
        // The timer stays as it is: it finds out when it fires. A leader is heard all the time.
        deadlineNanos = heardNanos + timeoutNanos;
    }

    void onRoundTrip(long nanos) {
        roundTripNanos = nanos;
    }

    /// True while this member leads or hears its leader: it votes for nobody else then (§4.2.3).
    boolean hearsLeader() {
        long now = turn.monotonicNanos();
        if (now < quietUntilNanos) {
            return true;
        }
        if (standing.isLeader()) {
            return true;
        }
        return standing.leader() != null && !leaderLost && now - heardNanos < baseTimeoutNanos();
    }

    /// The least timeout: a floor, or a multiple of the measured round trip, up to a cap.
    long baseTimeoutNanos() {
        long measured = timing.electionRoundTrips() * roundTripNanos;
        return Math.min(timing.electionCapNanos(), Math.max(timing.electionMinNanos(), measured));
    }

    /// How long a leader goes on without hearing a majority: the most that a timeout is drawn.
    long longestTimeoutNanos() {
        return baseTimeoutNanos() + spreadNanos();
    }

    private long drawTimeoutNanos() {
        long base = baseTimeoutNanos();
        return base + setup.draw(spreadNanos()) + delays() * (base / MOST_DELAYS);
    }

    /// The spread grows with the base, so that slow networks get as few split votes.
    private long spreadNanos() {
        double spread =
                (double) (timing.electionMaxNanos() - timing.electionMinNanos())
                        / timing.electionMinNanos();
        return (long) (baseTimeoutNanos() * spread);
    }

    /// How many steps this member lets better ones go first.
    private int delays() {
        int best = 0;
        for (int rank = 0; rank < setup.size(); rank++) {
            best = Math.max(best, setup.options().priorityOf(setup.idAt(rank)));
        }
        return Math.min(MOST_DELAYS, best - setup.options().priorityOf(setup.self()));
    }

    private void arm(long atNanos) {
        deadlineNanos = atNanos;
        setTimer(atNanos);
    }

    private void setTimer(long atNanos) {
        if (timerNanos != atNanos) {
            timerNanos = atNanos;
            turn.setTimer(LeaderTimer.ELECTION, atNanos);
        }
    }

    /// The timer fired: it is not set any more.
    ///
    /// A timer that fires far too late says that this process stood still, not that the others
    /// did: what they said meanwhile may be on its way in, or they are only now told to speak. So
    /// they get a moment before anything is concluded from their silence, but not again and again.
    ///
    /// @return false if nothing is to be concluded yet; the timer is set again then
    boolean onTimerFired() {
        long lateNanos = turn.monotonicNanos() - timerNanos;
        timerNanos = Long.MAX_VALUE;
        if (lateNanos < timing.heartbeatNanos() || leaderLost || graces >= MOST_GRACES) {
            graces = 0;
            return true;
        }
        graces++;
        arm(Math.max(deadlineNanos, turn.monotonicNanos() + 2 * timing.heartbeatNanos()));
        return false;
    }

    /// True if this member is to ask whether others would vote for it, now that the timer fired.
    boolean isTimeToAsk() {
        if (turn.monotonicNanos() < deadlineNanos) {
            timeoutNanos = drawTimeoutNanos();
            setTimer(deadlineNanos);
            return false;
        }
        await();
        return !isLeaving && turn.monotonicNanos() >= quietUntilNanos;
    }

    /// True if no leader has appeared though this member waited for more than a moment.
    boolean hasWaitedInVain() {
        return standing.leader() == null && (quickTries == 0 || quickTries == MOST_QUICK_TRIES);
    }

    /// The connection to a member ended, which is news if it leads (or is to lead first): stands
    /// soon, one member after the other.
    void onPeerLost(ReplicaId peer) {
        boolean isAwaited =
                standing.leader() == null
                        && standing.term() == 1
                        && standing.role() == Role.FOLLOWER
                        && peer.equals(setup.firstLeader());
        boolean isLeader = peer.equals(standing.leader());
        if ((isLeader || isAwaited) && !setup.options().reads().lease()) {
            lostRank = setup.members().indexOf(peer);
            if (!leaderLost) {
                leaderLost = true;
                quickTries = 0;
            }
            hurry(0);
        }
    }

    /// Stands in half a jitter more than `jitters`, unless it was to stand sooner anyway; each
    /// further member that is left stands a full jitter later, so that two do not split the vote.
    private void hurry(int jitters) {
        long jitter = timing.lostLeaderJitterNanos();
        long at =
                turn.monotonicNanos()
                        + (jitters + delays() + place()) * jitter
                        + setup.draw(jitter / 2);
        if (at < deadlineNanos) {
            arm(at);
        }
    }

    /// How many members that are left come before this one.
    private int place() {
        int rank = setup.rank();
        return lostRank >= 0 && lostRank < rank ? rank - 1 : rank;
    }

    /// Asks whether others would vote (§9.6). True if that needs nobody's answer.
    boolean askBeforeStanding() {
        standing.becomePreCandidate();
        granted = bit(setup.rank());
        PreVote question = new PreVote(standing.term() + 1, log.lastMark());
        sendToOthers(question);
        if (leaderLost && quickTries < MOST_QUICK_TRIES) {
            quickTries++;
            hurry(1);
        }
        return hasMajority();
    }

    /// Raises the term and asks for votes (§3.4). True if nobody else's vote is needed.
    boolean stand(boolean transfer) {
        standing.becomeCandidate();
        granted = bit(setup.rank());
        await();
        sendToOthers(new RequestVote(standing.term(), log.lastMark(), transfer));
        return hasMajority();
    }

    private void sendToOthers(LeaderMessage message) {
        for (int rank = 0; rank < setup.size(); rank++) {
            if (rank != setup.rank()) {
                turn.send(setup.idAt(rank), message);
            }
        }
    }

    /// Would this member vote for the sender?
    void onPreVote(ReplicaId from, PreVote question) {
        boolean isUpToDate = setup.rules().isUpToDate(question.last(), log.lastMark());
        boolean granting = question.term() > standing.term() && !hearsLeader() && isUpToDate;
        long term = granting ? question.term() : standing.term();
        turn.send(from, new PreVoteReply(term, granting, turn.wallNanos()));
        if (granting && leaderLost) {
            // Lets the sender go first: two that stand at once split the vote.
            deadlineNanos =
                    Math.max(
                            deadlineNanos,
                            turn.monotonicNanos() + 4 * timing.lostLeaderJitterNanos());
        } else if (leaderLost && !isUpToDate && standing.role() == Role.FOLLOWER) {
            // The sender cannot win without this member, which can.
            arm(turn.monotonicNanos());
        }
    }

    /// True if a majority would vote for this member now.
    boolean onPreVoteReply(int rank, PreVoteReply reply) {
        if (standing.role() != Role.PRE_CANDIDATE
                || !reply.granted()
                || reply.term() != standing.term() + 1) {
            return false;
        }
        granted |= bit(rank);
        return hasMajority();
    }

    /// True if the candidate is turned away without a word, its term unheeded.
    boolean isIgnored(RequestVote request) {
        return setup.rules().staysWithLeader() && hearsLeader() && !request.transfer();
    }

    /// Votes, in the candidate's term if that is higher.
    void onRequestVote(ReplicaId from, RequestVote request) {
        boolean isNewTerm = request.term() > standing.term();
        boolean granting =
                request.term() >= standing.term()
                        && (isNewTerm || setup.rules().mayVote(standing.votedFor(), from))
                        && setup.rules().isUpToDate(request.last(), log.lastMark());
        if (isNewTerm) {
            standing.enterTerm(request.term(), granting ? from : null);
        } else if (granting && standing.votedFor() == null) {
            standing.vote(from);
        }
        turn.send(from, new Vote(standing.term(), granting, turn.wallNanos()));
        if (granting) {
            await();
        }
    }

    /// True if this member has won the election.
    boolean onVote(int rank, Vote vote) {
        if (standing.role() != Role.CANDIDATE || vote.term() != standing.term()) {
            return false;
        }
        if (!vote.granted()) {
            // The vote may be split: try again soon, at another moment than the other candidate.
            hurry(4);
            return false;
        }
        granted |= bit(rank);
        return hasMajority();
    }

    private boolean hasMajority() {
        return Integer.bitCount(granted) >= setup.quorum();
    }

    private static int bit(int rank) {
        return 1 << rank;
    }
}
