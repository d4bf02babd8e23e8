package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.Member;
import dev.lockstep.core.Reign;

import java.util.TreeSet;

/// Which replicas a client knows: at first those with which the cluster began, then what replicas
/// say of the members, as the product's client learns it from every handshake.
final class KnownReplicas {

    private final TreeSet<Integer> known = new TreeSet<>();
    private final TreeSet<Integer> first = new TreeSet<>();
    private long epoch = Epoch.FIRST.value();

    /// @param founders how many replicas the cluster began with: 1 to so many
    KnownReplicas(int founders) {
        for (int id = 1; id <= founders; id++) {
            first.add(id);
        }
        known.addAll(first);
    }

    /// A replica says who the members are.
    ///
    /// @return true if others are known now
    boolean onTold(Reign reign) {
        if (reign.epoch().value() <= epoch) {
            return false;
        }
        epoch = reign.epoch().value();
        TreeSet<Integer> told = new TreeSet<>();
        for (Member member : reign.members().members()) {
            told.add(member.id().value());
        }
        boolean changes = !told.equals(known);
        known.clear();
        known.addAll(told);
        return changes;
    }

    /// None of those that are known answers: those of the beginning may know more.
    ///
    /// @return true if others are known now
    boolean remember() {
        return known.addAll(first);
    }

    int[] toArray() {
        return known.stream().mapToInt(Integer::intValue).toArray();
    }
}
