package dev.lockstep.ordering.stability;

import java.util.TreeMap;

/// What simulated runs came to do: a rule that no run uses is not tested.
///
/// Threading: may be shared by runs on several threads.
final class Coverage {

    private final TreeMap<String, Long> counts = new TreeMap<>();

    synchronized void note(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    synchronized long count(String what) {
        return counts.getOrDefault(what, 0L);
    }

    @Override
    public synchronized String toString() {
        return counts.toString();
    }
}
