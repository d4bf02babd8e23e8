package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import java.util.ArrayList;
import java.util.List;

/// Shows certificates that are none: too few votes, one twice, of nobody, of the other phase, with
/// signatures of its own making (§9, 8 and 36).
final class Forger implements Adversary {

    private final Coven coven;

    Forger(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "forger";
    }

    @Override
    public void act() {
        List<BlockRef> blocks = coven.loot().blocks();
        if (blocks.isEmpty()) {
            return;
        }
        BlockRef block = blocks.get(coven.random().nextInt(blocks.size()));
        Phase phase = coven.random().nextBoolean() ? Phase.FIRST : Phase.SECOND;
        Certificate forged = new Certificate(phase, block, votes(phase, block));
        Certificate root = coven.loot().root();
        boolean isLock = phase == Phase.FIRST;
        TimeoutCertificate timeouts =
                coven.random().nextBoolean() ? null : timeouts(coven.view(), forged);
        coven.world()
                .slip(
                        coven.anyOwn(),
                        coven.anyVictim(),
                        new ByzantineMessage.SyncInfo(
                                timeouts, isLock ? forged : root, isLock ? null : forged),
                        coven.soon());
    }

    private List<Endorsement> votes(Phase phase, BlockRef block) {
        int own = coven.anyOwn();
        Endorsement genuine = new Endorsement(own, coven.loot().sign(own, phase, block));
        Bytes noise = new BytesWriter(8).putLong(coven.random().nextLong()).toBytes();
        int size = coven.loot().any().size();
        List<Endorsement> votes = new ArrayList<>();
        switch (coven.random().nextInt(4)) {
            case 0 -> votes.add(genuine);
            case 1 -> {
                for (int i = 0; i < size; i++) {
                    votes.add(genuine);
                }
            }
            case 2 -> {
                for (int rank = 0; rank < coven.loot().any().quorum(); rank++) {
                    votes.add(rank == own ? genuine : new Endorsement(rank, noise));
                }
            }
            default -> {
                for (int rank = 0; rank < coven.loot().any().quorum(); rank++) {
                    votes.add(new Endorsement(size - 1 + rank, genuine.signature()));
                }
            }
        }
        return votes;
    }

    private TimeoutCertificate timeouts(long view, Certificate lock) {
        int own = coven.anyOwn();
        Bytes signature = coven.loot().timeout(own, view, lock).signature();
        List<TimeoutClaim> claims = new ArrayList<>();
        boolean isOneTwice = coven.random().nextBoolean();
        for (int rank = 0; rank < coven.loot().any().quorum(); rank++) {
            claims.add(
                    new TimeoutClaim(
                            isOneTwice ? own : rank, lock.rank(), lock.block().hash(), signature));
        }
        return new TimeoutCertificate(view + 3, claims, lock);
    }
}
