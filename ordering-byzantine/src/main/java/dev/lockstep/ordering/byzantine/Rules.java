package dev.lockstep.ordering.byzantine;

/// The decisions on which safety and liveness hang, each in one place, so that tests can break it.
/// Stateless. Section numbers are the design's; §13 lists what breaks without each.
class Rules {

    /// As the protocol has them.
    static final Rules CORRECT = new Rules();

    /// True if a first block's justification must be as high as what the timeout certificate shows
    /// (§4.4).
    boolean comparesWithTimeouts() {
        return true;
    }

    /// True if the first block of a view is built on a certificate of an earlier one.
    boolean justifiesFromBefore() {
        return true;
    }

    /// True if a view that was given up gets no vote any more (§4.4, §4.5).
    boolean isSilencedByTimeout() {
        return true;
    }

    /// True if a member that starts again knows what it voted and gave up (§2).
    boolean remembers() {
        return true;
    }

    /// True if a member that starts again counts and repeats what it had said (§2, F1).
    boolean repeatsItself() {
        return true;
    }

    /// How many members short of all are few enough to vote early (§4.5, B).
    int fewerThanAll() {
        return 0;
    }

    /// How many bounds on delay a second vote waits after the first (§4.5, B).
    int guardDelays() {
        return 2;
    }

    /// True if exactly that time is too short (F3).
    boolean isGuardStrict() {
        return true;
    }

    /// True if votes carry what the leader signed (§3, B).
    boolean echoes() {
        return true;
    }

    /// How many bounds on delay lie between leaving a view and entering the next (§4.7, B).
    int quitDelays() {
        return 2;
    }

    /// True if a second vote carries its lock (§4.6, B).
    boolean attachesLock() {
        return true;
    }

    /// True if a first block must be built on what is as high as the voter's own lock (§4.4, B).
    boolean comparesWithLock() {
        return true;
    }

    /// The lock that counts for that: the one that the voter had when it entered the view.
    Certificate lockThatCounts(Certificate atEntry, Certificate now) {
        return atEntry;
    }

    /// How many bounds on delay a new leader waits for the members' locks (§4.1, B).
    int leaderDelays() {
        return 2;
    }

    /// True if a second vote needs a lock at all (§4.5).
    boolean needsLock() {
        return true;
    }

    /// Members whose votes make a certificate.
    int quorum(int quorum) {
        return quorum;
    }

    /// True if blocks that are missing are asked for again (§4.4, F2).
    boolean asksAgain() {
        return true;
    }

    /// True if a vote waits for the disk (§2).
    boolean syncsBeforeSpeaking() {
        return true;
    }

    /// True if a leader that starts again gives its view up (§2).
    boolean abandonsWhatItLed() {
        return true;
    }

    /// True if a leader proposes nothing before it is durable in which view it is.
    boolean fencesProposals() {
        return true;
    }

    /// True if signatures of certificates are looked at (§3).
    boolean verifiesCertificates() {
        return true;
    }

    /// True if a member gives up a view in which it has cast a second vote (§4.7, §12).
    boolean leavesWhatItVotedFor() {
        return true;
    }

    /// True if a member gives a view up that one more did than may lie (§4.7, A).
    boolean joinsOthers() {
        return true;
    }

    /// So many committed blocks are kept for members that lack them; others have it from history.
    /// Nothing hangs on it.
    int keptHeights() {
        return Chain.KEPT_HEIGHTS;
    }

    /// True if a stop sign is voted for that this member's own host does not want (§7).
    boolean votesForAnySign() {
        return false;
    }

    /// True if another member's history counts as far as it proves itself only (§4.10).
    boolean provesHistory() {
        return true;
    }
}
