package dev.lockstep.testkit.simulator;

import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Script.Topic;

import java.time.Duration;
import java.util.Arrays;

/// The faults that a [Scenario] calls by name, each an event of the run's schedule: numbered with
/// those that the weather draws, so that a schedule can leave one out.
///
/// A scenario does the same whether a fault happens or is left out: what takes back a fault that
/// was left out does nothing.
final class NamedFaults {

    /// A cluster that is healed gets more time than this to settle.
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private static final Duration LONGEST_JUMP = Duration.ofSeconds(5);

    private final World world;
    private final PeerNetwork peers;
    private final ClientNetwork clients;

    /// By replica: how often it was not stopped because that was left out, and not yet restarted.
    private final int[] sparedStops;

    /// The same for disks that were not filled.
    private final int[] sparedDisks;

    /// True once a change of members was left out: the cluster may promise less than the scenario
    /// relies on.
    private boolean isWithoutChange;

    NamedFaults(World world, PeerNetwork peers, ClientNetwork clients) {
        this.world = world;
        this.peers = peers;
        this.clients = clients;
        this.sparedStops = new int[world.nodes.size()];
        this.sparedDisks = new int[world.nodes.size()];
    }

    /// True if what the test does now is to happen.
    private boolean strikes(String what) {
        world.chance.about(Topic.NAMED, 0);
        boolean strikes = world.script.strikes(Script.NAMED);
        note(strikes ? what : what + ": left out");
        return strikes;
    }

    private void note(String what) {
        world.trace.note(() -> "the test " + what);
    }

    private void sign(SimNode node, String fault) {
        world.trace.sign(node.index(), Happening.Sign.FAULT, () -> fault);
    }

    // The network.

    /// @param isIn by replica: on which side it is
    void partition(boolean[] isIn, int... side) {
        if (!strikes("cuts " + Arrays.toString(side) + " from the others")) {
            return;
        }
        world.exercised.note(Deed.PARTITIONS);
        for (SimNode one : world.nodes) {
            for (SimNode other : world.nodes) {
                if (isIn[one.index()] != isIn[other.index()]) {
                    peers.keepCut(one, other);
                }
            }
        }
    }

    void cutLink(SimNode one, SimNode other) {
        requireLink(one, other);
        if (strikes("cuts the link between " + one + " and " + other)) {
            world.exercised.note(Deed.PARTITIONS);
            peers.keepCut(one, other);
            peers.keepCut(other, one);
        }
    }

    void cutOneWay(SimNode sender, SimNode receiver) {
        requireLink(sender, receiver);
        if (strikes("cuts the way from " + sender + " to " + receiver)) {
            world.exercised.note(Deed.PARTITIONS);
            peers.keepCut(sender, receiver);
        }
    }

    private static void requireLink(SimNode one, SimNode other) {
        Sense.argument(one != other, "a replica has no link to itself: " + one.id());
    }

    void mendNetwork() {
        note("mends the network");
        peers.releaseCuts();
        clients.releaseCuts();
    }

    void resetConnections() {
        if (strikes("resets all connections")) {
            world.nodes.forEach(this::reset);
        }
    }

    void resetConnections(SimNode node) {
        if (strikes("resets the connections of " + node)) {
            reset(node);
        }
    }

    private void reset(SimNode node) {
        for (SimNode other : world.nodes) {
            if (other != node) {
                peers.reset(node, other);
            }
        }
        clients.resetAll(node);
    }

    // Processes and machines.

    void crash(SimNode node) {
        requireNotCrashed(node, "crash");
        if (stops(node, "crashes " + node)) {
            node.keepDown(true);
            node.crash(false);
        }
    }

    private boolean stops(SimNode node, String what) {
        boolean strikes = strikes(what);
        if (!strikes) {
            sparedStops[node.index()]++;
        }
        return strikes;
    }

    void restart(SimNode node) {
        boolean isSpared = node.isUp() && sparedStops[node.index()] > 0;
        if (isSpared) {
            sparedStops[node.index()]--;
            note("restarts " + node + ", which was not stopped");
            return;
        }
        Sense.state(!node.isUp(), node + " runs already: crash(" + node.id() + ") stops it");
        note("restarts " + node);
        node.keepDown(false);
        node.start();
    }

    void losePower(SimNode node) {
        if (stops(node, "takes the power from " + node)) {
            takePower(node);
        }
    }

    void losePowerEverywhere() {
        if (strikes("takes the power from all replicas")) {
            world.exercised.note(Deed.TOTAL_FAILURES);
            world.nodes.forEach(this::takePower);
        } else {
            world.nodes.forEach(node -> sparedStops[node.index()]++);
        }
    }

    private void takePower(SimNode node) {
        node.keepDown(true);
        if (node.isUp()) {
            node.crash(true);
        } else {
            world.exercised.note(Deed.POWER_FAILURES);
            node.disk().losePower(world.chance);
        }
    }

    void pause(SimNode node, Duration time) {
        Sense.time(time, LONGEST_PAUSE, "pause");
        requireNotCrashed(node, "pause");
        if (strikes("pauses " + node + " for " + time.toMillis() + " ms")) {
            world.exercised.note(Deed.PAUSES);
            node.pause(time.toNanos());
        }
    }

    private static void requireNotCrashed(SimNode node, String fault) {
        Sense.state(
                !node.isKeptDown(),
                "nobody can "
                        + fault
                        + " "
                        + node
                        + ", which is down: restart("
                        + node.id()
                        + ") starts it");
    }

    void jumpClock(SimNode node, Duration by) {
        Sense.argument(
                by.abs().compareTo(LONGEST_JUMP) <= 0,
                "a clock jumps by at most " + LONGEST_JUMP + ", not " + by);
        if (strikes("moves the wall clock of " + node + " by " + by.toMillis() + " ms")) {
            sign(node, "clock moved by " + by.toMillis() + " ms");
            world.exercised.note(Deed.CLOCK_FAULTS);
            node.clock().jump(by.toNanos());
        }
    }

    // Disks.

    void fillDisk(SimNode node) {
        Sense.state(
                !node.disk().isKeptFull(),
                "the disk of " + node + " is full already: makeRoom(" + node.id() + ") makes some");
        if (strikes("fills the disk of " + node)) {
            sign(node, "disk filled");
            node.disk().keepFull(true);
        } else {
            sparedDisks[node.index()]++;
        }
    }

    void makeRoom(SimNode node) {
        boolean isSpared = !node.disk().isKeptFull() && sparedDisks[node.index()] > 0;
        if (isSpared) {
            sparedDisks[node.index()]--;
            note("makes room on the disk of " + node + ", which was not filled");
            return;
        }
        Sense.state(
                node.disk().isKeptFull(),
                "the disk of " + node + " has room: fillDisk(" + node.id() + ") fills it");
        note("makes room on the disk of " + node);
        node.disk().keepFull(false);
    }

    void failNextSync(SimNode node) {
        if (strikes("lets the next sync of " + node + " fail")) {
            sign(node, "next sync fails");
            node.disk().failNextSync();
        }
    }

    void failNextWrite(SimNode node) {
        if (strikes("lets the next write of " + node + " fail")) {
            sign(node, "next write fails");
            node.disk().failNextWrite();
        }
    }

    // Members.

    void loseDisk(SimNode node) {
        if (stops(node, "takes the disk of " + node)) {
            requireChanges("a disk may be lost");
            node.keepDown(true);
            node.loseDisk();
        }
    }

    /// True if the change is to be made.
    boolean changes(String change) {
        boolean strikes = strikes("asks for " + change);
        isWithoutChange |= !strikes;
        return strikes;
    }

    /// Ends a run in which something went wrong that may be the fault of what was left out: with
    /// other members the same crashes may be too many.
    void requireChanges(String what) {
        Violation.check(
                !isWithoutChange,
                "a schedule that leaves out a change of members shows nothing about whether "
                        + what);
    }

    /// Ends all that goes on until it is taken back.
    void healAll() {
        mendNetwork();
        Arrays.fill(sparedStops, 0);
        Arrays.fill(sparedDisks, 0);
        for (SimNode node : world.nodes) {
            node.disk().keepFull(false);
            node.disk().repair();
            node.clock().set(0);
            node.keepDown(false);
            node.start();
        }
    }
}
