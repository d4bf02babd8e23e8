package dev.lockstep.ordering.stability;

/// The decisions on which safety under fail-stop faults hangs, each in one place, so that tests can
/// break it. Stateless.
class FailStopRules {

    /// As the protocol has them.
    static final FailStopRules CORRECT = new FailStopRules();

    /// True if a member that was in this epoch before it restarted takes no part in it any more.
    boolean restartWedges() {
        return true;
    }

    /// True if a member takes no part any more once the authority wants the epoch to end.
    boolean isWedged(boolean wedged) {
        return wedged;
    }

    /// True if this member's word is waited for before anything is executed.
    boolean waitsFor(int rank, int size) {
        return true;
    }

    /// What is durable, as far as others are told.
    long durable(long sequence) {
        return sequence;
    }

    /// True if others are told that all is here through a candidate that is no unique id yet. (It
    /// is what a mere confirmation of unique ids comes to.)
    boolean confirmsPastCandidates() {
        return false;
    }

    /// True if a floor is believed by who has so many of the commands that came before it.
    boolean believesFloor(long count, long received) {
        return count <= received;
    }

    /// True if an epoch ends when the authority has said so, not as soon as the members agree.
    boolean waitsForAuthority() {
        return true;
    }

    /// True if a reader asks the other members whether the epoch goes on.
    boolean readsAsk() {
        return true;
    }

    /// True if what an epoch ends with has each member's commands in the order of their numbers.
    boolean keepsNumbersInOrder() {
        return true;
    }

    /// What is told of is below this while a command's unique id is not durable here: a crash takes
    /// the command back to its candidate.
    long bound(OpenCommands.Slot slot) {
        return slot.candidate();
    }

    /// True if commands that others send for an ending count only when all of them are here.
    boolean keepsFetchedApart() {
        return true;
    }
}
