package dev.lockstep.replica;

import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingProvider;

import java.util.SortedMap;
import java.util.function.IntUnaryOperator;

/// How many members must have the same for it to be right, and what follows where nobody does.
///
/// @param enough of so many members
/// @param isTieFatal true if members that differ, without so many that are right, must stop; false
///     if one of them may only have said so
record Jury(IntUnaryOperator enough, boolean isTieFatal) {

    static Jury of(OrderingProvider<?, ?> provider, SortedMap<String, String> options) {
        return switch (provider.policy().snapshots()) {
            case ANY_MEMBER -> MAJORITY;
            case VOUCHED -> new Jury(members -> provider.tolerated(members, options) + 1, false);
        };
    }

    /// A majority is right.
    static final Jury MAJORITY = new Jury(members -> members / 2 + 1, true);

    /// So many members' word is true: one's, where nobody lies.
    int voices(Membership members) {
        return isTieFatal ? 1 : enoughOf(members);
    }

    int enoughOf(Membership members) {
        return enough.applyAsInt(members.size());
    }
}
