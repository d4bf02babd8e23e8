package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.replica.ReplicaLimits;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// The cluster of a backup, and what takes part in executing its commands.
///
/// @param service as its configuration names it
/// @param serviceOptions the service's own options
/// @param replyBytes see [ReplicaLimits]
/// @param parkedRequests see [ReplicaLimits]
/// @param parkedBytes see [ReplicaLimits]
public record BackupOrigin(
        ClusterId cluster,
        String service,
        SortedMap<String, String> serviceOptions,
        int replyBytes,
        int parkedRequests,
        int parkedBytes) {

    public BackupOrigin {
        serviceOptions = Collections.unmodifiableSortedMap(new TreeMap<>(serviceOptions));
    }

    /// Those limits of the cluster on which what executing does depends; the others are defaults.
    ReplicaLimits limits() {
        ReplicaLimits other = ReplicaLimits.DEFAULT;
        return new ReplicaLimits(
                other.requestBytes(),
                replyBytes,
                other.batchBytes(),
                other.inFlightBytes(),
                other.inFlightBytesPerConnection(),
                other.journalPendingBytes(),
                parkedRequests,
                parkedBytes,
                other.minSessionTimeoutNanos(),
                other.maxSessionTimeoutNanos(),
                other.pendingQueries(),
                other.queryTimeoutNanos());
    }
}
