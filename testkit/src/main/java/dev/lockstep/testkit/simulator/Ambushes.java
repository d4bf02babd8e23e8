package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

/// Faults at the moments when they hurt most: when a replica has just become the best entry, and
/// what was decided is known to few; when a message has just left, and what it says may not be
/// durable. The rarer a kind of message, the likelier.
final class Ambushes implements Lookout {

    private static final long MS = 1_000_000L;

    /// So many messages of a kind are as likely to be hit, each, and all later ones together a
    /// little more than those.
    private static final double RARE = 20;

    /// Those who lie in wait for one replica are one sort of fault to a script.
    private static final int FIRST_SORT = 1_000;

    private static final double MESSAGE_SHARE = 0.1;

    private static final double SELDOM_SHARE = 0.5;

    private final World world;
    private final Chance chance;
    private final Nemesis nemesis;

    /// Of what was sent.
    private final Rarity rarity = new Rarity();

    /// Who is cut off when others have heard [#heardLeft] more frames of it; null if nobody.
    private @Nullable SimNode overheard;

    private int heardLeft;

    Ambushes(World world, Chance chance, Nemesis nemesis) {
        this.world = world;
        this.chance = chance;
        this.nemesis = nemesis;
    }

    @Override
    public void onNewEntry(SimNode node) {
        chance.about(Topic.AMBUSH, node.index());
        if (world.isHealed() || !chance.happens(world.weather.process().ambush())) {
            return;
        }
        int kind = chance.below(4);
        spring(
                FIRST_SORT + node.index(),
                chance.anywhere(20_000, 20 * MS),
                () -> {
                    switch (kind) {
                        case 0 -> crash(node);
                        case 1 -> nemesis.cutOff(node);
                        case 2 -> {
                            // Others lose what they have not synced, their votes perhaps.
                            nemesis.cutOff(node);
                            crashSomeBut(node);
                        }
                        default -> crashSomeBut(null);
                    }
                });
    }

    @Override
    public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {
        chance.about(Topic.AMBUSH, fromIndex);
        int number = rarity.count(message);
        double share =
                rarity.isSeldom(number) ? SELDOM_SHARE : MESSAGE_SHARE * Math.min(1, RARE / number);
        if (world.isHealed() || !chance.happens(world.weather.process().ambush() * share)) {
            return;
        }
        SimNode sender = world.nodes.get(fromIndex);
        SimNode receiver = receiver(to);
        if (chance.oneIn(3)) {
            // It never learns what comes of what it said.
            overheard = sender;
            heardLeft = 1 + chance.below(3);
            return;
        }
        int kind = chance.below(4);
        spring(
                FIRST_SORT + fromIndex,
                chance.anywhere(1_000, 5 * MS),
                () -> {
                    switch (kind) {
                        case 0 -> crash(sender);
                        case 1 -> crash(receiver);
                        case 2 -> {
                            crash(sender);
                            nemesis.cutOff(receiver);
                        }
                        default -> nemesis.cutOffInCompany(sender);
                    }
                });
    }

    @Override
    public void onHeard(SimNode from) {
        if (from == overheard && --heardLeft == 0) {
            overheard = null;
            spring(FIRST_SORT + from.index(), 1, () -> nemesis.cutOffInCompany(from));
        }
    }

    private SimNode receiver(ReplicaId id) {
        for (SimNode node : world.nodes) {
            if (node.id().equals(id)) {
                return node;
            }
        }
        throw new IllegalArgumentException("no replica " + id);
    }

    private void spring(int sort, long afterNanos, Runnable fault) {
        world.timeline.after(
                afterNanos,
                () -> {
                    if (!world.isHealed() && world.script.strikes(sort)) {
                        chance.about(Topic.AFTERMATH, 3);
                        world.exercised.note(Deed.AMBUSHES);
                        fault.run();
                    }
                });
    }

    private void crashSomeBut(@Nullable SimNode spared) {
        for (SimNode other : world.nodes) {
            if (other != spared && chance.oneIn(2)) {
                crash(other);
            }
        }
    }

    /// It is back soon, before others have noticed much.
    private void crash(SimNode node) {
        if (node.isUp()) {
            node.crash(world.weather.disk().syncs() && chance.oneIn(2));
            nemesis.startAfter(node, chance.anywhere(MS / 10, 20 * MS));
        }
    }
}
