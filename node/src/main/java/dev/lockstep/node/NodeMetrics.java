package dev.lockstep.node;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.ClientReply;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a node counts, from its start.
///
/// Threading: the loop's thread writes; others read a [#copy].
final class NodeMetrics {

    private static final int STATUSES = ClientReply.Status.values().length;

    /// Requests that came in on client connections.
    long clientRequests;

    /// Replies that went out on client connections.
    long clientReplies;

    /// Client connections that were accepted.
    long clientsAccepted;

    /// Client connections that were closed because they did not take their replies.
    long clientsTooSlow;

    /// Commands that gateways issued.
    long gatewayCommands;

    /// Queries that clients and gateways asked.
    long queries;

    /// Frames from other members.
    long peerFrames;

    /// Times that a connection to another member ended or could not be made.
    long peersLost;
    long journalsMended;
    long recordsRepaired;

    /// Messages of members whose signatures were not genuine.
    long forgedMessages;

    /// Requests on client connections that no client of the cluster has signed.
    long forgedRequests;

    /// By member: how often it was proved that it lies.
    private SortedMap<ReplicaId, Long> evidence = new TreeMap<>();

    /// Batches of requests that were admitted here.
    long batches;

    /// Requests in them.
    long batchedRequests;

    /// Batches that were ordered twice and skipped the second time.
    long repeatedBatches;

    long sessionsOpened;
    long sessionsClosed;
    long sessionsExpired;

    /// Groups of records that became durable.
    long groups;

    /// Snapshots that became durable.
    long snapshots;

    /// Snapshots for which there was no room.
    long snapshotsFailed;

    /// Requests that were not admitted, by the ordinal of the status they got.
    private long[] notAdmitted = new long[STATUSES];

    /// Hears of every group; does nothing until somebody scrapes, on whose thread it is set.
    private volatile GroupObserver groupObserver = (_, _) -> {};

    /// Hears of groups that became durable.
    interface GroupObserver {

        /// A group of `bytes` took `nanos` to write and force.
        void onGroup(long bytes, long nanos);
    }

    void observeGroups(GroupObserver observer) {
        groupObserver = observer;
    }

    void onGroup(long bytes, long nanos) {
        groups++;
        groupObserver.onGroup(bytes, nanos);
    }

    void onEvidence(ReplicaId about) {
        evidence.merge(about, 1L, Long::sum);
    }

    /// By member: how often it was proved that it lies.
    SortedMap<ReplicaId, Long> evidence() {
        return Collections.unmodifiableSortedMap(evidence);
    }

    void onNotAdmitted(ClientReply.Status status) {
        notAdmitted[status.ordinal()]++;
    }

    long notAdmitted(ClientReply.Status status) {
        return notAdmitted[status.ordinal()];
    }

    NodeMetrics copy() {
        NodeMetrics copy = new NodeMetrics();
        copy.clientRequests = clientRequests;
        copy.clientReplies = clientReplies;
        copy.clientsAccepted = clientsAccepted;
        copy.clientsTooSlow = clientsTooSlow;
        copy.gatewayCommands = gatewayCommands;
        copy.queries = queries;
        copy.peerFrames = peerFrames;
        copy.peersLost = peersLost;
        copy.journalsMended = journalsMended;
        copy.recordsRepaired = recordsRepaired;
        copy.batches = batches;
        copy.batchedRequests = batchedRequests;
        copy.repeatedBatches = repeatedBatches;
        copy.sessionsOpened = sessionsOpened;
        copy.sessionsClosed = sessionsClosed;
        copy.sessionsExpired = sessionsExpired;
        copy.groups = groups;
        copy.forgedMessages = forgedMessages;
        copy.forgedRequests = forgedRequests;
        copy.evidence = new TreeMap<>(evidence);
        copy.snapshots = snapshots;
        copy.snapshotsFailed = snapshotsFailed;
        copy.notAdmitted = notAdmitted.clone();
        return copy;
    }
}
