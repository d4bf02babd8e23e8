package dev.lockstep.ordering.byzantine;

/// Votes for everything, both branches, in both phases, to some (§9, 6 and 7).
final class DoubleVoter implements Adversary {

    private final Coven coven;

    DoubleVoter(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "double voter";
    }

    @Override
    public void onReleased(int from, ByzantineMessage message) {
        switch (message) {
            case ByzantineMessage.Propose it -> vote(it.header().ref());
            case ByzantineMessage.Vote1 it -> vote(it.block());
            case ByzantineMessage.Vote2 it -> vote(it.block());
            default -> {}
        }
    }

    @Override
    public void act() {
        var blocks = coven.loot().blocks();
        if (!blocks.isEmpty()) {
            int last = Math.max(0, blocks.size() - 4);
            vote(blocks.get(last + coven.random().nextInt(blocks.size() - last)));
        }
    }

    private void vote(BlockRef block) {
        if (coven.random().nextInt(3) == 0) {
            return;
        }
        int voter = coven.anyOwn();
        if (coven.random().nextBoolean()) {
            coven.slipToSome(voter, coven.loot().vote1(voter, block));
        }
        if (coven.random().nextBoolean()) {
            boolean withLock = coven.random().nextBoolean();
            coven.slipToSome(voter, coven.loot().vote2(voter, block, withLock));
        }
    }
}
