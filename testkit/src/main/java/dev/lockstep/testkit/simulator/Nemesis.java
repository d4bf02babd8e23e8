package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;
import dev.lockstep.testkit.simulator.Script.Topic;

import java.util.ArrayList;
import java.util.List;

/// Makes go wrong what the weather wants to go wrong, and in the end heals everything.
final class Nemesis {

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;

    /// So often a disk is lost where an authority says who the members are; a mean.
    private static final long DISK_LOSS_NANOS = 2 * SECOND;

    private final World world;
    private final Chance chance;
    private final PeerNetwork peers;
    private final ClientNetwork clients;
    private boolean isTired;

    /// True if the last disk error was one of a write.
    private boolean isWriteError;

    /// Until then a siege says what is cut.
    private long besiegedUntil;

    /// How many sorts of faults there are.
    private int sorts;

    Nemesis(World world, Chance chance, PeerNetwork peers, ClientNetwork clients) {
        this.world = world;
        this.chance = chance;
        this.peers = peers;
        this.clients = clients;
    }

    void begin() {
        Weather weather = world.weather;
        if (weather.process().ambush() > 0) {
            world.addLookout(new Ambushes(world, new Chance(chance.split(), world.script), this));
        }
        Siege siege = new Siege(world, new Chance(chance.split(), world.script), this, peers);
        if (weather.process().siegeEvery() < Chance.NEVER) {
            world.addLookout(siege);
        }
        Exile exile = new Exile(world, new Chance(chance.split(), world.script), this, peers);
        if (weather.process().exileEvery() < Chance.NEVER) {
            world.addLookout(exile);
        }
        every(weather.process().crashEvery(), this::crash);
        every(weather.process().pauseEvery(), this::pause);
        every(weather.process().leaveEvery(), this::leave);
        every(weather.net().partitionEvery(), this::partition);
        every(weather.net().slowLinkEvery(), this::slowLinks);
        every(weather.net().resetEvery(), this::reset);
        every(weather.net().clientResetEvery(), () -> clients.reset(client().life()));
        every(weather.disk().fullEvery(), this::fillDisk);
        every(weather.clock().jumpEvery(), this::clockFault);
        every(weather.clock().rateEvery(), this::clockRates);
        every(weather.load().abandonEvery(), () -> client().abandon());
        every(weather.load().closeEvery(), () -> client().close());
        every(
                weather.load().slowReaderEvery(),
                () -> clients.stopReading(client().life(), chance.anywhere(10 * MS, SECOND)));
        every(weather.disk().slowEvery(), this::slowDisk);
        every(weather.process().siegeEvery(), siege::begin);
        every(weather.process().exileEvery(), exile::begin);
        if (weather.disk().syncs()) {
            every(weather.disk().errorEvery(), this::diskError);
            every(weather.disk().rotEvery(), this::rot);
        }
        if (world.habits.absenceEvery() < Chance.NEVER) {
            every(world.habits.absenceEvery(), new Absences(world, chance)::begin);
        }
        if (world.habits.ambush() > 0) {
            world.addLookout(new SnapshotAmbushes(world, this));
        }
        if (world.habits.snapshotLossEvery() < Chance.NEVER) {
            every(world.habits.snapshotLossEvery(), this::loseSnapshots);
        }
        SimAuthority authority = world.authority();
        if (authority != null) {
            every(authority.faultEvery(), () -> authority.breakAway(chance));
            every(DISK_LOSS_NANOS, this::loseDisk);
        }
        Reforms reforms = world.habits.reforms();
        Operators operators = new Operators(world, chance);
        if (reforms.changeEvery() < Chance.NEVER) {
            world.lendDisks(operators::mayLoseDisk);
            if (world.operators.isSigning()) {
                operators.readmit();
            }
            every(reforms.changeEvery(), operators::change);
            every(reforms.diskLossEvery(), () -> operators.loseDisk(this));
        }
        if (world.habits.switches().every() < Chance.NEVER) {
            every(world.habits.switches().every(), operators::switchOrder);
        }
        if (world.habits.flips().every() < Chance.NEVER) {
            every(world.habits.flips().every(), () -> world.flips.flip(node()));
        }
    }

    /// A machine loses its disk, if the cluster promises to survive that now.
    private void loseDisk() {
        SimNode node = node();
        long pause = chance.around(100 * MS);
        if (world.mayLoseDisk(node)) {
            node.loseDisk();
            startAfter(node, pause);
        }
    }

    private void every(long interval, Runnable fault) {
        next(sorts++, interval, fault);
    }

    private void next(int sort, long interval, Runnable fault) {
        if (!chance.hasNext(Topic.FAULT, sort)) {
            return;
        }
        chance.about(Topic.FAULT, sort);
        long pause = chance.around(interval);
        if (pause >= Chance.NEVER) {
            return;
        }
        world.timeline.after(
                pause,
                () -> {
                    if (!world.isHealed() && !isTired) {
                        chance.about(Topic.FAULT, sort);
                        if (world.script.strikes(sort)) {
                            fault.run();
                        }
                        next(sort, interval, fault);
                    }
                });
    }

    private SimNode node() {
        return world.nodes.get(chance.below(world.nodes.size()));
    }

    /// Anyone, or whom all depend on.
    private SimNode victim() {
        return chance.happens(world.weather.process().hunted()) ? entry() : node();
    }

    /// Whom all depend on, as far as anyone knows.
    private SimNode entry() {
        SimNode asked = node();
        ReplicaId entry = asked.isUp() ? asked.replica().preferredEntry() : null;
        for (SimNode node : world.nodes) {
            if (node.id().equals(entry)) {
                return node;
            }
        }
        return asked;
    }

    private SimClient client() {
        return world.clients.get(chance.below(world.clients.size()));
    }

    private void crash() {
        Weather.Process process = world.weather.process();
        if (chance.happens(process.all())) {
            world.exercised.note(Deed.TOTAL_FAILURES);
            boolean takesPower = takesPower();
            world.nodes.forEach(node -> crash(node, takesPower));
        } else {
            crash(victim(), takesPower());
        }
    }

    private boolean takesPower() {
        return world.weather.hasPowerFailures()
                && chance.happens(world.weather.process().powerFailures());
    }

    private void crash(SimNode node, boolean takesPower) {
        if (node.isReachable()) {
            node.crash(takesPower);
            startLater(node);
        }
    }

    private void startLater(SimNode node) {
        startAfter(node, MS / 10 + chance.around(world.weather.process().downNanos()));
    }

    void startAfter(SimNode node, long pauseNanos) {
        int boot = node.boot();
        world.timeline.after(
                pauseNanos,
                () -> {
                    if (node.boot() == boot) {
                        node.start();
                    }
                });
    }

    private void pause() {
        world.exercised.note(Deed.PAUSES);
        victim().pause(chance.around(world.weather.process().pauseNanos()));
    }

    /// The operator's patience may end before the replica has left.
    private void leave() {
        SimNode node = chance.oneIn(2) ? entry() : node();
        if (!node.isUp() || node.isLeaving()) {
            return;
        }
        leave(node);
        if (chance.oneIn(3)) {
            // Whoever takes over is known to all but the one that hands over.
            world.timeline.after(
                    chance.anywhere(20_000, 20 * MS),
                    () -> {
                        if (!world.isHealed()) {
                            cutOffInCompany(node);
                        }
                    });
        }
    }

    /// It is asked to stop, and is started again after a while, whatever has become of that.
    void leave(SimNode node) {
        node.leave();
        int boot = node.boot();
        world.timeline.after(
                chance.between(20 * MS, 800 * MS),
                () -> {
                    if (node.boot() == boot) {
                        node.crash(false);
                        node.start();
                    }
                });
    }

    private void partition() {
        partition(this::cutSomewhere, chance.oneIn(8));
    }

    /// Cuts one replica off from all others, for a while.
    void cutOff(SimNode alone) {
        chance.about(Topic.AFTERMATH, 0);
        partition(() -> isolate(alone), false);
    }

    /// Cuts off a replica, with some others for company but never with half of all, for a while.
    void cutOffInCompany(SimNode node) {
        chance.about(Topic.AFTERMATH, 0);
        List<SimNode> side = company(node, chance);
        partition(() -> cutOff(side), false);
    }

    /// A replica and some others, fewer than half of all.
    List<SimNode> company(SimNode node, Chance chance) {
        int most = (world.nodes.size() - 1) / 2;
        List<SimNode> side = new ArrayList<>(List.of(node));
        for (SimNode other : world.nodes) {
            if (other != node && side.size() < most && chance.oneIn(2)) {
                side.add(other);
            }
        }
        return side;
    }

    /// Cuts now, and mends later; or again and again, as links that flap.
    private void partition(Runnable cuts, boolean flaps) {
        world.exercised.note(Deed.PARTITIONS);
        cuts.run();
        world.trace.note(() -> "a partition begins");
        long most = flaps ? 40 * MS : 400 * MS;
        world.timeline.after(
                chance.around(Math.min(most, 2 * world.weather.net().partitionEvery())),
                () -> {
                    mend();
                    if (flaps && !world.isHealed()) {
                        chance.about(Topic.AFTERMATH, 1);
                        world.timeline.after(
                                chance.around(20 * MS),
                                () -> {
                                    if (!world.isHealed()) {
                                        chance.about(Topic.AFTERMATH, 2);
                                        partition(cuts, !chance.oneIn(6));
                                    }
                                });
                    }
                });
    }

    /// What was cut is whole again, but for the cuts of a siege until they are old.
    private void mend() {
        if (world.nowNanos() >= besiegedUntil) {
            peers.mendAll();
            clients.mendAll();
        }
    }

    /// Mends everything; what is cut now, nobody mends for so long but [#endSiege].
    void besiege(long nanos) {
        besiegedUntil = 0;
        mend();
        besiegedUntil = world.nowNanos() + nanos;
    }

    void endSiege() {
        besiege(0);
        peers.hasten();
    }

    private void isolate(SimNode alone) {
        int way = chance.below(4);
        if (way < 2) {
            silence(alone);
        }
        if (way > 0) {
            deafen(alone);
        }
    }

    /// Nothing passes between these and all others any more.
    void cutOff(List<SimNode> side) {
        for (SimNode one : side) {
            for (SimNode other : world.nodes) {
                if (!side.contains(other)) {
                    cut(one, other, true);
                }
            }
        }
    }

    /// Nobody hears it any more.
    void silence(SimNode node) {
        world.nodes.forEach(hearer -> cut(node, hearer, false));
    }

    /// Nobody else hears these any more.
    void silence(List<SimNode> side) {
        for (SimNode one : side) {
            for (SimNode hearer : world.nodes) {
                if (!side.contains(hearer)) {
                    cut(one, hearer, false);
                }
            }
        }
    }

    /// It hears nobody any more.
    void deafen(SimNode node) {
        world.nodes.forEach(speaker -> cut(speaker, node, false));
    }

    private void cutSomewhere() {
        boolean bothWays = chance.oneIn(2);
        switch (chance.below(4)) {
            case 0 -> isolate(victim());
            case 1 -> {
                List<SimNode> side = new ArrayList<>(world.nodes);
                side.removeIf(_ -> chance.oneIn(2));
                for (SimNode one : side) {
                    for (SimNode other : world.nodes) {
                        if (!side.contains(other)) {
                            cut(one, other, bothWays);
                        }
                    }
                }
            }
            case 2 -> cut(victim(), node(), bothWays);
            default -> clients.cut(chance.below(world.clients.size()), node());
        }
    }

    /// What one replica sends, or what it is sent, is late for a while; the other way is as ever.
    private void slowLinks() {
        world.exercised.note(Deed.SLOW_LINKS);
        SimNode one = victim();
        boolean sends = chance.oneIn(2);
        long lateNanos = chance.anywhere(5 * MS, 800 * MS);
        for (SimNode other : world.nodes) {
            if (other != one && !chance.oneIn(4)) {
                peers.slow(sends ? one : other, sends ? other : one, lateNanos);
            }
        }
        world.trace.note(() -> (sends ? "from " : "to ") + one + " frames are late");
        world.timeline.after(chance.around(800 * MS), peers::hasten);
    }

    private void cut(SimNode from, SimNode to, boolean bothWays) {
        if (from != to) {
            peers.cut(from, to);
            if (bothWays) {
                peers.cut(to, from);
            }
        }
    }

    private void reset() {
        SimNode one = victim();
        SimNode other = node();
        if (one != other) {
            peers.reset(one, other);
        }
    }

    /// All that is written takes longer for a while.
    private void slowDisk() {
        world.exercised.note(Deed.SLOW_DISKS);
        SimNode node = victim();
        slowDisk(node);
    }

    void slowDisk(SimNode node) {
        int boot = node.boot();
        world.trace.sign(node.index(), Sign.FAULT, () -> "disk becomes slow");
        node.slowDisk((int) chance.anywhere(3, 100));
        world.timeline.after(
                chance.around(800 * MS),
                () -> {
                    if (node.boot() == boot) {
                        node.slowDisk(1);
                    }
                });
    }

    /// What it writes takes a second or two, on average, until somebody sets its disk right. No
    /// more: what is being written then still takes its time, and is waited for in the end.
    void hangDisk(SimNode node) {
        world.exercised.note(Deed.SLOW_DISKS);
        world.trace.sign(node.index(), Sign.FAULT, () -> "disk hangs");
        long hangs = chance.between(SECOND, 2 * SECOND);
        node.slowDisk((int) (hangs / world.weather.disk().syncNanos()));
    }

    private void fillDisk() {
        SimNode node = node();
        SimDisk disk = node.disk();
        world.trace.sign(node.index(), Sign.FAULT, () -> "disk fills up");
        disk.fill(chance.below(4096));
        world.timeline.after(chance.around(SECOND), disk::empty);
    }

    /// A machine that was stopped finds a bit of its disk flipped.
    private void rot() {
        if (chance.oneIn(4)) {
            boolean takesPower = takesPower();
            world.nodes.forEach(node -> rot(node, takesPower));
        } else {
            rot(node(), takesPower());
        }
    }

    private void rot(SimNode node, boolean takesPower) {
        crash(node, takesPower);
        if (!node.isUp() && node.disk().rot(chance)) {
            world.exercised.note(Deed.BITS_FLIPPED);
            world.trace.note(() -> "a bit of the disk of " + node + " flips");
            world.trace.sign(node.index(), Sign.FAULT, () -> "a bit flips");
        }
    }

    /// A machine that was stopped finds its snapshots gone.
    private void loseSnapshots() {
        loseSnapshots(node());
    }

    void loseSnapshots(SimNode node) {
        crash(node, takesPower());
        if (!node.isUp() && node.disk().loseSnapshots()) {
            world.exercised.note(Deed.SNAPSHOTS_LOST);
            world.trace.note(() -> "the snapshots of " + node + " are gone");
            world.trace.sign(node.index(), Sign.FAULT, () -> "snapshots lost");
        }
    }

    /// Of a sync and of a write in turn.
    private void diskError() {
        isWriteError = !isWriteError;
        if (isWriteError) {
            node().disk().failNextWrite();
        } else {
            node().disk().failNextSync();
        }
    }

    private void clockFault() {
        world.exercised.note(Deed.CLOCK_FAULTS);
        SimNode node = node();
        SimClock clock = node.clock();
        world.trace.sign(node.index(), Sign.FAULT, () -> "clock fault");
        switch (chance.below(3)) {
            case 0 -> clock.jump(chance.anywhere(MS, 5 * SECOND));
            case 1 -> clock.jump(-chance.anywhere(MS, 5 * SECOND));
            default -> {
                clock.freeze();
                world.timeline.after(
                        chance.around(SECOND),
                        () -> {
                            if (!world.isHealed()) {
                                clock.set(skew());
                            }
                        });
            }
        }
    }

    private void clockRates() {
        setRates(victim());
    }

    /// A clock becomes as slow as can be and all others as fast as can be, as when one machine is
    /// hot or its time is being corrected; or the other way about.
    void setRates(SimNode one) {
        long most = world.weather.clock().driftPpm();
        if (most == 0) {
            return;
        }
        world.exercised.note(Deed.CLOCK_RATES);
        boolean isSlow = !chance.oneIn(4);
        world.trace.note(() -> one + "'s clock runs " + (isSlow ? "slow" : "fast"));
        for (SimNode node : world.nodes) {
            node.drift((node == one) == isSlow ? -most : most);
        }
    }

    /// How far a wall clock is off.
    long skew() {
        long most = world.weather.clock().skewNanos();
        chance.about(Topic.SKEW, 0);
        return chance.between(-most, most);
    }

    /// Does no more harm; what has begun ends in its time.
    void tire() {
        isTired = true;
        world.trace.note(() -> "the weather gets better");
    }

    boolean isTired() {
        return isTired;
    }

    /// Ends all faults and starts what is down.
    void heal() {
        world.heal();
        world.trace.note(() -> "the faults are over");
        peers.mendAll();
        peers.hasten();
        clients.mendAll();
        for (SimNode node : world.nodes) {
            node.slowDisk(1);
            chance.about(Topic.HEALING, node.index());
            node.disk().empty();
            node.disk().repair();
            node.clock().set(chance.between(-100 * MS, 100 * MS));
            if (node.isLeaving()) {
                node.crash(false);
            }
            int boot = node.boot();
            world.timeline.after(
                    chance.below(50 * MS),
                    () -> {
                        if (node.boot() == boot) {
                            node.start();
                        }
                    });
        }
    }
}
