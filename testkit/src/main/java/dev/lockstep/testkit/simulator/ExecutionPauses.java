package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Member;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;

import java.util.TreeMap;

/// Which replicas execute nothing at present, because a snapshot is written of a state that cannot
/// be frozen: never two members. Who knows of no epoch that it is a member of when its pause begins
/// may at any time, and nobody waits for one that was left out of the newest meanwhile.
final class ExecutionPauses {

    private record Pause(Member member, long position) {}

    private final TreeMap<ReplicaId, Pause> paused = new TreeMap<>();

    /// A replica executes nothing from now on.
    ///
    /// @param position after which
    /// @param isMember as far as it knows
    /// @param newest the last epoch that anybody has begun
    void begin(Member replica, long position, boolean isMember, Reign newest) {
        if (isMember && newest.isMember(replica)) {
            for (Pause other : paused.values()) {
                Violation.check(
                        !newest.isMember(other.member),
                        "one member at a time executes nothing: replica "
                                + replica.id()
                                + " after position "
                                + position
                                + ", while "
                                + other.member.id()
                                + " after "
                                + other.position);
            }
            paused.put(replica.id(), new Pause(replica, position));
        }
    }

    /// It executes again, or its process has ended.
    void end(ReplicaId id) {
        paused.remove(id);
    }
}
