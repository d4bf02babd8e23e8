package dev.lockstep.ordering.stability;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.ReplicaId;

/// What never changes for one member in one epoch under fail-stop faults.
///
/// @param rank its rank; -1 if it only observes
record FailStopSetup(
        ReplicaId self,
        int rank,
        Membership members,
        Epoch epoch,
        FailStopOptions options,
        ClockSource clock,
        FailStopRules rules) {

    static FailStopSetup of(OrderingContext context, ClockSource clock, FailStopRules rules) {
        return new FailStopSetup(
                context.self(),
                context.isMember() ? context.members().indexOf(context.self()) : -1,
                context.members(),
                context.epoch(),
                FailStopOptions.parse(context.options()),
                clock,
                rules);
    }

    int size() {
        return members.size();
    }

    ReplicaId idAt(int memberRank) {
        return members.idAt(memberRank);
    }

    boolean isMember() {
        return rank >= 0;
    }

    Incarnation incarnationOf(int memberRank) {
        return members.members().get(memberRank).incarnation();
    }
}
