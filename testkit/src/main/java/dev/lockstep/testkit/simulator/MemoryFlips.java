package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;

import java.util.TreeSet;

/// States that change of their own accord, in a way that no reply shows: whoever compares whole
/// states finds them, and a snapshot carries them on until then.
///
/// One replica at a time, so that a majority is right unless a newcomer has taken a snapshot of the
/// wrong one.
final class MemoryFlips {

    private final World world;

    /// Those that ever had a wrong state.
    private final TreeSet<ReplicaId> everFlawed = new TreeSet<>();

    /// So many replicas may come to have a wrong state in a run, one after the other.
    private int most = Integer.MAX_VALUE;

    MemoryFlips(World world) {
        this.world = world;
    }

    /// From now on no more replicas than this come to have a wrong state in a run: where members
    /// lie, each counts as one that does.
    void limit(int replicas) {
        most = replicas;
    }

    /// A bit of one replica's memory flips.
    void flip(SimNode node) {
        boolean isOneMore = !everFlawed.contains(node.id());
        if (!node.isUp()
                || (isOneMore && everFlawed.size() >= most)
                || world.isLiar(node.id())
                || !node.service().canFreeze()
                || world.nodes.stream().anyMatch(SimNode::isFlawed)
                || node.replica().status().quarantineReason() != null) {
            return;
        }
        node.service().flip();
        world.exercised.note(Deed.MEMORY_FLIPS);
        world.trace.sign(node.index(), Sign.FAULT, () -> "memory flips");
        world.trace.note(() -> node + "'s state changes of its own accord");
        noteFlawed(node.id());
    }

    /// A replica has begun with a wrong state.
    void noteFlawed(ReplicaId id) {
        everFlawed.add(id);
    }

    /// True if a replica may be found to differ from the majority.
    boolean mayDiffer(ReplicaId id) {
        return everFlawed.contains(id) || isMajorityWrong();
    }

    /// True if nobody can tell any more who was right: among all that there were, or now among the
    /// members that are left, which may be two.
    boolean isMajorityWrong() {
        return 2 * everFlawed.size() >= world.founders() || isMajorityOfMembersWrong();
    }

    private boolean isMajorityOfMembersWrong() {
        Reign latest = world.observer.latestReign();
        if (latest == null) {
            return false;
        }
        long flawed =
                world.nodes.stream()
                        .filter(SimNode::isFlawed)
                        .filter(node -> latest.isMember(node.member()))
                        .count();
        return 2 * flawed >= latest.members().size();
    }
}
