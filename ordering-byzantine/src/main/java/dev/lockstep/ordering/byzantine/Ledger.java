package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.StopSign;

import java.util.List;
import java.util.TreeMap;

/// Blocks in the journal, and the delivered positions (§4.6).
final class Ledger {

    private final Setup setup;
    private final Turn turn;
    private final Chain chain;
    private final Certificates certificates;

    /// The records that blocks are in.
    private final TreeMap<Hash, Long> stored = new TreeMap<>();

    /// By a batch's name: the block that was written down last with it.
    private final TreeMap<BatchId, Hash> named = new TreeMap<>();

    /// By height: the first record of it that is needed.
    private final TreeMap<Long, Long> needed = new TreeMap<>();

    private boolean ended;

    Ledger(Setup setup, Turn turn, Chain chain, Certificates certificates) {
        this.setup = setup;
        this.turn = turn;
        this.chain = chain;
        this.certificates = certificates;
    }

    boolean hasEnded() {
        return ended;
    }

    void store(Block block) {
        if (!stored.containsKey(block.hash())) {
            onStored(turn.persist(new ByzantineRecord.Stored(block)), block);
        }
    }

    void onStored(long sequence, Block block) {
        stored.put(block.hash(), sequence);
        named.put(block.payload().batch().id(), block.hash());
        needed.merge(block.header().height(), sequence, Math::min);
    }

    /// Delivers a block, the next after what is committed.
    void commit(Block block, List<Header> path, Certificate commit) {
        Anchor anchor =
                new Anchor(
                        setup.epoch().value(),
                        certificates.root(),
                        block.header(),
                        path,
                        commit,
                        block.payload().sign());
        commit(block, anchor);
    }

    void commit(Block block, Anchor anchor) {
        if (!block.hash().equals(named.get(block.payload().batch().id()))) {
            // Hosts find a delivered batch by its name: another block that a liar gave the same one
            // was written down later.
            stored.remove(block.hash());
        }
        store(block);
        turn.persistLazily(new ByzantineRecord.Delivered(anchor));
        deliver(block, anchor);
    }

    /// Delivers what the journal says was delivered, as far as it follows what is known: where a
    /// snapshot is lost that the journal leads on from, nothing does, and the host finds that out.
    void replay(Anchor anchor) {
        if (anchor.header().height() != chain.height() + 1) {
            return;
        }
        Block block = chain.find(anchor.header().hash());
        if (block != null && block.header().parent().equals(chain.tip())) {
            deliver(block, anchor);
        }
    }

    private void deliver(Block block, Anchor anchor) {
        Invariant.check(
                block.header().parent().equals(chain.tip()), "a block follows what is committed");
        for (Block old : chain.commit(block)) {
            stored.remove(old.hash());
            named.remove(old.payload().batch().id(), old.hash());
        }
        turn.emit(
                new Effect.Deliver<>(
                        chain.height(),
                        block.payload().batch(),
                        block.header().timeNanos(),
                        anchor.bytes()));
        StopSign sign = block.payload().sign();
        if (sign != null) {
            end(sign);
        }
    }

    void end(StopSign sign) {
        ended = true;
        turn.emit(new Effect.Stopped<>(sign, chain.height()));
    }

    /// The first record that positions after `position` need; `Long.MAX_VALUE` if there is none.
    long neededAfter(long position) {
        needed.headMap(position, true).clear();
        return needed.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
    }
}
