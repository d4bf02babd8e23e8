package dev.lockstep.testkit.simulator;

import dev.lockstep.testkit.simulator.Exercised.Deed;

/// Takes a replica away until the others have gone on without it for long: when it comes back, what
/// it missed is in nobody's memory, and perhaps in nobody's journal.
final class Absences {

    private static final long MS = 1_000_000L;
    private static final long LOOK_NANOS = 50 * MS;

    /// Nobody stays away for longer, whether the others go on or not.
    private static final long MOST_NANOS = 3_000 * MS;

    private final World world;
    private final Chance chance;

    Absences(World world, Chance chance) {
        this.world = world;
        this.chance = chance;
    }

    /// One replica goes, if all are there.
    void begin() {
        SimNode node = world.nodes.get(chance.below(world.nodes.size()));
        boolean isSomeoneAway = world.nodes.stream().anyMatch(SimNode::isKeptDown);
        if (isSomeoneAway || !node.isUp()) {
            return;
        }
        world.exercised.note(Deed.ABSENCES);
        long comesBackAt = world.observer.length() + 10 + chance.below(120);
        node.keepDown(true);
        node.crash(false);
        look(node, comesBackAt, world.nowNanos() + MOST_NANOS);
    }

    private void look(SimNode node, long comesBackAt, long latestNanos) {
        boolean isTime =
                world.observer.length() >= comesBackAt
                        || world.nowNanos() >= latestNanos
                        || world.isHealed();
        if (isTime) {
            node.keepDown(false);
            node.start();
        } else {
            world.timeline.after(LOOK_NANOS, () -> look(node, comesBackAt, latestNanos));
        }
    }
}
