package dev.lockstep.journal;

/// The decisions of a journal on which durability hangs, one a method, so that a test can break one
/// at a time by overriding it. The defaults are the product. Stateless and pure.
class JournalRules {

    /// The product as it is.
    static final JournalRules CORRECT = new JournalRules();

    /// True if a group that found the disk full is written when there is room again.
    boolean triesAgainWhenFull() {
        return true;
    }

    /// True if a journal is refused when something in it is not intact that was synced; what was
    /// not is the torn end of a last write.
    boolean refusesWhatWasProven() {
        return true;
    }

    /// True if a group is on the disk, not only in memory, before it is called durable.
    boolean forces(boolean sync) {
        return sync;
    }
}
