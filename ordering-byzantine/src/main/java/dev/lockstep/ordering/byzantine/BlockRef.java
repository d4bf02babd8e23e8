package dev.lockstep.ordering.byzantine;

/// A block as votes name it.
///
/// @param height the block's position
record BlockRef(long view, int seq, long height, Hash hash) {

    Rank rank() {
        return new Rank(view, seq);
    }

    @Override
    public String toString() {
        return view + "." + seq + "@" + height + ":" + hash;
    }
}
