package dev.lockstep.ordering.byzantine;

import java.util.List;

/// Gives views up without a reason and claims old locks, or higher ones than it has (§9, 9, 10 and
/// 14).
final class Liar implements Adversary {

    private final Coven coven;

    Liar(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "liar";
    }

    @Override
    public void act() {
        int liar = coven.anyOwn();
        long view = coven.view();
        List<Certificate> locks = coven.loot().locks();
        Certificate lock = locks.get(coven.random().nextInt(locks.size()));
        switch (coven.random().nextInt(3)) {
            case 0 -> coven.slipToSome(liar, coven.loot().timeout(liar, view, lock));
            case 1 -> coven.slipToSome(liar, new ByzantineMessage.Status(view, lock));
            default -> {
                // A lock that does not exist: nobody can show it.
                BlockRef block = new BlockRef(view, 7, 99, new Hash(1, 2, 3, 4));
                Certificate claimed = new Certificate(Phase.FIRST, block, lock.votes());
                coven.slipToSome(liar, coven.loot().timeout(liar, view, claimed));
            }
        }
    }
}
