package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// The votes of one phase, one a member and place: a second one for another block counts for
/// nothing.
final class Votes {

    /// What the members said of one place.
    private static final class Place {
        final @Nullable BlockRef[] blocks;
        final @Nullable Bytes[] signatures;

        Place(int members) {
            blocks = new BlockRef[members];
            signatures = new Bytes[members];
        }
    }

    private final Setup setup;
    private final Phase phase;
    private final TreeMap<Rank, Place> places = new TreeMap<>();

    /// What has come to have enough votes and was not asked for yet.
    private final ArrayDeque<BlockRef> certified = new ArrayDeque<>();

    Votes(Setup setup, Phase phase) {
        this.setup = setup;
        this.phase = phase;
    }

    /// Counts a vote.
    ///
    /// @return null if it counts or has counted; otherwise what the member had voted for before
    @Nullable BlockRef add(int member, BlockRef block, Bytes signature) {
        Place place = places.computeIfAbsent(block.rank(), _ -> new Place(setup.size()));
        BlockRef before = place.blocks[member];
        if (before == null) {
            place.blocks[member] = block;
            place.signatures[member] = signature;
            if (count(block) >= setup.quorum()) {
                certified.addLast(block);
            }
            return null;
        }
        return before.equals(block) ? null : before;
    }

    /// What the member signed its vote in this place with.
    Bytes signature(int member, Rank rank) {
        Place place = places.get(rank);
        Bytes signature = place == null ? null : place.signatures[member];
        return signature == null ? Bytes.EMPTY : signature;
    }

    int count(BlockRef block) {
        Place place = places.get(block.rank());
        int count = 0;
        for (int member = 0; place != null && member < setup.size(); member++) {
            if (block.equals(place.blocks[member])) {
                count++;
            }
        }
        return count;
    }

    /// The next certificate that votes have come to; null if there is no further one.
    @Nullable Certificate nextCertificate() {
        BlockRef block = certified.pollFirst();
        return block == null ? null : certificate(block);
    }

    private @Nullable Certificate certificate(BlockRef block) {
        Place place = places.get(block.rank());
        if (place == null || count(block) < setup.quorum()) {
            return null;
        }
        List<Endorsement> votes = new ArrayList<>();
        for (int member = 0; member < setup.size() && votes.size() < setup.quorum(); member++) {
            Bytes signature = place.signatures[member];
            if (signature != null && block.equals(place.blocks[member])) {
                votes.add(new Endorsement(member, signature));
            }
        }
        return new Certificate(phase, block, votes);
    }

    void forgetBelow(Rank rank) {
        places.headMap(rank).clear();
    }

    int size() {
        return places.size();
    }
}
