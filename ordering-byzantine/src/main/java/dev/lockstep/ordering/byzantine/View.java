package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a member remembers of the view that it is in, until it leaves it or stops.
final class View {

    /// How far into the view a member is.
    enum Stage {
        /// It has left the last view and still gathers what others left behind there. It votes for
        /// nothing (B).
        QUITTING,
        /// It votes.
        ACTIVE
    }

    /// Its first vote for one place.
    private static final class Cast {
        final BlockRef block;
        final ByzantineMessage message;

        /// The reports that it has left for a peer which are still to come.
        final TreeSet<Long> unflushed = new TreeSet<>();

        /// When it had left for all; `Long.MAX_VALUE` before.
        long leftAt = Long.MAX_VALUE;

        Cast(BlockRef block, ByzantineMessage message) {
            this.block = block;
            this.message = message;
        }
    }

    private Stage stage = Stage.QUITTING;

    /// The lock when the view was entered: does not change in it.
    private Certificate entryLock = Certificate.root(0, Header.NO_HASH);

    /// By place, ascending: they form a chain.
    private final TreeMap<Integer, Cast> casts = new TreeMap<>();

    /// All members' first votes for the own chain were seen through here.
    private int seenByAll;

    Stage stage() {
        return stage;
    }

    boolean isActive() {
        return stage == Stage.ACTIVE;
    }

    Certificate entryLock() {
        return entryLock;
    }

    void quit() {
        stage = Stage.QUITTING;
        casts.clear();
        seenByAll = 0;
    }

    void enter(Certificate lock) {
        stage = Stage.ACTIVE;
        entryLock = lock;
        casts.clear();
        seenByAll = 0;
    }

    /// @param message what it was cast with
    /// @param tokens of the reports that it has left; empty without peers
    void cast(BlockRef block, ByzantineMessage message, List<Long> tokens, long now) {
        Cast cast = new Cast(block, message);
        cast.unflushed.addAll(tokens);
        if (tokens.isEmpty()) {
            cast.leftAt = now;
        }
        casts.put(block.seq(), cast);
    }

    void onFlushed(long token, long now) {
        for (Cast cast : casts.values()) {
            if (cast.unflushed.remove(token) && cast.unflushed.isEmpty()) {
                cast.leftAt = now;
            }
        }
    }

    boolean hasCast(BlockRef block) {
        Cast cast = casts.get(block.seq());
        return cast != null && cast.block.equals(block);
    }

    /// When the first vote for a place had left for all peers; `Long.MAX_VALUE` if it has not.
    long leftAt(int seq) {
        Cast cast = casts.get(seq);
        return cast == null ? Long.MAX_VALUE : cast.leftAt;
    }

    /// Forgets votes for what is committed.
    void forgetBelow(int seq) {
        casts.headMap(seq).clear();
    }

    @Nullable BlockRef lastCast() {
        return casts.isEmpty() ? null : casts.lastEntry().getValue().block;
    }

    /// Everything that was voted for in the view so far from a place on, to be said again.
    List<ByzantineMessage> messagesFrom(int seq) {
        List<ByzantineMessage> messages = new ArrayList<>();
        casts.tailMap(seq).values().forEach(cast -> messages.add(cast.message));
        return messages;
    }

    /// Looks for places that all members, or enough for a mutant, have voted for.
    ///
    /// @param needed so many
    int seenByAll(Votes votes, int needed) {
        for (Cast cast : casts.tailMap(seenByAll, false).values()) {
            if (votes.count(cast.block) >= needed) {
                seenByAll = cast.block.seq();
            }
        }
        return seenByAll;
    }
}
