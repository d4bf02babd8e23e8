package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Leads views with several blocks for one place, to different members and at different times, and
/// goes on with each branch (§9, 1 and 2).
final class EquivocatingLeader implements Adversary {

    private static final int MAX_BRANCHES = 3;

    private final Coven coven;

    /// By view, the last block of each branch.
    private final TreeMap<Long, List<ByzantineMessage.Propose>> branches = new TreeMap<>();

    EquivocatingLeader(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "equivocating leader";
    }

    @Override
    public void act() {
        long view = coven.view();
        if (!coven.loot().leads(view)) {
            return;
        }
        List<ByzantineMessage.Propose> open =
                branches.computeIfAbsent(view, _ -> new ArrayList<>());
        ByzantineMessage.Propose propose;
        boolean isNew = open.isEmpty() || (open.size() < MAX_BRANCHES && isOdd());
        if (isNew) {
            propose = begin(view);
            if (propose == null) {
                return;
            }
            open.add(propose);
        } else {
            int branch = coven.random().nextInt(open.size());
            propose = coven.next(open.get(branch).header());
            open.set(branch, propose);
        }
        int leader = coven.loot().any().leaderOf(view);
        if (coven.random().nextInt(4) == 0) {
            coven.slip(leader, coven.anyVictim(), propose, coven.soon());
        } else {
            coven.slipToSome(leader, propose);
        }
    }

    private boolean isOdd() {
        return coven.random().nextInt(2) == 0;
    }

    private ByzantineMessage.@Nullable Propose begin(long view) {
        TimeoutCertificate timeouts = null;
        if (view > 0) {
            timeouts = coven.loot().timeoutCertificate(view - 1, isOdd());
            if (timeouts == null) {
                return null;
            }
        }
        List<Certificate> locks = coven.loot().locks();
        boolean isHigh = coven.random().nextInt(3) > 0;
        int chosen = isHigh ? locks.size() - 1 : coven.random().nextInt(locks.size());
        coven.world().coverage().count("equivocating proposals");
        return coven.first(view, locks.get(chosen), timeouts);
    }
}
