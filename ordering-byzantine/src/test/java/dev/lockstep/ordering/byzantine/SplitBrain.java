package dev.lockstep.ordering.byzantine;

import java.util.List;
import java.util.TreeSet;

/// Leads a view with two blocks for one place, timed around the bound and its double: one member
/// is to vote twice for the one before it hears of the other, the rest are to lock the other
/// (§13, the split-brain script).
final class SplitBrain implements Adversary {

    private final Coven coven;
    private final TreeSet<Long> done = new TreeSet<>();

    SplitBrain(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "split brain";
    }

    @Override
    public void act() {
        long view = coven.world().highestView();
        if (!coven.loot().leads(view) || done.contains(view)) {
            return;
        }
        TimeoutCertificate timeouts =
                view == 0 ? null : coven.loot().timeoutCertificate(view - 1, false);
        if (view > 0 && timeouts == null) {
            return;
        }
        done.add(view);
        List<Certificate> locks = coven.loot().locks();
        ByzantineMessage.Propose left = coven.first(view, locks.getLast(), timeouts);
        ByzantineMessage.Propose right = coven.first(view, locks.getLast(), timeouts);
        int leader = coven.loot().any().leaderOf(view);
        int victim = coven.anyVictim();
        long start = coven.world().now();
        long gap = gap();
        coven.slip(leader, victim, left, start);
        coven.world().at(start + gap, () -> betray(leader, victim, right));
        coven.world().at(start + gap(), () -> help(victim, left.header().ref()));
        coven.world().at(start + gap + gap(), () -> vote(right.header().ref()));
    }

    private long gap() {
        long delta = Network.DELTA;
        long[] gaps = {delta - 1, delta, delta + 1, 2 * delta - 1, 2 * delta, delta / 2, 0};
        return gaps[coven.random().nextInt(gaps.length)];
    }

    /// The others get the other block.
    private void betray(int leader, int victim, ByzantineMessage.Propose right) {
        for (SimHost host : coven.world().hosts()) {
            if (host.rank() != victim) {
                coven.slip(leader, host.rank(), right, coven.world().now());
            }
        }
    }

    /// The victim gets what makes its lock.
    private void help(int victim, BlockRef left) {
        for (int own : coven.loot().own()) {
            coven.slip(own, victim, coven.loot().vote1(own, left), coven.world().now());
        }
        Certificate lock = coven.loot().certificate(Phase.FIRST, left);
        if (lock != null) {
            ByzantineMessage message = new ByzantineMessage.SyncInfo(null, lock, null);
            coven.slip(coven.anyOwn(), victim, message, coven.soon());
        }
    }

    private void vote(BlockRef right) {
        for (int own : coven.loot().own()) {
            for (SimHost host : coven.world().hosts()) {
                coven.slip(own, host.rank(), coven.loot().vote1(own, right), coven.soon());
            }
        }
    }
}
