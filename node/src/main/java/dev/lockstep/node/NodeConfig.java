package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.ReplicaOptions;
import dev.lockstep.replica.SnapshotOptions;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Everything a node is told: cluster.yaml, and which of its members the node is. Values only.
///
/// @param source what sentences call the configuration: the path of its file, if it has one
/// @param clusterId which cluster; null to take the data directory's word
/// @param faults what a faulty replica may do
/// @param order how requests get their places
/// @param protocolOptions the order's own options
/// @param durability what a replica waits for before a record counts as durable
/// @param journalThreading which thread writes and syncs the journal
/// @param members where replicas are, this one among them: the members that the cluster began with,
///     and those that join it
/// @param self which member this node is
/// @param dataDirectory where all its files are
/// @param service a bundled service's name or a class's
/// @param serviceOptions the service's own options
/// @param limits the bounds of the replica
/// @param snapshots when snapshots are taken
/// @param clockMaxSkewNanos how far a local clock is believed to be from agreed time
/// @param compareStatesNanos how much agreed time passes between two comparisons of the members'
///     whole states
/// @param authority the configuration authority, under fail-stop faults; otherwise null
/// @param signatures how members and clients sign, where they do
public record NodeConfig(
        String source,
        @Nullable ClusterId clusterId,
        FaultModel faults,
        String order,
        SortedMap<String, String> protocolOptions,
        Durability durability,
        JournalThreading journalThreading,
        List<MemberConfig> members,
        ReplicaId self,
        Path dataDirectory,
        String service,
        SortedMap<String, String> serviceOptions,
        ReplicaLimits limits,
        SnapshotOptions snapshots,
        long clockMaxSkewNanos,
        long compareStatesNanos,
        @Nullable AuthorityConfig authority,
        SignatureConfig signatures) {

    public NodeConfig {
        protocolOptions = Collections.unmodifiableSortedMap(new TreeMap<>(protocolOptions));
        serviceOptions = Collections.unmodifiableSortedMap(new TreeMap<>(serviceOptions));
        members = List.copyOf(members);
    }

    /// The same without a configuration authority, comparing states as often as by default, and
    /// with the usual signatures.
    public NodeConfig(
            String source,
            @Nullable ClusterId clusterId,
            FaultModel faults,
            String order,
            SortedMap<String, String> protocolOptions,
            Durability durability,
            JournalThreading journalThreading,
            List<MemberConfig> members,
            ReplicaId self,
            Path dataDirectory,
            String service,
            SortedMap<String, String> serviceOptions,
            ReplicaLimits limits,
            SnapshotOptions snapshots,
            long clockMaxSkewNanos) {
        this(
                source,
                clusterId,
                faults,
                order,
                protocolOptions,
                durability,
                journalThreading,
                members,
                self,
                dataDirectory,
                service,
                serviceOptions,
                limits,
                snapshots,
                clockMaxSkewNanos,
                ReplicaOptions.DEFAULT_COMPARE_STATES_NANOS,
                null,
                SignatureConfig.DEFAULT);
    }

    /// Reads cluster.yaml for the member `id`.
    ///
    /// @throws ConfigException if the file cannot be read or says something that cannot be
    public static NodeConfig load(Path file, int id) {
        NodeConfig config = ConfigFile.read(file, id);
        ConfigRules.check(config);
        return config;
    }

    /// The members that the cluster begins with.
    public List<MemberConfig> founders() {
        return members.stream().filter(member -> !member.joins()).toList();
    }

    /// The member that this node is.
    public MemberConfig member() {
        for (MemberConfig member : members) {
            if (member.id().equals(self)) {
                return member;
            }
        }
        throw new ConfigException("replica " + self + " is not one of the members");
    }

    /// The same of another cluster.
    NodeConfig withClusterId(ClusterId other) {
        return with(
                other,
                order,
                protocolOptions,
                journalThreading,
                members,
                snapshots,
                compareStatesNanos);
    }

    /// The same in another order.
    NodeConfig withOrder(String other) {
        return with(
                clusterId,
                other,
                protocolOptions,
                journalThreading,
                members,
                snapshots,
                compareStatesNanos);
    }

    /// The same with other options of the order.
    NodeConfig withProtocolOptions(SortedMap<String, String> other) {
        return with(
                clusterId, order, other, journalThreading, members, snapshots, compareStatesNanos);
    }

    /// The same with another way to write the journal.
    NodeConfig withJournalThreading(JournalThreading other) {
        return with(
                clusterId, order, protocolOptions, other, members, snapshots, compareStatesNanos);
    }

    /// The same with another entry for the member that has the entry's id.
    NodeConfig withMember(MemberConfig other) {
        List<MemberConfig> replaced =
                members.stream().map(each -> each.id().equals(other.id()) ? other : each).toList();
        return with(
                clusterId,
                order,
                protocolOptions,
                journalThreading,
                replaced,
                snapshots,
                compareStatesNanos);
    }

    /// The same with snapshots at other times.
    NodeConfig withSnapshots(SnapshotOptions other) {
        return with(
                clusterId,
                order,
                protocolOptions,
                journalThreading,
                members,
                other,
                compareStatesNanos);
    }

    /// The same with other times between two comparisons of states.
    NodeConfig withCompareStatesNanos(long other) {
        return with(clusterId, order, protocolOptions, journalThreading, members, snapshots, other);
    }

    private NodeConfig with(
            @Nullable ClusterId newId,
            String newOrder,
            SortedMap<String, String> newOptions,
            JournalThreading newThreading,
            List<MemberConfig> newMembers,
            SnapshotOptions newSnapshots,
            long newCompareStatesNanos) {
        return new NodeConfig(
                source,
                newId,
                faults,
                newOrder,
                newOptions,
                durability,
                newThreading,
                newMembers,
                self,
                dataDirectory,
                service,
                serviceOptions,
                limits,
                newSnapshots,
                clockMaxSkewNanos,
                newCompareStatesNanos,
                authority,
                signatures);
    }
}
