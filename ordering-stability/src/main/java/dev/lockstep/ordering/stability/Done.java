package dev.lockstep.ordering.stability;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.Membership;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

/// Which commands have been executed: of each member all through one number, and some of the next
/// [#WINDOW].
///
/// A coordinator proposes a number only when all of its own that are [#WINDOW] lower are executed
/// there: what it executed was stable, so whatever is proposed later gets a higher id. In the order
/// of execution those come before, at every member, so that one word of bits is enough. A function
/// of the executed prefix, hence equal at all members at a position.
final class Done {

    /// Own commands under way, at most.
    static final int WINDOW = 64;

    private final Membership members;

    /// By rank: everything through here is executed.
    private final long[] frontier;

    /// By rank: bit i is frontier + 1 + i.
    private final long[] beyond;

    Done(Membership members) {
        this.members = members;
        this.frontier = new long[members.size()];
        this.beyond = new long[members.size()];
    }

    boolean contains(CommandId id) {
        int rank = rankOf(id);
        long ahead = id.number() - frontier[rank] - 1;
        return ahead < 0 || (ahead < WINDOW && (beyond[rank] >>> ahead & 1) != 0);
    }

    /// Notes that a command is executed; false if it cannot be, because it is done or too far
    /// ahead.
    boolean add(CommandId id) {
        int rank = rankOf(id);
        long ahead = id.number() - frontier[rank] - 1;
        if (ahead < 0 || ahead >= WINDOW || contains(id)) {
            return false;
        }
        beyond[rank] |= 1L << ahead;
        while ((beyond[rank] & 1) != 0) {
            beyond[rank] >>>= 1;
            frontier[rank]++;
        }
        return true;
    }

    private int rankOf(CommandId id) {
        int rank = members.indexOf(id.origin());
        Invariant.check(rank >= 0, "a command is a member's", id.origin().value());
        return rank;
    }

    /// All commands of a member through this number are executed.
    long frontier(int rank) {
        return frontier[rank];
    }

    /// No number of a member above this one is executed.
    long highest(int rank) {
        return frontier[rank] + WINDOW - Long.numberOfLeadingZeros(beyond[rank]);
    }

    void encode(BytesWriter out) {
        out.putByte(frontier.length);
        for (int rank = 0; rank < frontier.length; rank++) {
            out.putLong(frontier[rank]).putLong(beyond[rank]);
        }
    }

    /// Takes over what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none, or of another number of members
    void decode(BytesReader in) {
        int count = in.getByte();
        if (count != frontier.length) {
            throw new MalformedException(count + " members where there are " + frontier.length);
        }
        for (int rank = 0; rank < count; rank++) {
            frontier[rank] = in.getNonNegativeLong("number");
            beyond[rank] = in.getLong();
            if ((beyond[rank] & 1) != 0) {
                throw new MalformedException("the first number beyond all that are done is done");
            }
        }
    }
}
