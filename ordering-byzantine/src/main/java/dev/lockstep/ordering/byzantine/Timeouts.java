package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Invariant;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Who has given which views up. Of each member the two highest views are kept.
final class Timeouts {

    private static final int KEPT_OF_EACH = 2;

    private final Setup setup;
    private final List<TreeMap<Long, ByzantineMessage.Timeout>> byMember = new ArrayList<>();

    /// How many there are of all members together: as a rule none, and that is asked in every step.
    private int kept;

    Timeouts(Setup setup) {
        this.setup = setup;
        for (int member = 0; member < setup.size(); member++) {
            byMember.add(new TreeMap<>());
        }
    }

    void add(int member, ByzantineMessage.Timeout timeout) {
        TreeMap<Long, ByzantineMessage.Timeout> own = byMember.get(member);
        own.putIfAbsent(timeout.view(), timeout);
        if (own.size() > KEPT_OF_EACH) {
            own.pollFirstEntry();
        }
        count();
    }

    private void count() {
        kept = byMember.stream().mapToInt(TreeMap::size).sum();
    }

    /// True if the member has given the view up.
    boolean has(int member, long view) {
        return byMember.get(member).containsKey(view);
    }

    void forgetBelow(long view) {
        byMember.forEach(own -> own.headMap(view).clear());
        count();
    }

    /// The highest view from `view` on that so many members have given up; -1 if there is none.
    long givenUpBy(int members, long view) {
        long highest = -1;
        if (kept == 0) {
            return highest;
        }
        for (TreeMap<Long, ByzantineMessage.Timeout> own : byMember) {
            for (long candidate : own.tailMap(view).keySet()) {
                if (candidate > highest && count(candidate) >= members) {
                    highest = candidate;
                }
            }
        }
        return highest;
    }

    private int count(long view) {
        int count = 0;
        for (TreeMap<Long, ByzantineMessage.Timeout> own : byMember) {
            if (own.containsKey(view)) {
                count++;
            }
        }
        return count;
    }

    /// The certificate of a view that n-t members have given up.
    TimeoutCertificate certificate(long view) {
        List<TimeoutClaim> claims = new ArrayList<>();
        @Nullable Certificate highest = null;
        for (int member = 0; member < setup.size() && claims.size() < setup.quorum(); member++) {
            ByzantineMessage.Timeout timeout = byMember.get(member).get(view);
            if (timeout == null) {
                continue;
            }
            Certificate high = timeout.highQc1();
            claims.add(
                    new TimeoutClaim(
                            member, high.rank(), high.block().hash(), timeout.signature()));
            if (highest == null || highest.rank().isBelow(high.rank())) {
                highest = high;
            }
        }
        if (highest == null) {
            throw Invariant.broken("a view was given up by somebody");
        }
        return new TimeoutCertificate(view, claims, highest);
    }
}
