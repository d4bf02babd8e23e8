package dev.lockstep.ordering.stability;

import dev.lockstep.testkit.simulator.SimulationSetup;

/// Stability ordering with one rule broken: mistakes that were made before, in papers, in products
/// and while this protocol was made. A simulator that does not notice them proves nothing.
@SuppressWarnings("ImmutableEnumChecker") // Rules have no state.
enum Mutant {
    /// A fast decision is heard of before it is durable: its coordinator may forget it.
    DISCLOSES_BEFORE_THE_DECISION_IS_DURABLE(
            new Rules() {
                @Override
                boolean disclosesAfterSync() {
                    return false;
                }
            }),

    /// A decision is told before it is written down though a member has made no candidate yet.
    IS_EVIDENT_WITHOUT_ALL(
            new Rules() {
                @Override
                boolean isEvidentWith(int made, int members) {
                    return true;
                }
            }),

    /// A decision is told before it is written down though a member has made a larger candidate.
    IS_EVIDENT_BELOW_A_LARGER_CANDIDATE(
            new Rules() {
                @Override
                boolean isEvidentBelow(long decision, long largest) {
                    return true;
                }
            }),

    /// A decision is told before it is written down though a recovery may miss all who show it.
    IS_EVIDENT_WITH_TOO_FEW_HOLDERS(
            new Rules() {
                @Override
                int evidentHolders(int tolerated) {
                    return tolerated;
                }
            }),

    /// A proposal leaves before its coordinator's candidate is durable.
    PROPOSES_BEFORE_SYNC(
            new Rules() {
                @Override
                long proposeAfter(long sequence) {
                    return 0;
                }
            }),

    /// A member vouches for what its disk does not hold yet.
    SAYS_BEFORE_SYNC(
            new Rules() {
                @Override
                long sayAfter(long sequence) {
                    return 0;
                }
            }),

    /// A floor is told that a crash takes back.
    TELLS_ITS_FLOOR_BEFORE_SYNC(
            new Rules() {
                @Override
                long announced(long floor, long reservedDurably) {
                    return floor;
                }
            }),

    /// A floor begins at nothing after a restart.
    FORGETS_ITS_FLOOR(
            new Rules() {
                @Override
                long floorAtStart(long promised, long highest) {
                    return 0;
                }
            }),

    /// A recovery always takes the largest candidate of the fast quorum.
    RECOVERS_FROM_THE_FAST_QUORUM(
            new Rules() {
                @Override
                boolean isFree(boolean isFastPathRuledOut) {
                    return false;
                }
            }),

    /// A recovery always takes the largest candidate of all.
    RECOVERS_FROM_ANYBODY(
            new Rules() {
                @Override
                boolean isFree(boolean isFastPathRuledOut) {
                    return true;
                }
            }),

    /// A member that is asked by a recovery makes no candidate.
    MAKES_NO_LATE_CANDIDATES(
            new Rules() {
                @Override
                boolean makesLateCandidates() {
                    return false;
                }
            }),

    /// A recovery asks one member too few.
    RECOVERS_FROM_TOO_FEW(
            new Rules() {
                @Override
                int recoveryQuorum(int quorum) {
                    return Math.max(1, quorum - 1);
                }
            }),

    /// Candidates that headers name are not waited for.
    WAITS_FOR_NOBODY(
            new Rules() {
                @Override
                boolean waitsForListed() {
                    return false;
                }
            }),

    /// A minority's floors make a timestamp stable.
    NEEDS_NO_MAJORITY(
            new Rules() {
                @Override
                int stableMajority(int majority) {
                    return Math.max(1, majority - 1);
                }
            }),

    /// A member may make a lower candidate than the coordinator's.
    IGNORES_THE_LEAST_CANDIDATE(
            new Rules() {
                @Override
                long leastFor(long coordinators) {
                    return 0;
                }
            }),

    /// The fast path is content with one member too few.
    DECIDES_WITH_TOO_FEW_HOLDERS(
            new Rules() {
                @Override
                int fastHolders(int tolerated) {
                    return tolerated - 1;
                }
            }),

    /// A member of a fast quorum of two decides by itself.
    DECIDES_ALONE(
            new Rules() {
                @Override
                boolean decidesAlone(int members) {
                    return members == 3;
                }
            }),

    /// A command that was executed and forgotten is taken for new.
    FORGETS_WHAT_IT_EXECUTED(
            new Rules() {
                @Override
                boolean knowsPast() {
                    return false;
                }
            }),

    /// A header speaks for what its sender has forgotten though its list begins elsewhere.
    SPEAKS_FOR_WHAT_IT_DOES_NOT_LIST(
            new Rules() {
                @Override
                boolean isBase(long from, long base) {
                    return true;
                }
            }),

    /// A reader asks nobody.
    READS_ALONE(
            new Rules() {
                @Override
                long heard(long highest) {
                    return 0;
                }
            }),

    /// A reader asks a majority where a decision may have left fewer traces.
    READS_FROM_A_MAJORITY(
            new Rules() {
                @Override
                int readQuorum(int quorum, int majority) {
                    return majority;
                }
            }),

    /// A member acknowledges a proposal that it has promised to somebody else's recovery.
    ACKNOWLEDGES_LATE(
            new Rules() {
                @Override
                boolean mayAcknowledge(Vote vote) {
                    return true;
                }
            }),

    /// One variable for two ballots: what was accepted is taken for accepted at what was promised
    /// since (the mistake of Egalitarian Paxos).
    HAS_ONE_BALLOT(
            new Rules() {
                @Override
                Vote promised(Vote vote, long ballot) {
                    return vote.acceptedBallot() == 0
                            ? vote.withBallot(ballot)
                            : vote.withAccepted(vote.ballot(), vote.accepted()).withBallot(ballot);
                }
            }),

    /// A candidate leaves the journal with its command though headers still name it.
    FORGETS_NAMED_CANDIDATES(
            new Rules() {
                @Override
                boolean keepsNamed() {
                    return false;
                }
            }),

    /// A member waits until its own clock reaches a timestamp, however wrong one of them is.
    WAITS_FOR_ITS_CLOCK(
            new Rules() {
                @Override
                boolean overridesClock() {
                    return false;
                }
            }),

    /// An origin's batches are delivered as they come.
    DELIVERS_OUT_OF_TURN(
            new Rules() {
                @Override
                boolean isInTurn(long after, long delivered) {
                    return true;
                }

                @Override
                boolean isRepeated(long sequence, long delivered) {
                    return false;
                }
            });

    private final Rules rules;

    Mutant(Rules rules) {
        this.rules = rules;
    }

    Rules rules() {
        return rules;
    }

    /// @param order as in a configuration
    SimulationSetup setup(String order) {
        return StabilitySetup.of(order, rules);
    }
}
