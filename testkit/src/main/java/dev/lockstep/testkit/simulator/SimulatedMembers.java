package dev.lockstep.testkit.simulator;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ChangeAnswer;
import dev.lockstep.replica.MemberChange;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Who the members of a simulated cluster are, and how a [Scenario] changes that.
///
/// A change is asked for again and again until it has come about, as an operator's command does it,
/// and others may be asked for meanwhile by faults: a replica that comes back without its disk is
/// put in its place by the cluster itself.
///
/// Errors and threading: as [SimulatedCluster].
public final class SimulatedMembers {

    /// So often a change is asked for that has not come about.
    private static final long ASK_NANOS = 50_000_000L;

    private final SimulatedCluster cluster;
    private final World world;
    private final NamedFaults faults;

    /// What is asked for at present; null if nothing is.
    private @Nullable MemberChange wanted;

    SimulatedMembers(SimulatedCluster cluster, World world, NamedFaults faults) {
        this.cluster = cluster;
        this.world = world;
        this.faults = faults;
    }

    /// The numbers of the members, in ascending order, as the replica knows them that has come
    /// furthest.
    public List<Integer> list() {
        cluster.requireTurn();
        List<Integer> numbers = new ArrayList<>();
        Reign reign = world.observer.latestReign();
        if (reign != null) {
            for (Member member : reign.members().members()) {
                numbers.add(member.id().value());
            }
        }
        return numbers;
    }

    /// Makes a spare replica a member, and waits until it is.
    public void add(int id) {
        beginToAdd(id);
        awaitChange();
    }

    /// Makes a member none any more, and waits until it is not.
    public void remove(int id) {
        beginToRemove(id);
        awaitChange();
    }

    /// Puts a spare replica in a member's place, and waits until it is there.
    public void replace(int id, int fresh) {
        beginToReplace(id, fresh);
        awaitChange();
    }

    /// Asks that a spare replica become a member.
    public void beginToAdd(int id) {
        begin(new MemberChange.Add(node(id).member()));
    }

    /// Asks that a member be none any more.
    public void beginToRemove(int id) {
        begin(new MemberChange.Remove(node(id).id()));
    }

    /// Asks that a spare replica take a member's place.
    public void beginToReplace(int id, int fresh) {
        begin(new MemberChange.Replace(node(id).id(), node(fresh).member()));
    }

    /// The order of the latest epoch by name, as the replica knows it that has come furthest; empty
    /// before the first.
    public String order() {
        cluster.requireTurn();
        Reign reign = world.observer.latestReign();
        return reign == null ? "" : reign.sign().order();
    }

    /// Goes over to another order, and waits until it holds.
    ///
    /// @param order one that the run was set up with: see [SimulationSetup#withSwitchesTo]
    public void switchOrder(String order) {
        beginToSwitch(order);
        awaitChange();
    }

    /// Asks for another order.
    public void beginToSwitch(String order) {
        Sense.argument(
                world.orders.contains(order),
                "there is no order " + order + " here: choose from " + world.orders);
        begin(new MemberChange.Switch(FaultModel.CRASH, order));
    }

    /// Lets time pass until what was asked for has come about, and a majority of the members knows
    /// it for good.
    ///
    /// 30 simulated seconds in vain fail the run.
    public void awaitChange() {
        cluster.await(() -> wanted == null, "the members are changed as wanted");
    }

    /// A machine breaks and is replaced by one with an empty disk. It stays down until
    /// [SimulatedCluster#restart]; then it follows the others, in another life, and they put it
    /// back in its place.
    ///
    /// A cluster survives that for one replica at a time, out of three.
    public void loseDisk(int id) {
        faults.loseDisk(node(id));
    }

    private void begin(MemberChange change) {
        cluster.requireTurn();
        Sense.state(wanted == null, "a change is under way already: awaitChange() waits for it");
        if (faults.changes(change.toString())) {
            wanted = change;
            ask(change);
        }
    }

    private void ask(MemberChange change) {
        if (wanted != change) {
            return;
        }
        boolean isAsked = false;
        for (SimNode node : world.nodes) {
            Reign reign = node.isUp() ? node.replica().reign() : null;
            if (reign != null && !isAsked && reign.isMember(node.member()) && knowsEntry(node)) {
                isAsked = true;
                node.input(
                        (replica, now) -> {
                            boolean isDone =
                                    world.operators.ask(replica, now, change)
                                            instanceof ChangeAnswer.Done;
                            if (isDone && replica.isSettled() && wanted == change) {
                                wanted = null;
                            }
                        });
            }
        }
        world.timeline.after(ASK_NANOS, () -> ask(change));
    }

    private static boolean knowsEntry(SimNode node) {
        ReplicaId entry = node.entry();
        Membership members = node.replica().reign().members();
        return entry != null && members.contains(entry);
    }

    private SimNode node(int id) {
        cluster.requireTurn();
        Sense.argument(
                id >= 1 && id <= world.nodes.size(),
                "there is no replica " + id + ": they are 1 to " + world.nodes.size());
        return world.nodes.get(id - 1);
    }
}
