package dev.lockstep.replica;

import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.SortedMap;

/// A replica at one moment, for people, metrics and admission. Plain values, easily written as
/// JSON.
///
/// @param self which replica
/// @param epoch its epoch
/// @param member true if it takes part in the epoch; otherwise it only follows
/// @param serving true if it admits requests now
/// @param haltReason why it does nothing any more, or null
/// @param quarantineReason why it executes nothing and answers nobody while it goes on voting, or
///     null
/// @param preferredEntry where requests are ordered soonest, or null if unknown
/// @param executedPosition everything through here is executed
/// @param agreedTimeNanos agreed time at that position, nanoseconds since 1970
/// @param chainPosition the last position at which the reply chain was put on record; 0 before
/// @param chainDigest the reply chain there
/// @param sessions live sessions
/// @param inFlightBytes admitted here and not yet executed
/// @param inFlightBatches submitted here and not yet executed
/// @param waitingRequests requests whose clients wait here for an answer
/// @param waitingQueries queries that wait for their state
/// @param heldSends messages that wait for the journal
/// @param durableSequence the journal is durable through here
/// @param journalSequence the journal's last record
/// @param firstSequence the first record that the journal still has
/// @param snapshotPosition what the newest snapshot holds; 0 without one
/// @param commands executed since the process started, replay included
/// @param serviceFailures commands and deadlines on which the service threw, replay included
/// @param order the protocol's words and their values, such as `role` and `term`
public record ReplicaStatus(
        ReplicaId self,
        long epoch,
        boolean member,
        boolean serving,
        @Nullable String haltReason,
        @Nullable String quarantineReason,
        @Nullable ReplicaId preferredEntry,
        long executedPosition,
        long agreedTimeNanos,
        long chainPosition,
        long chainDigest,
        int sessions,
        long inFlightBytes,
        int inFlightBatches,
        int waitingRequests,
        int waitingQueries,
        int heldSends,
        long durableSequence,
        long journalSequence,
        long firstSequence,
        long snapshotPosition,
        long commands,
        long serviceFailures,
        SortedMap<String, String> order) {}
