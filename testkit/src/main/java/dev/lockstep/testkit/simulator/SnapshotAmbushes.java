package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Script.Topic;

import java.util.SplittableRandom;

/// Crashes when a snapshot has just become durable and the journal does not say so yet, and perhaps
/// again when the replica has gone on for a while: then the snapshot is gone.
final class SnapshotAmbushes implements Lookout {

    private static final long MS = 1_000_000L;

    /// Apart from those of ambushes, sieges and exiles.
    private static final int FIRST_SORT = 4_000;

    private static final long SALT = 0x3c_5a_3c_5aL;

    private final World world;
    private final Chance chance;
    private final Nemesis nemesis;

    /// What it draws is split from the seed alone, so that nothing else changes where it is absent.
    SnapshotAmbushes(World world, Nemesis nemesis) {
        this.world = world;
        this.chance = new Chance(new SplittableRandom(world.seed ^ SALT), world.script);
        this.nemesis = nemesis;
    }

    @Override
    public void onSnapshot(SimNode node) {
        int sort = FIRST_SORT + node.index();
        chance.about(Topic.AMBUSH, sort);
        if (world.isHealed() || !chance.happens(world.habits.ambush())) {
            return;
        }
        boolean takesPower = world.weather.disk().syncs() && chance.oneIn(2);
        long downNanos = chance.anywhere(MS / 10, 20 * MS);
        boolean isRepeated = chance.oneIn(2);
        long meanwhileNanos = downNanos + chance.anywhere(20 * MS, 500 * MS);
        world.timeline.after(
                chance.anywhere(1_000, 5 * MS),
                () -> {
                    if (!world.isHealed() && node.isUp() && world.script.strikes(sort)) {
                        world.exercised.note(Deed.SNAPSHOT_AMBUSHES);
                        node.crash(takesPower);
                        nemesis.startAfter(node, downNanos);
                        if (isRepeated) {
                            world.timeline.after(meanwhileNanos, () -> strikeAgain(node, sort));
                        }
                    }
                });
    }

    private void strikeAgain(SimNode node, int sort) {
        if (!world.isHealed() && node.isUp() && world.script.strikes(sort)) {
            chance.about(Topic.AFTERMATH, sort);
            nemesis.loseSnapshots(node);
        }
    }

    @Override
    public void onNewEntry(SimNode node) {}

    @Override
    public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {}

    @Override
    public void onHeard(SimNode from) {}
}
