package dev.lockstep.ordering.byzantine;

import java.util.List;

/// The votes of n-t members in one phase on one block: QC1 or QC2 (§3, kinds 6 and 7).
///
/// @param votes by ascending rank; none for where an epoch begins
record Certificate(Phase phase, BlockRef block, List<Endorsement> votes) {

    Certificate {
        votes = List.copyOf(votes);
    }

    /// What the first block of an epoch is built on (§7.3).
    static Certificate root(long height, Hash hash) {
        return new Certificate(
                Phase.FIRST, new BlockRef(Rank.ROOT.view(), 0, height, hash), List.of());
    }

    Rank rank() {
        return block.rank();
    }
}
