package dev.lockstep.testkit.simulator;

import dev.lockstep.core.StopSign;
import dev.lockstep.testkit.disk.DiskBound;
import dev.lockstep.testkit.disk.DiskUsage;

/// However long a replica was written to, its disk holds no more than it may.
final class DiskCheck {

    /// Protocols know of some entries only where they are, and let as many go later. In the small
    /// journals of simulated replicas that counts.
    private static final long LET_GO_LATER = 40 << 10;

    /// What lets the journal's beginning go, after a start too, and after one that failed.
    private static final int SNAPSHOTS = 2;

    private static final String LEADER = "leader";

    private DiskCheck() {}

    /// True if what is in the journal has its position when it is written, or soon.
    private static boolean isInOrder(StopSign sign) {
        return switch (sign.faults()) {
            case CRASH -> sign.order().equals(LEADER);
            case FAIL_STOP -> true;
            case BYZANTINE -> true;
        };
    }

    /// How many times as much there may be as where nothing is signed. Signatures, what proves a
    /// commit, and blocks of views that came to nothing are written down too: several times what is
    /// ordered, by which snapshots are timed, where that is little.
    private static int windows(StopSign sign) {
        return switch (sign.faults()) {
            case CRASH, FAIL_STOP -> 1;
            case BYZANTINE -> 12;
        };
    }

    /// Holds of a settled replica whose process has lived long enough, and was written to all the
    /// time: what comes in a burst while a snapshot is written stays until the next but one.
    ///
    /// Those that take snapshots by the time that executing took have no such bound, nor have those
    /// that wait for their turn to stop executing. Nor have those of orders without a leader that
    /// survive crashes: there a command may have been written down long before it has its position,
    /// and much else since, while nothing could be decided; as much as may be under way comes on
    /// top, which is more than all that these small journals hold. Nor have they it where members
    /// lie: a journal waits until enough of them have signed for a snapshot.
    static void check(World world, SimNode node) {
        long journalBytes = world.habits.snapshots().journalBytes();
        if (journalBytes == Long.MAX_VALUE
                || !world.habits.canFreeze()
                || world.liars.count() > 0
                || !isInOrder(node.replica().reign().sign())
                || node.snapshotsInTurn() < SNAPSHOTS) {
            return;
        }
        DiskUsage usage = DiskUsage.of(node.disk().sizes());
        DiskBound bound = new DiskBound(journalBytes, node.segmentBytes());
        int windows = windows(node.replica().reign().sign());
        long most = 2 * usage.largest() + windows * bound.window() + LET_GO_LATER;
        Violation.check(
                usage.journal() + usage.kept() <= most,
                "%s uses no more of its disk than it may: %s, at most %d"
                        .formatted(node, usage, most));
    }
}
