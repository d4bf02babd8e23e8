package dev.lockstep.ordering.stability;

import dev.lockstep.core.Quorums;

/// Through which timestamp everything is stable: a majority has passed it, and all that those gave
/// a candidate at or below it are decided here.
///
/// Why that is enough: what is decided at t has candidates at most t at a majority. The two
/// majorities share a member; its candidate is below its floor, so it is listed, so the command is
/// known to be decided.
final class Stability {

    private final Setup setup;
    private final Floor floor;
    private final Candidates candidates;
    private final Peers peers;
    private final long[] scratch;

    /// Never falls within a boot.
    private long through;

    Stability(Setup setup, Floor floor, Candidates candidates, Peers peers) {
        this.setup = setup;
        this.floor = floor;
        this.candidates = candidates;
        this.peers = peers;
        this.scratch = new long[setup.size()];
    }

    /// Everything with a unique id at or below is decided here.
    long through() {
        for (int rank = 0; rank < scratch.length; rank++) {
            scratch[rank] =
                    rank == setup.rank()
                            ? candidates.stableThrough(floor.announced())
                            : peers.stableThrough(rank);
        }
        int majority = setup.rules().stableMajority(setup.majority());
        through = Math.max(through, Quorums.reachedBy(majority, scratch));
        return through;
    }
}
