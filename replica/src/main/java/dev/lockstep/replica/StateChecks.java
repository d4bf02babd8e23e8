package dev.lockstep.replica;

import dev.lockstep.core.Invariant;

/// Has the whole state digested now and then, at the positions at which every other member does.
///
/// What memory or a disk has changed shows in no reply until a command comes upon it, and a
/// snapshot
/// would spread it meanwhile.
final class StateChecks {

    private final long everyNanos;
    private final StateFreezer freezer;
    private final StateDigester digester;

    /// The position whose state is being digested; 0 if none is.
    private long underWay;

    StateChecks(long everyNanos, StateFreezer freezer, StateDigester digester) {
        Invariant.check(everyNanos > 0, "time passes between two checks", everyNanos);
        this.everyNanos = everyNanos;
        this.freezer = freezer;
        this.digester = digester;
    }

    /// A position was executed, by which agreed time went on. The first position whose time is past
    /// a multiple of the interval is checked, because that is the same at every replica.
    void onExecuted(long beforeNanos, long timeNanos) {
        boolean isDue =
                beforeNanos > 0
                        && Math.floorDiv(beforeNanos, everyNanos)
                                < Math.floorDiv(timeNanos, everyNanos);
        if (isDue && underWay == 0 && digester != StateDigester.NONE) {
            FrozenDigest frozen = freezer.frozen();
            underWay = frozen.position();
            digester.digest(frozen);
        }
    }

    /// The state at `position` is digested, or cannot be.
    void onDigested(long position) {
        if (position >= underWay) {
            underWay = 0;
        }
    }
}
