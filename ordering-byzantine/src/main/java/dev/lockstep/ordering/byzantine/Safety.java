package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.Nullable;

/// What a member must not contradict (§2), as its journal has it or is about to. Whoever changes it
/// writes it down before anybody hears of it.
final class Safety {

    private final Turn turn;
    private final Rules rules;

    long view;
    long timeoutSent = -1;
    @Nullable BlockRef vote1;
    @Nullable BlockRef vote2;
    long proposedIn = -1;
    @Nullable TimeoutCertificate timeoutCertificate;

    /// The lock. It rises in memory as certificates come, and is written with what depends on it.
    private Certificate highQc1;

    /// True if this member had part in the epoch before it started.
    private boolean wasHere;

    Safety(Turn turn, Rules rules) {
        this.turn = turn;
        this.rules = rules;
        this.highQc1 = Certificate.root(0, Header.NO_HASH);
    }

    void begin(BlockRef root) {
        highQc1 = Certificate.root(root.height(), root.hash());
    }

    void replay(ByzantineRecord.Safety record) {
        wasHere = true;
        view = record.view();
        timeoutCertificate = record.timeoutCertificate();
        if (rules.remembers()) {
            highQc1 = record.highQc1();
            timeoutSent = record.timeoutSent();
            vote1 = record.vote1();
            vote2 = record.vote2();
            proposedIn = record.proposedIn();
        }
    }

    boolean wasHere() {
        return wasHere;
    }

    Certificate highQc1() {
        return highQc1;
    }

    /// Takes a certificate that has been checked, if it is higher.
    boolean raise(Certificate certificate) {
        boolean isHigher = highQc1.rank().isBelow(certificate.rank());
        if (isHigher) {
            highQc1 = certificate;
        }
        return isHigher;
    }

    long write() {
        return turn.persist(
                new ByzantineRecord.Safety(
                        view, timeoutSent, vote1, vote2, highQc1, proposedIn, timeoutCertificate));
    }

    /// The place of the last first vote in this view; 0 if there is none.
    int lastVote1() {
        BlockRef vote = vote1;
        return vote != null && vote.view() == view ? vote.seq() : 0;
    }

    /// The place of the last second vote in this view; 0 if there is none.
    int lastVote2() {
        BlockRef vote = vote2;
        return vote != null && vote.view() == view ? vote.seq() : 0;
    }

    /// True if this member has not led the view that it is in, as far as it knows.
    boolean mayBeginToPropose() {
        return proposedIn < view || !rules.abandonsWhatItLed();
    }

    /// True if this member votes no more in the view that it is in.
    boolean isSilent() {
        return timeoutSent >= view && rules.isSilencedByTimeout();
    }
}
