package dev.lockstep.ordering.byzantine;

import java.util.List;

/// Leads views on a lower lock than what the timeouts show, or than members hold (§9, 9 and 11).
final class LowLeader implements Adversary {

    private final Coven coven;
    private long lastView = -1;

    LowLeader(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "low leader";
    }

    @Override
    public void act() {
        long view = coven.view();
        if (!coven.loot().leads(view) || view == 0 || view == lastView) {
            return;
        }
        TimeoutCertificate timeouts = coven.loot().timeoutCertificate(view - 1, true);
        if (timeouts == null) {
            return;
        }
        lastView = view;
        List<Certificate> locks = coven.loot().locks();
        Certificate lock = locks.get(coven.random().nextInt(locks.size()));
        ByzantineMessage.Propose propose = coven.first(view, lock, timeouts);
        coven.slipToSome(coven.loot().any().leaderOf(view), propose);
    }
}
