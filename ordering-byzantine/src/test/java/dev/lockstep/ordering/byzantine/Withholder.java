package dev.lockstep.ordering.byzantine;

/// Votes to one victim only, so that it alone sees certificates (§9, 4 and 5).
final class Withholder implements Adversary {

    private final Coven coven;
    private int victim = -1;

    Withholder(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "withholder";
    }

    @Override
    public void onReleased(int from, ByzantineMessage message) {
        if (victim < 0) {
            victim = coven.anyVictim();
        }
        if (message instanceof ByzantineMessage.Vote1 vote) {
            int voter = coven.anyOwn();
            coven.slip(voter, victim, coven.loot().vote1(voter, vote.block()), coven.soon());
        } else if (message instanceof ByzantineMessage.Vote2 vote) {
            int voter = coven.anyOwn();
            coven.slip(voter, victim, coven.loot().vote2(voter, vote.block(), true), coven.soon());
        }
    }

    @Override
    public void act() {
        if (coven.random().nextInt(10) == 0) {
            victim = coven.anyVictim();
        }
    }
}
