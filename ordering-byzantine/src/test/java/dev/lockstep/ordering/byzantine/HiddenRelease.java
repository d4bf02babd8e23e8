package dev.lockstep.ordering.byzantine;

import java.util.List;

/// Makes certificates that nobody else has and shows them to one member, late (§9, 12 and 13).
final class HiddenRelease implements Adversary {

    private final Coven coven;

    HiddenRelease(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "hidden release";
    }

    @Override
    public void act() {
        Loot loot = coven.loot();
        List<Certificate> locks = loot.locks();
        Certificate lock = locks.get(coven.random().nextInt(locks.size()));
        if (coven.random().nextBoolean()) {
            lock = locks.getLast();
        }
        List<Certificate> commits = loot.commits();
        Certificate commit =
                commits.isEmpty() || coven.random().nextBoolean()
                        ? null
                        : commits.get(coven.random().nextInt(commits.size()));
        List<Long> views = loot.viewsGivenUp();
        TimeoutCertificate timeouts =
                views.isEmpty() || coven.random().nextBoolean()
                        ? null
                        : loot.timeoutCertificate(views.getLast(), coven.random().nextBoolean());
        coven.slip(
                coven.anyOwn(),
                coven.anyVictim(),
                new ByzantineMessage.SyncInfo(timeouts, lock, commit),
                coven.soon());
    }
}
