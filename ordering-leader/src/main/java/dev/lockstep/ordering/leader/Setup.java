package dev.lockstep.ordering.leader;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.ReplicaId;

import java.util.random.RandomGenerator;

/// What never changes for one member in one epoch.
///
/// Members are addressed by rank, 0 to n-1, wherever there is something to remember of each.
///
/// @param self this member
/// @param rank its rank; -1 if it only observes
/// @param members all members
/// @param epoch the epoch
/// @param firstLeader who leads term 1
/// @param random for timeouts
/// @param options as configured
/// @param rules the protocol's decisions
record Setup(
        ReplicaId self,
        int rank,
        Membership members,
        Epoch epoch,
        ReplicaId firstLeader,
        RandomGenerator random,
        LeaderOptions options,
        Rules rules) {

    static Setup of(OrderingContext context, Rules rules) {
        return new Setup(
                context.self(),
                context.isMember() ? context.members().indexOf(context.self()) : -1,
                context.members(),
                context.epoch(),
                context.firstLeader(),
                context.random(),
                LeaderOptions.parse(context.options()),
                rules);
    }

    /// How many members there are.
    int size() {
        return members.size();
    }

    /// How many members decide.
    int quorum() {
        return rules.quorum(members.majority());
    }

    /// The member of a rank.
    ReplicaId idAt(int memberRank) {
        return members.idAt(memberRank);
    }

    /// True if this replica takes part.
    boolean isMember() {
        return rank >= 0;
    }

    /// This member's life.
    Incarnation incarnation() {
        return members.members().get(rank).incarnation();
    }

    /// A random duration, 0 to `boundNanos` inclusive.
    long draw(long boundNanos) {
        return boundNanos <= 0 ? 0 : random.nextLong(boundNanos + 1);
    }

    /// The `quorum`th largest of `values`, one a member; sorts them.
    long reachedByQuorum(long[] values) {
        // Insertion sort: a handful of values, and this runs for every acknowledgement.
        for (int i = 1; i < values.length; i++) {
            long value = values[i];
            int j = i - 1;
            while (j >= 0 && values[j] > value) {
                values[j + 1] = values[j];
                j--;
            }
            values[j + 1] = value;
        }
        return values[values.length - quorum()];
    }
}
