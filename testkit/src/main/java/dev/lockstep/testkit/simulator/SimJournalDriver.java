package dev.lockstep.testkit.simulator;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.journal.Group;
import dev.lockstep.journal.Preparation;
import dev.lockstep.journal.SegmentJournal;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Writes and syncs the journal of one process as the node's own driver does: one group at a time,
/// a mark when nothing has followed for a while, a pause when the disk is full.
final class SimJournalDriver {

    private static final long MS = 1_000_000L;

    /// As the node's driver of the journal has it.
    static final long FULL_PAUSE_NANOS = 100 * MS;

    private static final long MARK_NANOS = 5 * MS;

    /// Whose journal it is.
    interface Owner {
        /// False once the process has ended.
        boolean isRunning();

        /// How many times as long as usual a sync takes.
        int slowness();

        /// Nothing else is done before.
        void standStillUntil(long nanos);

        /// Something for the replica.
        void input(SimNode.Input what);

        /// The group is on the disk.
        void onSynced(Group group);

        void onDiskFull();

        void onDiskError();
    }

    private final World world;
    private final int index;
    private final SegmentJournal journal;
    private final Owner owner;
    private @Nullable Group writing;
    private long pausedUntil;
    private long markAt = Chance.NEVER;

    SimJournalDriver(World world, int index, SegmentJournal journal, Owner owner) {
        this.world = world;
        this.index = index;
        this.journal = journal;
        this.owner = owner;
    }

    SegmentJournal journal() {
        return journal;
    }

    boolean isWriting() {
        return writing != null;
    }

    /// When something is to be written although nothing arrives.
    long dueAt() {
        if (writing != null) {
            return Long.MAX_VALUE;
        }
        return journal.isAwaited() ? pausedUntil : markAt;
    }

    /// Begins to write what there is.
    void advance() {
        try {
            Preparation preparation = journal.preparation();
            if (preparation != null) {
                preparation.run();
                journal.onPrepared(preparation);
            }
            if (writing != null || world.nowNanos() < pausedUntil) {
                return;
            }
            Group group = journal.nextGroup();
            if (group == null && world.nowNanos() >= markAt) {
                markAt = Chance.NEVER;
                group = journal.markIfIdle();
            }
            if (group != null) {
                write(group);
            } else if (markAt == Chance.NEVER && journal.pendingBytes() > 0) {
                markAt = world.nowNanos() + MARK_NANOS;
            }
        } catch (IOException failed) {
            owner.onDiskError();
        }
    }

    private void write(Group group) throws IOException {
        try {
            group.write();
        } catch (DiskFullException full) {
            world.exercised.note(Deed.DISKS_FULL);
            owner.onDiskFull();
            journal.onDiskFull(group, full);
            pausedUntil = world.nowNanos() + FULL_PAUSE_NANOS;
            return;
        }
        writing = group;
        world.chance.about(Topic.DISK, index);
        long takes = world.syncDelay(owner.slowness());
        if (world.weather.disk().blocks()) {
            owner.standStillUntil(world.nowNanos() + takes);
        }
        world.timeline.after(
                takes,
                () -> {
                    if (owner.isRunning()) {
                        sync(group);
                    }
                });
    }

    private void sync(Group group) {
        try {
            group.force();
        } catch (IOException failed) {
            owner.onDiskError();
            return;
        }
        owner.onSynced(group);
        owner.input(
                (replica, now) -> {
                    writing = null;
                    long before = journal.durableThrough();
                    long through = journal.onDurable(group);
                    if (through != before) {
                        markAt = world.nowNanos() + MARK_NANOS;
                        replica.onDurable(now, through);
                    }
                });
    }
}
