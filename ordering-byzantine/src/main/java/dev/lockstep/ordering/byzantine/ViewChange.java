package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.TreeSet;

/// Giving views up and entering new ones (§4.1, §4.7).
final class ViewChange {

    private final Setup setup;
    private final Turn turn;
    private final Post post;
    private final Safety safety;
    private final View view;
    private final Headers headers;
    private final Certificates certificates;
    private final Leading leading;
    private final Pacemaker pacemaker;
    private final Timeouts timeouts;
    private final SignedBytes signed;

    /// Whose locks the leader of the view knows, by rank.
    private final TreeSet<Integer> statuses = new TreeSet<>();

    /// The view that those are of.
    private long statusView;

    /// The last one said, to be said again; null before the first.
    private ByzantineMessage.@Nullable Timeout last;

    /// True once this member is to lead nothing any more.
    private boolean isLeaving;

    /// Views that this member has entered.
    private long entered;

    ViewChange(
            Setup setup,
            Turn turn,
            Post post,
            Safety safety,
            View view,
            Headers headers,
            Certificates certificates,
            Leading leading,
            Pacemaker pacemaker) {
        this.setup = setup;
        this.turn = turn;
        this.post = post;
        this.safety = safety;
        this.view = view;
        this.headers = headers;
        this.certificates = certificates;
        this.leading = leading;
        this.pacemaker = pacemaker;
        this.timeouts = new Timeouts(setup);
        this.signed = setup.signedBytes();
    }

    long entered() {
        return entered;
    }

    ByzantineMessage.@Nullable Timeout last() {
        return last;
    }

    /// Goes on where the journal ends (§2, restart).
    void recover() {
        boolean wasHere = safety.wasHere();
        boolean hasGivenUp = safety.timeoutSent >= safety.view;
        if (!wasHere) {
            safety.write();
            turn.fence();
        } else if (hasGivenUp && setup.rules().repeatsItself()) {
            sayTimeout(safety.timeoutSent);
        }
        view.enter(safety.highQc1());
        boolean hasLed = setup.leads(safety.view) && setup.rules().abandonsWhatItLed();
        boolean mustAbstain = setup.commitRule().abstainsAfterRestart() || hasLed;
        if (wasHere && mustAbstain && setup.rules().remembers()) {
            giveUp(safety.view);
        }
        if (!wasHere && setup.epoch().value() > 1 && setup.commitRule().quitWaitNanos() > 0) {
            // What the members of the epoch before left behind (§7.3).
            quit();
        } else {
            enter();
        }
    }

    private void enter() {
        entered++;
        view.enter(safety.highQc1());
        pacemaker.onEnter();
        if (!safety.isSilent()) {
            int leader = setup.leaderOf(safety.view);
            if (leader != setup.rank()) {
                post.send(leader, new ByzantineMessage.Status(safety.view, safety.highQc1()));
            }
        }
        if (setup.leads(safety.view) && safety.mayBeginToPropose()) {
            long wait = setup.commitRule().leaderWaitNanos();
            if (wait == 0) {
                leading.start();
            } else {
                onStatus(setup.rank(), safety.view);
                turn.setTimer(ByzantineTimer.LEAD, turn.monotonicNanos() + wait);
            }
        }
    }

    void onStatus(int member, long ofView) {
        if (ofView > statusView) {
            statusView = ofView;
            statuses.clear();
        }
        if (ofView == statusView) {
            statuses.add(member);
        }
    }

    void onLeadTimer() {
        if (setup.leads(safety.view)) {
            leading.start();
        }
    }

    void onQuitTimer() {
        if (!view.isActive()) {
            enter();
        }
    }

    /// This member ends in good order: whatever it leads it gives up, and the others with it.
    void leave() {
        isLeaving = true;
    }

    /// From now on there is no vote of this member in this view or below.
    void giveUp(long ended) {
        boolean stays = !setup.rules().leavesWhatItVotedFor() && safety.lastVote2() > 0;
        if (safety.timeoutSent >= ended || ended < safety.view || stays) {
            return;
        }
        safety.timeoutSent = ended;
        safety.write();
        leading.stop();
        sayTimeout(ended);
    }

    private void sayTimeout(long ended) {
        Certificate high = safety.highQc1();
        Bytes content = signed.timeout(ended, high.rank(), high.block().hash());
        Bytes signature = setup.credentials().signer().sign(content);
        ByzantineMessage.Timeout timeout = new ByzantineMessage.Timeout(ended, high, signature);
        last = timeout;
        post.broadcast(timeout);
        turn.afterSync(() -> timeouts.add(setup.rank(), timeout));
    }

    /// Counts a timeout; false if the sender is behind and should hear of the view.
    boolean onTimeout(ReplicaId from, ByzantineMessage.Timeout timeout) {
        if (timeout.view() < safety.view) {
            return false;
        }
        timeouts.add(setup.members().indexOf(from), timeout);
        return true;
    }

    void onTimeoutCertificate(TimeoutCertificate certificate) {
        if (certificate.view() < safety.view || !certificates.proves(certificate)) {
            return;
        }
        safety.raise(certificate.highQc1());
        safety.timeoutCertificate = certificate;
        safety.view = certificate.view() + 1;
        safety.write();
        turn.fence();
        leading.stop();
        pacemaker.onLeave();
        timeouts.forgetBelow(safety.view);
        headers.forgetBelow(safety.view);
        post.broadcast(new ByzantineMessage.SyncInfo(certificate, certificate.highQc1(), null));
        quit();
    }

    private void quit() {
        view.quit();
        long wait = setup.commitRule().quitWaitNanos();
        if (wait == 0) {
            enter();
        } else {
            turn.setTimer(ByzantineTimer.QUIT, turn.monotonicNanos() + wait);
        }
    }

    /// Does what the view allows now; true if the view has changed.
    boolean advance() {
        if (headers.isEquivocated(safety.view) && view.isActive()) {
            giveUp(safety.view);
        }
        int leader = setup.leaderOf(safety.view);
        boolean isOther = leader != setup.rank();
        boolean isJoined =
                isOther && setup.commitRule().joinsTimeouts() && timeouts.has(leader, safety.view);
        if (isJoined || (!isOther && isLeaving)) {
            giveUp(safety.view);
        }
        if (setup.commitRule().joinsTimeouts() && setup.rules().joinsOthers()) {
            long joined = timeouts.givenUpBy(setup.tolerated() + 1, safety.view);
            if (joined >= 0) {
                giveUp(joined);
            }
        }
        long given = timeouts.givenUpBy(setup.quorum(), safety.view);
        if (given >= 0) {
            onTimeoutCertificate(timeouts.certificate(given));
            return true;
        }
        if (statusView == safety.view
                && statuses.size() == setup.size()
                && view.isActive()
                && setup.leads(safety.view)) {
            leading.start();
        }
        return false;
    }
}
