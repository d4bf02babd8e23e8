package dev.lockstep.ordering.stability;

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
/// @param random for back-off
/// @param options as configured
/// @param clock where candidates come from
/// @param rules the protocol's decisions
/// @param isAlone true if the other members are lost for good: one is then every quorum
record Setup(
        ReplicaId self,
        int rank,
        Membership members,
        Epoch epoch,
        RandomGenerator random,
        StabilityOptions options,
        ClockSource clock,
        Rules rules,
        boolean isAlone) {

    static Setup of(OrderingContext context, ClockSource clock, Rules rules) {
        return of(context, clock, rules, false);
    }

    static Setup of(OrderingContext context, ClockSource clock, Rules rules, boolean isAlone) {
        return new Setup(
                context.self(),
                context.isMember() ? context.members().indexOf(context.self()) : -1,
                context.members(),
                context.epoch(),
                context.random(),
                StabilityOptions.parse(context.options()),
                clock,
                rules,
                isAlone);
    }

    /// How many members there are (n).
    int size() {
        return members.size();
    }

    /// How many may crash (f).
    int tolerated() {
        return Math.min(options.tolerated(), (size() - 1) / 2);
    }

    /// A command's fast quorum, its coordinator included. At least a majority, also where no crash
    /// is tolerated.
    int fastQuorum() {
        return Math.max(size() / 2 + tolerated(), members.majority());
    }

    /// So many accept a value for good.
    int acceptQuorum() {
        return isAlone ? 1 : tolerated() + 1;
    }

    /// So many answer a recovery, or a reader.
    int recoveryQuorum() {
        return isAlone ? 1 : size() - tolerated();
    }

    /// So many floors make a timestamp stable.
    int majority() {
        return isAlone ? 1 : members.majority();
    }

    /// The member of a rank.
    ReplicaId idAt(int memberRank) {
        return members.idAt(memberRank);
    }

    /// The rank of a command's coordinator, -1 if it is no member.
    int rankOf(CommandId id) {
        return members.indexOf(id.origin());
    }

    /// True if this replica takes part.
    boolean isMember() {
        return rank >= 0;
    }

    /// A member's life.
    Incarnation incarnationOf(int memberRank) {
        return members.members().get(memberRank).incarnation();
    }
}
