package dev.lockstep.replica;

/// The decisions of a replica on which its promises to clients hang, one a method, so that a test
/// can break one at a time by overriding it. The defaults are the product. Stateless and pure.
class ReplicaRules {

    /// The product as it is.
    static final ReplicaRules CORRECT = new ReplicaRules();

    /// What is done with a numbered request: what was executed is never executed again, whether or
    /// not its reply is remembered still.
    Session.Verdict heed(Session.Verdict verdict) {
        return verdict;
    }

    /// The clock by which sessions expire: the agreed one, so that all replicas expire them at the
    /// same position.
    long expiryNanos(long agreedNanos) {
        return agreedNanos;
    }

    /// True if a service that throws has answered, so that what comes after is executed.
    boolean answersFailures() {
        return true;
    }

    /// True if the journal says from which snapshot on it leads, before its beginning goes or a
    /// snapshot that a member sent is begun with.
    boolean saysWhereJournalBegins() {
        return true;
    }

    /// True if what a snapshot stands for is dropped from the journal.
    boolean dropsWhatSnapshotsHave() {
        return true;
    }

    /// True if a start from a snapshot to which the journal is not known to lead says first that
    /// the journal leads on from there.
    boolean doubtsThatJournalLeadsThere() {
        return true;
    }

    /// True if the journal stays when a member's snapshot comes: it may hold more than that.
    boolean keepsJournalBesideSnapshot() {
        return true;
    }

    /// True if a request that is beyond a bound is refused.
    boolean heedsBounds() {
        return true;
    }

    /// True if a replica stops executing, for a snapshot, only with the consent of a majority, so
    /// that one does at a time.
    boolean waitsForItsTurn() {
        return true;
    }

    /// The record that is durable before anything is said in the epoch that it begins.
    long beginsAfter(long epochRecord) {
        return epochRecord;
    }

    /// True if what a protocol was told in an epoch counts in the present one: commands have the
    /// same names in each.
    boolean hearsEpoch(long said, long present) {
        return said == present;
    }

    /// So many members must be known to have begun an epoch before others may go.
    int settledWith(int majority) {
        return majority;
    }

    /// Once a duty cycle has made so many bytes of results, what else was delivered waits for the
    /// next. No promise hangs on it, which is what a test with another value shows.
    long resultBytes() {
        return Backlog.RESULT_BYTES;
    }

    /// So many members must have signed for a snapshot for it to be believed.
    int believesWith(int enough) {
        return enough;
    }

    /// True if only what an operator has signed is wished for.
    boolean checksWishes() {
        return true;
    }

    /// True if a snapshot of a later epoch is believed by the keys that an operator has signed for
    /// only.
    boolean checksProvenEpochs() {
        return true;
    }

    /// True if a chunk of a snapshot must be the one that members have signed for.
    boolean checksChunks() {
        return true;
    }
}
