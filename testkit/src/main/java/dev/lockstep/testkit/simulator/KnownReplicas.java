package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.Member;
import dev.lockstep.core.Reign;

import java.util.TreeMap;
import java.util.TreeSet;

/// Which replicas a client knows: at first those with which the cluster began, then what replicas
/// say of the members, as the product's client learns it from every handshake. Where replicas may
/// lie, so many must say the same that one of them is honest.
final class KnownReplicas {

    private final TreeSet<Integer> known = new TreeSet<>();
    private final TreeSet<Integer> first = new TreeSet<>();
    private long epoch = Epoch.FIRST.value();

    /// By replica: what it has said last of a later epoch.
    private final TreeMap<Integer, Reign> voices = new TreeMap<>();

    /// @param founders how many replicas the cluster began with: 1 to so many
    KnownReplicas(int founders) {
        for (int id = 1; id <= founders; id++) {
            first.add(id);
        }
        known.addAll(first);
    }

    /// A replica says who the members are.
    ///
    /// @param enough so many must say the same
    /// @return true if others are known now
    boolean onTold(int from, Reign reign, int enough) {
        if (reign.epoch().value() <= epoch) {
            return false;
        }
        voices.put(from, reign);
        long equal = voices.values().stream().filter(reign::equals).count();
        if (equal < enough) {
            return false;
        }
        voices.clear();
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

    int size() {
        return known.size();
    }

    int[] toArray() {
        return known.stream().mapToInt(Integer::intValue).toArray();
    }
}
