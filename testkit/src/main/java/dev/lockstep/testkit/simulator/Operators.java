package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ChangeAnswer;
import dev.lockstep.replica.MemberChange;
import dev.lockstep.replica.Replica;
import dev.lockstep.testkit.simulator.Exercised.Deed;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// People who change the members and the order of a cluster in the midst of its troubles, and
/// machines that lose their disks.
///
/// One disk at a time, out of three or more, and none while a change is under way: what a cluster
/// promises to survive.
final class Operators {

    private static final long MS = 1_000_000L;

    /// So often an operator looks whether a replica has lost its disk.
    private static final long READMIT_NANOS = 100 * MS;

    private final World world;
    private final Chance chance;

    /// The epoch that was asked for last; 0 before.
    private long asked;

    Operators(World world, Chance chance) {
        this.world = world;
        this.chance = chance;
    }

    /// Somebody asks a replica for another set of members.
    void change() {
        SimNode node = world.nodes.get(chance.below(world.nodes.size()));
        int kind = chance.below(4);
        int first = chance.below(world.nodes.size());
        int second = chance.below(world.nodes.size());
        if (world.operators.isSigning()) {
            sign(kind, first, second);
            return;
        }
        if (!node.isUp()) {
            return;
        }
        Reign reign = node.replica().reign();
        MemberChange change = draw(reign, kind, first, second);
        if (change == null || isSomeoneWithoutDisk()) {
            return;
        }
        node.input(
                (replica, now) -> {
                    if (isSomeoneWithoutDisk()) {
                        return;
                    }
                    switch (ask(node, replica, now, change)) {
                        case ChangeAnswer.Begun _ -> world.exercised.note(Deed.CHANGES_BEGUN);
                        case ChangeAnswer.Refused _ -> world.exercised.note(Deed.CHANGES_REFUSED);
                        case ChangeAnswer.Done _ -> {}
                    }
                });
    }

    /// An operator signs what the next epoch is to be, and brings it to all replicas that are
    /// there.
    private void sign(int kind, int first, int second) {
        Reign reign = world.observer.latestReign();
        MemberChange change = reign == null ? null : draw(reign, kind, first, second);
        if (change == null || isSomeoneWithoutDisk()) {
            return;
        }
        boolean[] isNoted = new boolean[1];
        for (SimNode node : world.nodes) {
            node.input(
                    (replica, now) -> {
                        if (isSomeoneWithoutDisk()) {
                            return;
                        }
                        ChangeAnswer answer = ask(node, replica, now, change);
                        if (!isNoted[0] && answer instanceof ChangeAnswer.Begun) {
                            isNoted[0] = true;
                            world.exercised.note(Deed.CHANGES_BEGUN);
                        } else if (answer instanceof ChangeAnswer.Refused) {
                            world.exercised.note(Deed.CHANGES_REFUSED);
                        }
                    });
        }
    }

    /// Somebody asks a replica for another order. The members stay, so that this does no harm where
    /// one of them is without its disk.
    void switchOrder() {
        SimNode node = world.nodes.get(chance.below(world.nodes.size()));
        String order = world.orders.get(chance.below(world.orders.size()));
        Reign reign = node.isUp() ? node.replica().reign() : null;
        if (reign != null) {
            MemberChange change = new MemberChange.Switch(reign.sign().faults(), order);
            node.input((replica, now) -> ask(node, replica, now, change));
        }
    }

    private ChangeAnswer ask(SimNode node, Replica replica, Now now, MemberChange change) {
        ChangeAnswer answer = world.operators.ask(replica, now, change);
        world.trace.note(() -> "an operator asks " + node + " for " + change + ": " + answer);
        if (answer instanceof ChangeAnswer.Begun begun) {
            asked = Math.max(asked, begun.next().value());
        }
        return answer;
    }

    private @Nullable MemberChange draw(Reign reign, int kind, int first, int second) {
        List<Member> outside = new ArrayList<>();
        for (SimNode node : world.nodes) {
            if (!reign.members().contains(node.id())) {
                outside.add(node.member());
            }
        }
        ReplicaId gone = reign.members().idAt(first % reign.members().size());
        Member fresh = outside.isEmpty() ? null : outside.get(second % outside.size());
        return switch (kind) {
            case 0 -> new MemberChange.Remove(gone);
            case 1 -> fresh == null ? null : new MemberChange.Replace(gone, fresh);
            default -> fresh == null ? null : new MemberChange.Add(fresh);
        };
    }

    /// A machine loses its disk, if the cluster promises to survive that now.
    void loseDisk(Nemesis nemesis) {
        SimNode node = world.nodes.get(chance.below(world.nodes.size()));
        long pause = chance.around(100 * MS);
        if (mayLoseDisk(node)) {
            node.loseDisk();
            nemesis.startAfter(node, pause);
        }
    }

    /// True if the cluster promises now to survive that a replica loses its disk.
    boolean mayLoseDisk(SimNode node) {
        Reign reign = world.observer.latestReign();
        return reign != null
                && reign.members().size() >= 3
                && survivesOneMore(reign)
                && reign.isMember(node.member())
                && reign.epoch().value() >= asked
                && isSettled(reign);
    }

    /// True if one member that knows nothing any more is not one too many beside those that lie.
    private boolean survivesOneMore(Reign reign) {
        IntUnaryOperator enough = world.enoughVotes();
        int size = reign.members().size();
        return enough == null || enough.applyAsInt(size) - 1 > world.faulty();
    }

    /// Puts replicas that have lost their disks back in their places, where members do not do that
    /// of their own accord; again and again, to the end of the run.
    void readmit() {
        Reign reign = world.observer.latestReign();
        for (SimNode node : world.nodes) {
            boolean isBack =
                    reign != null
                            && node.isUp()
                            && reign.members().contains(node.id())
                            && !reign.isMember(node.member());
            if (isBack) {
                MemberChange change = new MemberChange.Replace(node.id(), node.member());
                for (SimNode each : world.nodes) {
                    each.input((replica, now) -> ask(each, replica, now, change));
                }
                break;
            }
        }
        world.timeline.after(READMIT_NANOS, this::readmit);
    }

    /// True if every member of the latest epoch is a replica in its present life, and says that the
    /// epoch is settled.
    private boolean isSettled(Reign reign) {
        boolean isSaid = false;
        for (Member member : reign.members().members()) {
            SimNode node = world.nodes.get(NodeParts.indexOf(member.id()));
            if (!node.member().equals(member)) {
                return false;
            }
            isSaid |=
                    node.isUp()
                            && node.replica().reign().equals(reign)
                            && node.replica().isSettled();
        }
        return isSaid;
    }

    private boolean isSomeoneWithoutDisk() {
        Reign reign = world.observer.latestReign();
        if (reign == null) {
            return false;
        }
        for (Member member : reign.members().members()) {
            if (!world.nodes.get(NodeParts.indexOf(member.id())).member().equals(member)) {
                return true;
            }
        }
        return false;
    }
}
