package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Reign;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.SnapshotEvent;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.journal.SnapshotKeeper;
import dev.lockstep.journal.SnapshotOrder;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;

/// The snapshots of one boot of one simulated node: the product's own keeper, one step an event, so
/// that anything can happen between any two.
final class SimSnapshots implements Snapshots {

    /// States are small here, so chunks are too.
    static final int CHUNK_BYTES = 512;

    /// Executing a batch seems to take so long.
    private static final long EXECUTING_NANOS = 2_000;

    private static final long MS = 1_000_000L;

    /// The process that the snapshots belong to.
    interface Owner {
        /// False once it has ended.
        boolean isAlive();

        /// The replica's epoch.
        Reign reign();

        /// Handed in within a cycle.
        void onSnapshot(SnapshotEvent event);

        /// The replica is about to hear of a snapshot, or has asked for one.
        void onStandstill();

        /// Nothing is known any more of what was written last.
        void onDiskError();
    }

    private final World world;
    private final int index;
    private final Owner owner;
    private final SnapshotKeeper keeper;

    /// How many were written in [#countedIn] since the last that could not be.
    private int inTurn;

    private @Nullable Reign countedIn;

    private boolean isStepDue;
    private long stopwatch;

    SimSnapshots(World world, int index, SnapshotFiles files, Owner owner) {
        this.world = world;
        this.index = index;
        this.owner = owner;
        this.keeper = new SnapshotKeeper(files, this::tell, () -> {});
    }

    /// How many were written in the present epoch since the last that could not be.
    int inTurn() {
        return owner.reign().equals(countedIn) ? inTurn : 0;
    }

    private void count(SnapshotDescription written) {
        Reign reign = owner.reign();
        // One from before an epoch lets none of it go.
        inTurn = inTurn() + (written.position() >= reign.after() ? 1 : 0);
        countedIn = reign;
    }

    @Override
    public List<SnapshotDescription> kept() {
        return keeper.kept();
    }

    @Override
    public void write(long position, SnapshotContent content) {
        owner.onStandstill();
        order(new SnapshotOrder.Write(position, content));
    }

    @Override
    public void read(long token, long position, int chunk) {
        order(new SnapshotOrder.Read(token, position, chunk));
    }

    @Override
    public void receive(SnapshotDescription description) {
        order(new SnapshotOrder.Receive(description));
    }

    @Override
    public void add(Bytes chunk) {
        order(new SnapshotOrder.Add(chunk));
    }

    @Override
    public long stopwatchNanos() {
        stopwatch += EXECUTING_NANOS;
        return stopwatch;
    }

    private void order(SnapshotOrder order) {
        keeper.add(order);
        stepLater();
    }

    private void stepLater() {
        if (!isStepDue) {
            isStepDue = true;
            world.chance.about(Topic.DISK, index);
            world.timeline.after(1_000 + world.chance.below(2 * MS), this::step);
        }
    }

    private void step() {
        isStepDue = false;
        if (!owner.isAlive()) {
            return;
        }
        try {
            keeper.step();
        } catch (IOException failed) {
            owner.onDiskError();
            return;
        }
        if (keeper.hasWork()) {
            stepLater();
        }
    }

    private void tell(SnapshotEvent event) {
        switch (event) {
            case SnapshotEvent.Written written -> {
                count(written.snapshot());
                world.exercised.note(Deed.SNAPSHOTS_TAKEN);
                world.lookout().onSnapshot(world.nodes.get(index));
            }
            case SnapshotEvent.Failed _ -> {
                inTurn = 0;
                world.exercised.note(Deed.SNAPSHOTS_FAILED);
            }
            // Those below are read by a replica for itself.
            case SnapshotEvent.Read read ->
                    world.exercised.note(Deed.CHUNKS_SERVED, read.token() < 0 ? 0 : 1);
            case SnapshotEvent.Installed _ -> {
                world.exercised.note(Deed.SNAPSHOTS_INSTALLED);
                owner.onStandstill();
                world.lookout().onSnapshot(world.nodes.get(index));
            }
            case SnapshotEvent.Damaged _ -> world.exercised.note(Deed.SNAPSHOTS_PASSED_OVER);
            case SnapshotEvent.Progress _, SnapshotEvent.Refused _ -> {}
        }
        owner.onSnapshot(event);
    }
}
