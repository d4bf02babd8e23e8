package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// Who a replica is, with whom, and within which bounds.
///
/// @param clusterId of which cluster; also seeds the randomness of commands
/// @param groupId which of the cluster's state machines
/// @param self this replica; if it is not one of the members, it only follows them
/// @param incarnation this replica's life, from its identity file
/// @param boot how many times its process has started in that life, from 1; never used twice
/// @param members the member set of the epoch
/// @param epoch the epoch to begin in if neither a snapshot nor the journal knows a later one
/// @param firstLeader where an order with a leader begins
/// @param limits the bounds
/// @param clockMaxSkewNanos how far a local clock is believed to be from agreed time
/// @param durable false if nothing is synced, so that admission need not wait for it
/// @param snapshots when snapshots are taken
/// @param compareStatesNanos how much agreed time passes between two comparisons of the members'
///     whole states; the same on all members
/// @param protocolOptions the protocol's own, checked by its provider
public record ReplicaOptions(
        ClusterId clusterId,
        GroupId groupId,
        ReplicaId self,
        Incarnation incarnation,
        int boot,
        Membership members,
        Epoch epoch,
        ReplicaId firstLeader,
        ReplicaLimits limits,
        long clockMaxSkewNanos,
        boolean durable,
        SnapshotOptions snapshots,
        long compareStatesNanos,
        SortedMap<String, String> protocolOptions) {

    /// How far a local clock is believed to be from agreed time unless configured otherwise.
    public static final long DEFAULT_CLOCK_MAX_SKEW_NANOS = 1_000_000_000L;

    /// States are compared once an hour unless configured otherwise.
    public static final long DEFAULT_COMPARE_STATES_NANOS = 3_600_000_000_000L;

    public ReplicaOptions {
        if (!members.contains(firstLeader)) {
            throw new IllegalArgumentException(
                    "the first leader " + firstLeader + " is not one of the members " + members);
        }
        if (boot < 1) {
            throw new IllegalArgumentException("boot is " + boot + "; it counts from 1");
        }
        if (clockMaxSkewNanos < 0) {
            throw new IllegalArgumentException(
                    "clockMaxSkewNanos is " + clockMaxSkewNanos + "; it is not negative");
        }
        if (compareStatesNanos < 1) {
            throw new IllegalArgumentException(
                    "compareStatesNanos is " + compareStatesNanos + "; it is at least 1");
        }
        protocolOptions = Collections.unmodifiableSortedMap(new TreeMap<>(protocolOptions));
    }

    /// Group 0 in the first epoch with default bounds, beginning at the lowest member.
    public static ReplicaOptions of(
            ClusterId clusterId,
            ReplicaId self,
            Incarnation incarnation,
            int boot,
            Membership members) {
        return new ReplicaOptions(
                clusterId,
                GroupId.ZERO,
                self,
                incarnation,
                boot,
                members,
                Epoch.FIRST,
                members.idAt(0),
                ReplicaLimits.DEFAULT,
                DEFAULT_CLOCK_MAX_SKEW_NANOS,
                true,
                SnapshotOptions.DEFAULT,
                DEFAULT_COMPARE_STATES_NANOS,
                new TreeMap<>());
    }

    /// The same with other bounds.
    public ReplicaOptions withLimits(ReplicaLimits other) {
        return new ReplicaOptions(
                clusterId,
                groupId,
                self,
                incarnation,
                boot,
                members,
                epoch,
                firstLeader,
                other,
                clockMaxSkewNanos,
                durable,
                snapshots,
                compareStatesNanos,
                protocolOptions);
    }

    /// The same with another believed skew of clocks.
    public ReplicaOptions withClockMaxSkewNanos(long other) {
        return new ReplicaOptions(
                clusterId,
                groupId,
                self,
                incarnation,
                boot,
                members,
                epoch,
                firstLeader,
                limits,
                other,
                durable,
                snapshots,
                compareStatesNanos,
                protocolOptions);
    }

    /// The same with or without syncing.
    public ReplicaOptions withDurable(boolean other) {
        return new ReplicaOptions(
                clusterId,
                groupId,
                self,
                incarnation,
                boot,
                members,
                epoch,
                firstLeader,
                limits,
                clockMaxSkewNanos,
                other,
                snapshots,
                compareStatesNanos,
                protocolOptions);
    }

    /// The same with snapshots at other times.
    public ReplicaOptions withSnapshots(SnapshotOptions other) {
        return new ReplicaOptions(
                clusterId,
                groupId,
                self,
                incarnation,
                boot,
                members,
                epoch,
                firstLeader,
                limits,
                clockMaxSkewNanos,
                durable,
                other,
                compareStatesNanos,
                protocolOptions);
    }

    /// The same with other times between two comparisons of states.
    public ReplicaOptions withCompareStatesNanos(long other) {
        return new ReplicaOptions(
                clusterId,
                groupId,
                self,
                incarnation,
                boot,
                members,
                epoch,
                firstLeader,
                limits,
                clockMaxSkewNanos,
                durable,
                snapshots,
                other,
                protocolOptions);
    }

    /// The same with other options of the protocol.
    public ReplicaOptions withProtocolOptions(SortedMap<String, String> other) {
        return new ReplicaOptions(
                clusterId,
                groupId,
                self,
                incarnation,
                boot,
                members,
                epoch,
                firstLeader,
                limits,
                clockMaxSkewNanos,
                durable,
                snapshots,
                compareStatesNanos,
                other);
    }
}
