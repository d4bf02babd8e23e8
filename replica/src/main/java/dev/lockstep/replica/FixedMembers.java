package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.authority.AuthorityView;

/// Who the members are, and in which order they work, stays as it is.
///
/// Where members lie, all honest ones must want the same stop sign, and a replica that was asked
/// alone, or one that replaces another unasked when it leads, would propose what nobody else votes
/// for: each such leader costs a view.
final class FixedMembers implements Reconfiguration {

    static final String SENTENCE =
            "the members and the order of a cluster in which members may lie cannot be changed yet:"
                    + " begin a new cluster for others";

    @Override
    public ChangeAnswer change(Now now, MemberChange change) {
        return new ChangeAnswer.Refused(SENTENCE, false);
    }

    @Override
    public boolean isSettled() {
        return true;
    }

    @Override
    public void onBegun(Now now) {}

    @Override
    public void onSuspect(Now now, ReplicaId peer) {}

    @Override
    public void onSealed(Now now, StopSign next, long attempt) {}

    @Override
    public void onAuthority(Now now, AuthorityView view) {}

    @Override
    public void advance(Now now) {}

    @Override
    public long nextDeadlineNanos() {
        return Long.MAX_VALUE;
    }
}
