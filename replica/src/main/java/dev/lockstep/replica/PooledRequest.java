package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// A request that a replica has and that is not ordered yet, as far as it knows.
final class PooledRequest {

    /// Whose it is and what tells it apart: the fields of its [RequestName].
    final int client;

    final long session;
    final long what;

    /// As it stands in a batch.
    final byte[] record;

    private final int bodyBytes;

    /// The order in which requests came.
    final long number;

    final long arrivedNanos;

    /// Not before this time is it passed on, monotonic.
    long passOnNanos;

    /// What was ordered when half of what makes a censor had passed; -1 before.
    long orderedAtHalf = -1;

    /// The last batch that it was found in when batches were judged; 0 before the first.
    long seenInJudgement;

    /// True once it is ordered, or nobody waits for that any more.
    boolean isGone;

    /// True while it is in no batch of this replica.
    boolean isWaiting;

    // Neighbours in the lists of [PooledRequests], which alone changes them.

    @Nullable PooledRequest older;
    @Nullable PooledRequest younger;
    @Nullable PooledRequest waitsBefore;
    @Nullable PooledRequest waitsAfter;

    PooledRequest(RequestName name, byte[] record, int bodyBytes, long number, long arrivedNanos) {
        this.client = name.client();
        this.session = name.session();
        this.what = name.what();
        this.record = record;
        this.bodyBytes = bodyBytes;
        this.number = number;
        this.arrivedNanos = arrivedNanos;
    }

    RequestName name() {
        return new RequestName(client, session, what);
    }

    Bytes body() {
        return Bytes.wrap(record, OpenBatch.HEADER_BYTES, bodyBytes);
    }

    /// True if the cursor is at this very request, byte for byte.
    boolean isAt(RequestCursor cursor) {
        int size = cursor.recordBytes();
        int from = cursor.recordOffset();
        return size == record.length
                && Arrays.equals(record, 0, size, cursor.array(), from, from + size);
    }
}
