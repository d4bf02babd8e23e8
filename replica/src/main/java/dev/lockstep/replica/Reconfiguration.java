package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.authority.AuthorityView;

/// How the next epoch comes about; the fault model says which way ([dev.lockstep.core.HostPolicy]).
interface Reconfiguration {

    /// What [Replica#change] says.
    ChangeAnswer change(Now now, MemberChange change);

    /// What [Replica#wish] says.
    default ChangeAnswer wish(Now now, Wish wish) {
        return new ChangeAnswer.Refused(
                "members of this cluster change without anybody's signature: ask without one",
                false);
    }

    /// True if so many of the epoch's members are known to have begun it that members of the epoch
    /// before may go.
    boolean isSettled();

    /// An epoch has begun here, and this replica takes part or follows.
    void onBegun(Now now);

    /// The protocol suspects a member, or itself.
    void onSuspect(Now now, ReplicaId peer);

    /// The members that go on agree on what the epoch ends with.
    void onSealed(Now now, StopSign next, long attempt);

    /// The configuration authority has said how things stand.
    void onAuthority(Now now, AuthorityView view);

    void advance(Now now);

    long nextDeadlineNanos();
}
