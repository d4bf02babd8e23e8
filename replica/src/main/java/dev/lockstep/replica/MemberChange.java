package dev.lockstep.replica;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;

/// What an operator wants of the next epoch.
public sealed interface MemberChange {

    /// One more member.
    record Add(Member fresh) implements MemberChange {}

    /// One member less.
    record Remove(ReplicaId member) implements MemberChange {}

    /// One instead of another, which may be the same replica in its next life.
    record Replace(ReplicaId member, Member fresh) implements MemberChange {}

    /// The same members under another order.
    record Switch(FaultModel faults, String order) implements MemberChange {}
}
