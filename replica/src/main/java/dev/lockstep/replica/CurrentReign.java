package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;

/// The epoch that a replica is in, for all of its parts.
final class CurrentReign {

    private final Member self;
    private Reign reign;

    CurrentReign(Member self, Reign first) {
        this.self = self;
        this.reign = first;
    }

    Reign get() {
        return reign;
    }

    void set(Reign next) {
        reign = next;
    }

    long epoch() {
        return reign.epoch().value();
    }

    Membership members() {
        return reign.members();
    }

    /// True if this replica takes part; otherwise it only follows.
    boolean isMember() {
        return reign.isMember(self);
    }

    Member member() {
        return self;
    }

    ReplicaId self() {
        return self.id();
    }

    /// This replica's rank among the members; -1 if it is none.
    int rank() {
        return isMember() ? members().indexOf(self.id()) : -1;
    }
}
