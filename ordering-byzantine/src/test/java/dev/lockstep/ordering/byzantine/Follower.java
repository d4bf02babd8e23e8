package dev.lockstep.ordering.byzantine;

import java.util.TreeSet;

/// Does what honest members do, as far as votes and leading go: the background for other scripts.
final class Follower implements Adversary {

    private final Coven coven;
    private final TreeSet<Rank> first = new TreeSet<>();
    private final TreeSet<Rank> second = new TreeSet<>();
    private final TreeSet<Long> led = new TreeSet<>();

    Follower(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "follower";
    }

    @Override
    public void onReleased(int from, ByzantineMessage message) {
        long soon = coven.world().now() + 1;
        if (message instanceof ByzantineMessage.Propose propose) {
            vote(propose.header().ref(), soon);
        } else if (message instanceof ByzantineMessage.Vote1 vote) {
            vote(vote.block(), soon);
        } else if (message instanceof ByzantineMessage.Vote2 vote
                && second.add(vote.block().rank())) {
            for (int own : coven.loot().own()) {
                coven.slipToAll(own, coven.loot().vote2(own, vote.block(), true), soon);
            }
        }
    }

    private void vote(BlockRef block, long at) {
        if (first.add(block.rank())) {
            for (int own : coven.loot().own()) {
                coven.slipToAll(own, coven.loot().vote1(own, block), at);
            }
        }
    }

    @Override
    public void act() {
        long view = coven.view();
        if (!coven.loot().leads(view) || !led.add(view)) {
            return;
        }
        TimeoutCertificate timeouts =
                view == 0 ? null : coven.loot().timeoutCertificate(view - 1, false);
        if (view > 0 && timeouts == null) {
            led.remove(view);
            return;
        }
        ByzantineMessage.Propose propose =
                coven.first(view, coven.loot().locks().getLast(), timeouts);
        coven.slipToAll(coven.loot().any().leaderOf(view), propose, coven.world().now() + 1);
    }
}
