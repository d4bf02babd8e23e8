package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

/// One best entry after the other is taken out soon after it became that, and the one before comes
/// back: what a flapping switch, a rolling restart that goes wrong or a machine that is overloaded
/// as soon as it leads does to a cluster.
///
/// How soon is counted in frames that others have heard of it, so that what it did is known to some
/// and not to others. A handful in a row, then there is peace until the next siege.
final class Siege implements Lookout {

    private static final long MS = 1_000_000L;

    private static final int FIRST_SORT = 2_000;

    private static final int MOST_HEARD = 16;

    /// Of whoever hands over.
    private static final int MOST_HEARD_IN_LEAVING = 4;

    /// Whoever is not heard so often is hit then.
    private static final long MOST_WAIT_NANOS = 300 * MS;

    /// No cut lasts longer.
    private static final long LONGEST_NANOS = 1_000 * MS;

    private final World world;
    private final Chance chance;
    private final Nemesis nemesis;
    private final PeerNetwork peers;

    /// How many are still to be hit.
    private int left;

    /// Who is to be hit next; null if nobody is yet.
    private @Nullable SimNode target;

    /// How many frames others are yet to hear of it.
    private int heardLeft;

    /// True if something goes wrong with it first.
    private boolean isPrepared;

    /// Who hears the others late.
    private @Nullable SimNode late;

    /// How many strikes were planned.
    private int strikes;

    /// How many replicas were hit.
    private int blows;

    Siege(World world, Chance chance, Nemesis nemesis, PeerNetwork peers) {
        this.world = world;
        this.chance = chance;
        this.nemesis = nemesis;
        this.peers = peers;
    }

    /// The next few best entries are hit, and the present one.
    void begin() {
        chance.about(Topic.SIEGE, 0);
        left = 3 + chance.below(8);
        for (SimNode node : world.nodes) {
            if (node.isUp() && node.id().equals(node.replica().preferredEntry())) {
                onNewEntry(node);
            }
        }
    }

    @Override
    public void onNewEntry(SimNode node) {
        if (left == 0 || world.isHealed()) {
            return;
        }
        left--;
        chance.about(Topic.SIEGE, node.index());
        target = node;
        isPrepared = !chance.oneIn(2);
        if (!chance.oneIn(4)) {
            nemesis.setRates(node);
        }
        await(chance.oneIn(4) ? 0 : (int) chance.anywhere(1, MOST_HEARD));
    }

    /// Strikes when the target has been heard so often, or has not been for long.
    private void await(int heard) {
        heardLeft = heard;
        int number = ++strikes;
        long waits = heard == 0 ? chance.anywhere(1_000, 5 * MS) : MOST_WAIT_NANOS;
        world.timeline.after(waits, () -> strike(number));
    }

    @Override
    public void onHeard(SimNode from) {
        if (from == target && heardLeft > 0 && --heardLeft == 0) {
            strike(strikes);
        }
    }

    @Override
    public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {}

    private void strike(int number) {
        SimNode hit = target;
        if (hit == null || number != strikes) {
            return;
        }
        target = null;
        if (world.isHealed() || !world.script.strikes(FIRST_SORT + hit.index())) {
            return;
        }
        chance.about(Topic.SIEGE, hit.index());
        if (isPrepared) {
            isPrepared = false;
            prepare(hit);
            target = hit;
            await((int) chance.anywhere(1, hit.isLeaving() ? MOST_HEARD_IN_LEAVING : MOST_HEARD));
            return;
        }
        world.exercised.note(Deed.SIEGES);
        world.trace.sign(hit.index(), Sign.FAULT, () -> "besieged");
        nemesis.besiege(LONGEST_NANOS);
        if (late != hit) {
            peers.hasten();
        }
        int blow = ++blows;
        blow(hit);
        late = null;
        world.timeline.after(
                LONGEST_NANOS,
                () -> {
                    if (blow == blows && !world.isHealed()) {
                        nemesis.endSiege();
                    }
                });
    }

    /// Something is wrong with it, but it goes on.
    private void prepare(SimNode node) {
        world.lookout().onTrouble(node);
        switch (chance.below(4)) {
            case 0 -> {
                // What others have said of it before still arrives when they have gone on.
                long lateNanos = chance.anywhere(10 * MS, 500 * MS);
                world.nodes.forEach(other -> peers.slow(other, node, lateNanos));
                late = node;
            }
            case 1, 2 -> {
                if (node.isUp() && !node.isLeaving()) {
                    nemesis.leave(node);
                }
            }
            default -> nemesis.slowDisk(node);
        }
    }

    private void blow(SimNode hit) {
        if (hit.isLeaving() && !chance.oneIn(4)) {
            // A machine that is being shut down may be off the network before it is off.
            isolate(hit);
            return;
        }
        if (late == hit && !chance.oneIn(4)) {
            // What comes in late goes on coming in when nothing goes out any more.
            nemesis.silence(hit);
            return;
        }
        switch (chance.below(10)) {
            case 0, 1, 2 -> nemesis.silence(hit);
            case 3, 4 -> isolate(hit);
            case 5 -> nemesis.deafen(hit);
            case 6 -> crash(hit);
            case 7, 8 -> {
                // Others lose what they have not synced, their votes perhaps.
                isolate(hit);
                for (SimNode other : world.nodes) {
                    if (other != hit && chance.oneIn(2)) {
                        crash(other);
                    }
                }
            }
            default -> {
                // What it had not synced is known to one that nobody can ask.
                crash(hit);
                isolate(world.nodes.get(chance.below(world.nodes.size())));
            }
        }
    }

    /// Cuts it off, with some others for company, but never with half of all.
    private void isolate(SimNode node) {
        nemesis.cutOff(nemesis.company(node, chance));
    }

    /// It is back soon, before others have noticed much.
    private void crash(SimNode node) {
        if (node.isUp()) {
            node.crash(world.weather.disk().syncs() && !chance.oneIn(4));
            nemesis.startAfter(node, chance.anywhere(MS / 10, 20 * MS));
        }
    }
}
