package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.ordering.leader.LeaderMessage.Forward;

import org.jspecify.annotations.Nullable;

import java.util.TreeMap;

/// One follower's batches that came before the one they name: they wait for it, so that a network
/// that reorders costs no retry of everything behind. Bounded; what does not fit is sent again by
/// its origin.
final class ForwardQueue {

    private final long limitBytes;

    /// By the sequence of the batch that must come before.
    private final TreeMap<Long, Forward> waiting = new TreeMap<>();

    /// The boot of the origin that all of `waiting` is of.
    private @Nullable BatchId newest;

    /// The payloads of `waiting`.
    private long bytes;

    ForwardQueue(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    long bytes() {
        return bytes;
    }

    void clear() {
        waiting.clear();
        bytes = 0;
        newest = null;
    }

    void add(Forward forward) {
        BatchId id = forward.batch().id();
        BatchId before = newest;
        if (before != null
                && (before.boot() != id.boot() || !before.incarnation().equals(id.incarnation()))) {
            if (id.boot() < before.boot()) {
                return;
            }
            clear();
        }
        newest = id;
        if (bytes + cost(forward.batch()) > limitBytes) {
            return;
        }
        Forward replaced = waiting.put(forward.after(), forward);
        bytes += cost(forward.batch()) - (replaced == null ? 0 : cost(replaced.batch()));
    }

    /// The batch that must wait for the least; null if there is none.
    @Nullable Forward first() {
        return waiting.isEmpty() ? null : waiting.firstEntry().getValue();
    }

    void removeFirst() {
        bytes -= cost(waiting.pollFirstEntry().getValue().batch());
    }

    private static long cost(Batch batch) {
        return (long) LeaderCodec.ENTRY_BYTES + batch.payload().size();
    }
}
