package dev.lockstep.core;

import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.StopSignCodec;

/// One epoch as a host knows it: what the stop sign before it says, and where that was.
///
/// @param sign what began it; of a cluster's first epoch, what a stop sign would have said
/// @param after the last position of all epochs before it
public record Reign(StopSign sign, long after) {

    public Reign {
        if (after < 0) {
            throw new IllegalArgumentException("no epoch begins after position " + after);
        }
    }

    /// Which epoch.
    public Epoch epoch() {
        return sign.next();
    }

    /// Its members.
    public Membership members() {
        return sign.members();
    }

    /// True if this replica, in this life, is one of its members.
    public boolean isMember(Member replica) {
        int rank = members().indexOf(replica.id());
        return rank >= 0 && members().members().get(rank).equals(replica);
    }

    /// Appends it.
    public void encode(BytesWriter out) {
        out.putLong(after);
        StopSignCodec.encode(sign, out);
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws dev.lockstep.core.wire.MalformedException if it is none
    public static Reign decode(BytesReader in) {
        long after = in.getNonNegativeLong("position");
        return new Reign(StopSignCodec.decode(in), after);
    }
}
