package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.Nullable;

import java.util.TreeMap;
import java.util.TreeSet;

/// What leaders proposed: of every place the first header that came, and which views' leaders
/// proposed two (§4.3).
final class Headers {

    /// Headers of so many views ahead are kept.
    static final int VIEWS_AHEAD = 2;

    /// A proposal as it came.
    ///
    /// @param first what the first block of a view came with; null for others, and if only an echo
    ///     of it came
    record Proposed(BlockRef block, Echo echo, ByzantineMessage.@Nullable Propose first) {}

    private final TreeMap<Long, TreeMap<Integer, Proposed>> byView = new TreeMap<>();
    private final TreeSet<Long> equivocated = new TreeSet<>();

    /// Takes a header that its view's leader has signed.
    ///
    /// @return proof that the leader proposed two blocks for the place, if that is news
    ByzantineMessage.@Nullable Equivocation add(Proposed proposed) {
        Header header = proposed.echo().header();
        TreeMap<Integer, Proposed> places =
                byView.computeIfAbsent(header.view(), _ -> new TreeMap<>());
        Proposed before = places.get(header.seq());
        if (before == null) {
            places.put(header.seq(), proposed);
            return null;
        }
        if (before.block().equals(proposed.block())) {
            if (before.first() == null && proposed.first() != null) {
                places.put(header.seq(), proposed);
            }
            return null;
        }
        return equivocated.add(header.view())
                ? new ByzantineMessage.Equivocation(before.echo(), proposed.echo())
                : null;
    }

    @Nullable Proposed find(long view, int seq) {
        TreeMap<Integer, Proposed> places = byView.get(view);
        return places == null ? null : places.get(seq);
    }

    /// The last place of a view that anything was proposed for; 0 if nothing was.
    int lastSeq(long view) {
        TreeMap<Integer, Proposed> places = byView.get(view);
        return places == null || places.isEmpty() ? 0 : places.lastKey();
    }

    boolean isEquivocated(long view) {
        return equivocated.contains(view);
    }

    void forgetBelow(long view) {
        byView.headMap(view).clear();
        equivocated.headSet(view).clear();
    }

    /// What is below a committed block of the same view cannot be contradicted any more: whoever
    /// helped to commit it knew of no other.
    void forgetBelow(Rank committed) {
        TreeMap<Integer, Proposed> places = byView.get(committed.view());
        if (places != null) {
            places.headMap(committed.seq()).clear();
        }
    }

    int size() {
        return byView.values().stream().mapToInt(TreeMap::size).sum();
    }
}
