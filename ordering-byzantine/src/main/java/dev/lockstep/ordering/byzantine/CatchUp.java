package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.ReplicaId;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// Gets blocks that are missing from whoever has them, by hash (§4.4, §4.10).
///
/// A block that was asked for is believed because its hash is the one that was asked for; nothing
/// else is taken.
final class CatchUp {

    private final Setup setup;
    private final Turn turn;
    private final Post post;
    private final Chain chain;

    /// By hash: how often it was asked for.
    private final TreeMap<Hash, Integer> asked = new TreeMap<>();

    /// What is missing as of this step.
    private final TreeSet<Hash> missing = new TreeSet<>();

    private long nextAt = Long.MAX_VALUE;

    CatchUp(Setup setup, Turn turn, Post post, Chain chain) {
        this.setup = setup;
        this.turn = turn;
        this.post = post;
        this.chain = chain;
    }

    void want(Hash hash) {
        missing.add(hash);
    }

    /// How often the most wanted block was asked for in vain.
    int attempts() {
        return asked.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    void begin() {
        missing.clear();
    }

    /// Asks for what this step found missing and nobody was asked for yet.
    void advance() {
        if (asked.isEmpty() && missing.isEmpty()) {
            nextAt = Long.MAX_VALUE;
            return;
        }
        asked.keySet().retainAll(missing);
        for (Hash hash : missing) {
            if (!asked.containsKey(hash)) {
                ask(hash, 0);
            }
        }
        if (asked.isEmpty()) {
            nextAt = Long.MAX_VALUE;
        } else if (nextAt == Long.MAX_VALUE) {
            nextAt = turn.monotonicNanos() + setup.commitRule().fetchNanos();
            turn.setTimer(ByzantineTimer.FETCH, nextAt);
        }
    }

    void onTimer() {
        nextAt = Long.MAX_VALUE;
        if (setup.rules().asksAgain()) {
            List<Hash> again = new ArrayList<>(asked.keySet());
            again.forEach(hash -> ask(hash, asked.getOrDefault(hash, 0)));
        }
    }

    /// Asks everybody: a certificate's signers have it, and which of them answer nobody knows.
    /// Asking
    /// one after the other takes longer than a view may (B).
    private void ask(Hash hash, int times) {
        asked.put(hash, times + 1);
        post.broadcast(new ByzantineMessage.Fetch(hash, chain.height()));
    }

    /// Sends what is kept here of what was asked for; false if the asker is beyond all of it.
    boolean onFetch(ReplicaId from, ByzantineMessage.Fetch fetch) {
        List<Block> found = chain.downFrom(fetch.hash(), fetch.downTo(), ByzantineCodec.MAX_BLOCKS);
        if (!found.isEmpty()) {
            post.send(from, new ByzantineMessage.Blocks(found));
        }
        return !found.isEmpty();
    }

    void onBlocks(ByzantineMessage.Blocks message) {
        for (Block block : message.blocks()) {
            if (asked.containsKey(block.hash()) && block.isWhole()) {
                chain.add(block);
                asked.remove(block.hash());
                Hash parent = block.header().parent();
                if (!chain.has(parent) && !parent.equals(chain.tip())) {
                    asked.putIfAbsent(parent, 1);
                }
            }
        }
    }
}
