package dev.lockstep.replica;

/// The bounds of one replica.
///
/// Those marked *agreed* take part in execution: they must be the same on every replica of a
/// cluster, or the replicas' replies differ.
///
/// @param requestBytes the largest command or query
/// @param replyBytes the largest reply; agreed
/// @param batchBytes a batch is closed when the next request would make it larger than this; a
///     larger request travels alone
/// @param inFlightBytes admitted here and not yet executed, all connections together
/// @param inFlightBytesPerConnection admitted for one connection and not yet answered
/// @param journalPendingBytes appended to the journal and not yet durable: no admission above it
/// @param parkedRequests how many of a session's requests may wait past a gap; agreed
/// @param parkedBytes how many bytes of commands may wait past a session's gap; agreed
/// @param minSessionTimeoutNanos shorter wishes of clients are raised to this
/// @param maxSessionTimeoutNanos longer wishes of clients are cut to this
/// @param pendingQueries how many queries may wait for their state
/// @param queryTimeoutNanos a query that has waited longer is answered `UNAVAILABLE`
public record ReplicaLimits(
        int requestBytes,
        int replyBytes,
        int batchBytes,
        long inFlightBytes,
        long inFlightBytesPerConnection,
        long journalPendingBytes,
        int parkedRequests,
        int parkedBytes,
        long minSessionTimeoutNanos,
        long maxSessionTimeoutNanos,
        int pendingQueries,
        long queryTimeoutNanos) {

    private static final int MIB = 1 << 20;
    private static final long SECOND = 1_000_000_000L;

    /// What holds unless configured otherwise.
    public static final ReplicaLimits DEFAULT =
            new ReplicaLimits(
                    8 * MIB,
                    8 * MIB,
                    MIB,
                    64L * MIB,
                    32L * MIB,
                    64L * MIB,
                    8_192,
                    16 * MIB,
                    SECOND,
                    24 * 3_600 * SECOND,
                    65_536,
                    5 * SECOND);

    public ReplicaLimits {
        requireWithin(requestBytes, 1, 32 * MIB, "requestBytes");
        requireWithin(replyBytes, 1, 32 * MIB, "replyBytes");
        requireWithin(batchBytes, 1, 16 * MIB, "batchBytes");
        requireWithin(inFlightBytes, 1, Long.MAX_VALUE, "inFlightBytes");
        requireWithin(inFlightBytesPerConnection, 1, Long.MAX_VALUE, "inFlightBytesPerConnection");
        requireWithin(journalPendingBytes, 1, Long.MAX_VALUE, "journalPendingBytes");
        requireWithin(parkedRequests, 1, 1 << 20, "parkedRequests");
        requireWithin(parkedBytes, 1, Integer.MAX_VALUE, "parkedBytes");
        requireWithin(minSessionTimeoutNanos, 1, maxSessionTimeoutNanos, "minSessionTimeoutNanos");
        requireWithin(maxSessionTimeoutNanos, 1, 1L << 60, "maxSessionTimeoutNanos");
        requireWithin(pendingQueries, 1, 1 << 24, "pendingQueries");
        requireWithin(queryTimeoutNanos, 1, 1L << 60, "queryTimeoutNanos");
    }

    private static void requireWithin(long value, long least, long most, String name) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; choose from " + least + " to " + most);
        }
    }
}
