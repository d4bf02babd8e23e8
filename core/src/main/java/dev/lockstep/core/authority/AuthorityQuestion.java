package dev.lockstep.core.authority;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;

/// What a replica says to the authority; the answer is an [AuthorityView].
///
/// @param cluster the asker's
/// @param first the epoch in which that cluster began: an authority that has never heard of the
///     cluster begins with it
/// @param by who asks, in its present life
public record AuthorityQuestion(ClusterId cluster, StopSign first, Member by, Word word) {

    /// What it says.
    public sealed interface Word {}

    /// It lives.
    ///
    /// @param epoch in which it is: it durably holds everything before
    /// @param isUpToDate true if it follows that epoch without being its member, and wants in
    public record Heartbeat(long epoch, boolean isUpToDate) implements Word {}

    /// It suspects a member; or itself: it has restarted, and takes part in this epoch no more.
    public record Suspicion(ReplicaId peer) implements Word {}

    /// The members that go on durably hold what the epoch ends with in this attempt.
    public record Sealed(StopSign next, long attempt) implements Word {}
}
