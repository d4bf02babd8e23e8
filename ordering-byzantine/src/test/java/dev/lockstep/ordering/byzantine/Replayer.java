package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;

import java.util.ArrayList;
import java.util.List;

/// Says again what was said in earlier views, by others, in another epoch or another cluster (§9,
/// 16 and 31).
final class Replayer implements Adversary {

    private final Coven coven;
    private final List<ByzantineMessage> heard = new ArrayList<>();

    Replayer(Coven coven) {
        this.coven = coven;
    }

    @Override
    public String name() {
        return "replayer";
    }

    @Override
    public void onReleased(int from, ByzantineMessage message) {
        if (heard.size() < 1000) {
            heard.add(message);
        }
    }

    @Override
    public void act() {
        if (heard.isEmpty()) {
            return;
        }
        ByzantineMessage old = heard.get(coven.random().nextInt(heard.size()));
        int own = coven.anyOwn();
        if (coven.random().nextBoolean()) {
            coven.slip(own, coven.anyVictim(), old, coven.soon());
            return;
        }
        List<BlockRef> blocks = coven.loot().blocks();
        if (blocks.isEmpty()) {
            return;
        }
        BlockRef block = blocks.get(coven.random().nextInt(blocks.size()));
        boolean isOtherEpoch = coven.random().nextBoolean();
        SignedBytes elsewhere =
                new SignedBytes(
                        coven.loot().any().commitRule().setting(),
                        isOtherEpoch ? Keys.CLUSTER : new ClusterId(1, 1),
                        new Epoch(isOtherEpoch ? 2 : 1));
        Credentials.Signer signer = coven.loot().signer(own);
        // Not noted: it counts for nothing here.
        coven.world()
                .slip(
                        own,
                        coven.anyVictim(),
                        new ByzantineMessage.Vote2(
                                block, signer.sign(elsewhere.vote(Phase.SECOND, block)), null),
                        coven.soon());
    }
}
