package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a fail-stop cluster promises, seen from outside: whatever was executed anywhere, also where
/// a crash has taken it back since, was the only thing at its position.
final class FailStopGhost {

    /// What some replica executed at a position, as the first one had it.
    private record Position(BatchId batch, long timeNanos, Bytes anchor) {}

    private final List<Position> positions = new ArrayList<>();
    private final TreeSet<BatchId> submitted = new TreeSet<>();
    private final TreeMap<BatchId, Long> delivered = new TreeMap<>();
    private final TreeMap<Long, StopSign> signs = new TreeMap<>();

    /// By origin and boot: the last batch executed.
    private final TreeMap<String, Long> lastOf = new TreeMap<>();

    void onSubmitted(BatchId batch) {
        submitted.add(batch);
    }

    void onDelivered(ReplicaId at, long position, Batch batch, long time, Bytes anchor) {
        Position here = new Position(batch.id(), time, anchor);
        if (position <= positions.size()) {
            Position first = positions.get((int) position - 1);
            if (!first.equals(here)) {
                throw fail(
                        "replica "
                                + at
                                + " has "
                                + here
                                + " where another had "
                                + first
                                + " at position "
                                + position);
            }
            return;
        }
        if (position != positions.size() + 1) {
            throw fail("position " + position + " follows " + positions.size());
        }
        positions.add(here);
        BatchId id = batch.id();
        if (id.boot() == BatchId.PROTOCOL_BOOT) {
            return;
        }
        if (!submitted.contains(id)) {
            throw fail("nobody submitted " + id);
        }
        if (delivered.put(id, position) != null) {
            throw fail(id + " is executed twice, the second time at " + position);
        }
        long last = lastOf.getOrDefault(id.origin() + "." + id.boot(), 0L);
        if (id.sequence() <= last) {
            throw fail(id + " comes after " + last);
        }
        lastOf.put(id.origin() + "." + id.boot(), id.sequence());
        if (position > 1 && positions.get((int) position - 2).timeNanos() > time) {
            throw fail("agreed time goes back at " + position);
        }
    }

    void onStopped(StopSign sign, long position) {
        StopSign before = signs.put(sign.next().value(), sign);
        if (before != null && !before.equals(sign)) {
            throw fail("epoch " + sign.next() + " begins as " + before + " and as " + sign);
        }
        if (position > positions.size()) {
            throw fail("an epoch ends at " + position + ", which nobody has executed");
        }
    }

    /// Everything executed anywhere.
    long highest() {
        return positions.size();
    }

    boolean isDelivered(BatchId batch) {
        return delivered.containsKey(batch);
    }

    static IllegalStateException fail(String what) {
        return new IllegalStateException(what);
    }
}
