package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The blocks that are here, linked by hash, and how far they are committed.
final class Chain {

    /// Committed blocks that are kept for members that lack them.
    static final int KEPT_HEIGHTS = 64;

    /// The way from what is committed to a block.
    ///
    /// @param blocks ascending; empty unless all are here
    /// @param missing the first one from above that is not here
    /// @param contradicts true if the block does not come after what is committed
    record Path(List<Block> blocks, @Nullable Hash missing, boolean contradicts) {
        Path {
            blocks = List.copyOf(blocks);
        }

        boolean isWhole() {
            return missing == null && !contradicts;
        }
    }

    private final int keptHeights;
    private final TreeMap<Hash, Block> blocks = new TreeMap<>();

    /// The same by height: those of each that came.
    private final TreeMap<Long, List<Block>> byHeight = new TreeMap<>();

    /// The last committed heights, each with its block.
    private final TreeMap<Long, Hash> committed = new TreeMap<>();

    /// What was committed since anybody looked.
    private final TreeMap<Long, Batch> news = new TreeMap<>();

    /// The last committed block, or where the epoch begins.
    private Hash tip = Header.NO_HASH;

    private long height;
    private long timeNanos;

    /// The rank of the last committed block; that of the root before the first.
    private Rank rank = Rank.ROOT;

    Chain(int keptHeights) {
        this.keptHeights = keptHeights;
    }

    void begin(long atHeight, Hash hash, long atTimeNanos, Rank atRank) {
        height = atHeight;
        tip = hash;
        timeNanos = atTimeNanos;
        rank = atRank;
        committed.put(atHeight, hash);
    }

    long height() {
        return height;
    }

    Hash tip() {
        return tip;
    }

    /// The rank of the last committed block.
    Rank rank() {
        return rank;
    }

    boolean add(Block block) {
        boolean isNew = blocks.putIfAbsent(block.hash(), block) == null;
        if (isNew) {
            byHeight.computeIfAbsent(block.header().height(), _ -> new ArrayList<>(1)).add(block);
        }
        return isNew;
    }

    @Nullable Block find(Hash hash) {
        return blocks.get(hash);
    }

    boolean has(Hash hash) {
        return blocks.containsKey(hash);
    }

    /// The agreed time at a block that is here or committed.
    long timeAt(Hash hash) {
        Block block = blocks.get(hash);
        return block == null || hash.equals(tip) ? timeNanos : block.header().timeNanos();
    }

    /// The height of a block that is here or committed.
    long heightOf(Hash hash) {
        Block block = blocks.get(hash);
        return block == null || hash.equals(tip) ? height : block.header().height();
    }

    /// True if only closing blocks may follow the block.
    boolean ends(Hash hash) {
        Block block = blocks.get(hash);
        return block != null && block.ends();
    }

    /// True if another block is committed at this one's height.
    boolean contradicts(BlockRef block) {
        Hash there = committed.get(block.height());
        return there != null && !there.equals(block.hash());
    }

    /// What was committed since this was asked last, by height.
    SortedMap<Long, Batch> takeNews() {
        TreeMap<Long, Batch> taken = new TreeMap<>(news);
        news.clear();
        return taken;
    }

    Path path(Hash to) {
        ArrayDeque<Block> path = new ArrayDeque<>();
        Hash at = to;
        while (!at.equals(tip)) {
            Block block = blocks.get(at);
            if (block == null) {
                return new Path(List.of(), at, false);
            }
            if (block.header().height() <= height && !block.header().isClosing()) {
                return new Path(List.of(), null, true);
            }
            path.addFirst(block);
            at = block.header().parent();
        }
        return new Path(new ArrayList<>(path), null, false);
    }

    /// The block and those before it, as far as they are here and higher than `downTo`.
    List<Block> downFrom(Hash hash, long downTo, int most) {
        List<Block> found = new ArrayList<>();
        Block block = blocks.get(hash);
        while (block != null && found.size() < most && block.header().height() > downTo) {
            found.add(block);
            block = blocks.get(block.header().parent());
        }
        return found;
    }

    /// The block is the next one that is committed.
    ///
    /// @return the blocks that are so far below it that they are forgotten
    List<Block> commit(Block block) {
        news.put(block.header().height(), block.payload().batch());
        tip = block.hash();
        height = block.header().height();
        timeNanos = block.header().timeNanos();
        rank = block.header().rank();
        committed.put(height, tip);
        committed.headMap(height - keptHeights).clear();
        List<Block> forgotten = new ArrayList<>();
        SortedMap<Long, List<Block>> below = byHeight.headMap(height - keptHeights);
        below.values().forEach(forgotten::addAll);
        below.clear();
        forgotten.forEach(old -> blocks.remove(old.hash()));
        return forgotten;
    }

    int size() {
        return blocks.size();
    }
}
