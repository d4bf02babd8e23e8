package dev.lockstep.ordering.stability;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// What this member knows of the others' floors and candidates, by rank. Empty at every start:
/// headers fill it again.
final class Peers {

    /// So many silent heartbeats make a member look dead. Nothing but waiting depends on it.
    private static final int SILENT_HEARTBEATS = 4;

    /// So many proposals go to a member to learn how far it is.
    private static final int MOST_TRIALS = 8;

    private final Setup setup;
    private final Turn turn;
    private final AgreedClock clock;

    /// Everything through here of the member's floor is known, with all candidates below.
    private final long[] known;

    /// Candidates at or below `known` whose commands are undecided here.
    private final List<TreeSet<Mark>> listed = new ArrayList<>();

    /// The same by command.
    private final List<TreeMap<CommandId, Mark>> listedById = new ArrayList<>();

    /// What the member knows of this member's floor, as it said last.
    private final long[] knowsOfMe;

    /// How far the member has delivered.
    private final long[] positions;

    /// When it was heard last, monotonic; `Long.MIN_VALUE` for never.
    private final long[] heardAt;

    /// Since when it has been live without a break; monotonic.
    private final long[] liveSince;

    /// True if the connection to it ended and nothing was heard since.
    private final boolean[] lost;

    /// From a proposal to its acknowledgement; 0 before the first.
    private final long[] roundTrip;

    /// How many proposals had a member in their fast quorum before its first acknowledgement.
    private final int[] trials;

    /// A position that this member must have before some header is of use.
    private long needed;

    Peers(Setup setup, Turn turn, AgreedClock clock) {
        this.setup = setup;
        this.turn = turn;
        this.clock = clock;
        int size = setup.size();
        known = new long[size];
        knowsOfMe = new long[size];
        positions = new long[size];
        heardAt = new long[size];
        liveSince = new long[size];
        lost = new boolean[size];
        roundTrip = new long[size];
        trials = new int[size];
        for (int rank = 0; rank < size; rank++) {
            listed.add(new TreeSet<>());
            listedById.add(new TreeMap<>());
        }
        Arrays.fill(heardAt, Long.MIN_VALUE);
    }

    /// Takes what a message says of its sender. Returns the commands that it names and that are
    /// undecided here.
    List<CommandId> onHeader(int rank, Header header, Commands commands, Ledger ledger) {
        onSign(rank);
        knowsOfMe[rank] = header.known();
        positions[rank] = Math.max(positions[rank], header.position());
        clock.onReading(rank, header.wallNanos());
        List<CommandId> heard = new ArrayList<>();
        if (header.through() <= known[rank]) {
            return heard;
        }
        boolean connects = header.from() <= known[rank];
        boolean covered =
                header.basePosition() != Header.NO_BASE
                        && ledger.delivered() >= header.basePosition();
        if (!connects && !covered) {
            needed = Math.max(needed, header.basePosition());
            return heard;
        }
        for (Mark candidate : header.listed()) {
            CommandId id = candidate.id();
            boolean isNew = candidate.timestamp() > known[rank] && setup.rankOf(id) >= 0;
            if (!isNew || ledger.done().contains(id)) {
                continue;
            }
            commands.note(candidate.timestamp());
            CommandState state = commands.find(id);
            if (state != null) {
                state.holders |= 1L << rank;
            }
            if (state == null || !state.isDecided()) {
                listed.get(rank).add(candidate);
                listedById.get(rank).put(id, candidate);
                heard.add(id);
            }
        }
        known[rank] = header.through();
        return heard;
    }

    /// A command's unique id is known: nobody waits for it any more.
    void onDecided(CommandId id) {
        for (int rank = 0; rank < listed.size(); rank++) {
            Mark candidate = listedById.get(rank).remove(id);
            if (candidate != null) {
                listed.get(rank).remove(candidate);
            }
        }
    }

    /// Through here the member makes no candidate any more, and all that it made are decided here.
    long stableThrough(int rank) {
        TreeSet<Mark> waiting = listed.get(rank);
        if (waiting.isEmpty() || !setup.rules().waitsForListed()) {
            return known[rank];
        }
        return Math.min(known[rank], waiting.getFirst().timestamp() - 1);
    }

    /// The lowest candidate of the member whose command is undecided here; null if there is none.
    @Nullable Mark lowestListed(int rank) {
        TreeSet<Mark> waiting = listed.get(rank);
        return waiting.isEmpty() ? null : waiting.getFirst();
    }

    long known(int rank) {
        return known[rank];
    }

    long knowsOfMe(int rank) {
        return knowsOfMe[rank];
    }

    /// The furthest position that this member must come to, or that others have come to.
    long furthest() {
        long furthest = needed;
        for (long position : positions) {
            furthest = Math.max(furthest, position);
        }
        return furthest;
    }

    /// Somebody has executed and forgotten what this member asks for.
    void need(long position) {
        needed = Math.max(needed, position);
    }

    void onLost(int rank) {
        lost[rank] = true;
    }

    void onBack(int rank) {
        onSign(rank);
    }

    private void onSign(int rank) {
        // A connection that ends and is there again at once is no break: else one that does so all
        // the time would have others wait for ever.
        if (!isFresh(rank)) {
            liveSince[rank] = turn.monotonicNanos();
        }
        lost[rank] = false;
        heardAt[rank] = turn.monotonicNanos();
    }

    /// Since when the member has been live, if it is.
    long liveSince(int rank) {
        return liveSince[rank];
    }

    /// Since when as many as answer a recovery have been live, this member among them; monotonic,
    /// `Long.MAX_VALUE` if fewer are.
    long enoughSince() {
        long[] since = new long[setup.size()];
        for (int rank = 0; rank < since.length; rank++) {
            since[rank] = isLive(rank) ? liveSince[rank] : Long.MAX_VALUE;
        }
        since[setup.rank()] = Long.MIN_VALUE;
        Arrays.sort(since);
        return since[setup.recoveryQuorum() - 1];
    }

    /// How many members were heard of lately, this one among them.
    int live() {
        int count = 0;
        for (int rank = 0; rank < setup.size(); rank++) {
            count += isLive(rank) ? 1 : 0;
        }
        return count;
    }

    /// True if it was heard of lately. This member always is.
    boolean isLive(int rank) {
        if (rank == setup.rank()) {
            return true;
        }
        return !lost[rank] && isFresh(rank);
    }

    private boolean isFresh(int rank) {
        long silence = SILENT_HEARTBEATS * setup.options().timing().heartbeatNanos();
        return heardAt[rank] != Long.MIN_VALUE && turn.monotonicNanos() - heardAt[rank] <= silence;
    }

    void onRoundTrip(int rank, long nanos) {
        roundTrip[rank] = roundTrip[rank] == 0 ? nanos : (7 * roundTrip[rank] + nanos) / 8;
    }

    long roundTrip(int rank) {
        return roundTrip[rank];
    }

    /// A command's fast quorum: this member and the nearest live ones, as bits by rank.
    long fastQuorum() {
        long chosen = 1L << setup.rank();
        while (Long.bitCount(chosen) < setup.fastQuorum()) {
            int best = -1;
            for (int i = 1; i < setup.size(); i++) {
                int rank = (setup.rank() + i) % setup.size();
                if ((chosen & 1L << rank) == 0 && (best < 0 || isNearer(rank, best))) {
                    best = rank;
                }
            }
            trials[best] += roundTrip[best] == 0 ? 1 : 0;
            chosen |= 1L << best;
        }
        return chosen;
    }

    private boolean isNearer(int rank, int other) {
        if (isLive(rank) != isLive(other)) {
            return isLive(rank);
        }
        // Who is never asked is never found to be near.
        if (isUntried(rank) != isUntried(other)) {
            return isUntried(rank);
        }
        // Clearly nearer: a fast quorum that flutters puts batches out of their order.
        return roundTrip[rank] > 0
                && (roundTrip[other] == 0 || 4 * roundTrip[rank] < 3 * roundTrip[other]);
    }

    private boolean isUntried(int rank) {
        return roundTrip[rank] == 0 && trials[rank] < MOST_TRIALS;
    }

    /// How long a proposal takes to a fast quorum.
    long leadNanos(long fastQuorum) {
        long longest = 0;
        for (int rank = 0; rank < setup.size(); rank++) {
            if ((fastQuorum & 1L << rank) != 0 && rank != setup.rank()) {
                longest = Math.max(longest, roundTrip[rank] / 2);
            }
        }
        return Math.min(longest, setup.options().timing().maxLeadNanos() / 2);
    }
}
