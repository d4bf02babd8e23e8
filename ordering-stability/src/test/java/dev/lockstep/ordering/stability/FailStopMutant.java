package dev.lockstep.ordering.stability;

/// The fail-stop order with one rule broken. A simulator that does not notice proves nothing.
@SuppressWarnings("ImmutableEnumChecker") // Rules have no state.
enum FailStopMutant {
    /// A member takes part again in the epoch in which it was before it restarted.
    GOES_ON_AFTER_A_RESTART(
            new FailStopRules() {
                @Override
                boolean restartWedges() {
                    return false;
                }
            }),

    /// A member goes on in an epoch that the others are about to end without it.
    GOES_ON_WHEN_WEDGED(
            new FailStopRules() {
                @Override
                boolean isWedged(boolean wedged) {
                    return false;
                }
            }),

    /// One member less is waited for.
    EXECUTES_WITHOUT_THE_LAST(
            new FailStopRules() {
                @Override
                boolean waitsFor(int rank, int size) {
                    return rank < size - 1;
                }
            }),

    /// A member vouches for what its disk does not hold yet.
    VOUCHES_BEFORE_SYNC(
            new FailStopRules() {
                @Override
                long durable(long sequence) {
                    return 0;
                }
            }),

    /// While a unique id is not durable, others are told of all below it: a crash leaves a
    /// candidate that is lower.
    VOUCHES_PAST_A_CANDIDATE_OF_ITS_DISK(
            new FailStopRules() {
                @Override
                long bound(OpenCommands.Slot slot) {
                    return slot.entry().value();
                }
            }),

    /// A unique id is confirmed as soon as it is durable, as the design had it: with candidates
    /// below whose largest may die with another member.
    CONFIRMS_PAST_CANDIDATES(
            new FailStopRules() {
                @Override
                boolean confirmsPastCandidates() {
                    return true;
                }
            }),

    /// A floor is believed though commands below it are missing.
    BELIEVES_A_FLOOR_OUT_OF_TURN(
            new FailStopRules() {
                @Override
                boolean believesFloor(long count, long received) {
                    return true;
                }
            }),

    /// An epoch ends as soon as a member holds the ending, whatever the authority comes to.
    ENDS_WITHOUT_THE_AUTHORITY(
            new FailStopRules() {
                @Override
                boolean waitsForAuthority() {
                    return false;
                }
            }),

    /// An epoch ends with a member's commands in whatever order their candidates give.
    LETS_NUMBERS_OVERTAKE(
            new FailStopRules() {
                @Override
                boolean keepsNumbersInOrder() {
                    return false;
                }
            }),

    /// Commands that were sent for an attempt that came to nothing count, with gaps between them.
    TAKES_WHAT_IT_IS_SENT(
            new FailStopRules() {
                @Override
                boolean keepsFetchedApart() {
                    return false;
                }
            }),

    /// A reader does not ask whether the epoch goes on.
    READS_ALONE(
            new FailStopRules() {
                @Override
                boolean readsAsk() {
                    return false;
                }
            });

    private final FailStopRules rules;

    FailStopMutant(FailStopRules rules) {
        this.rules = rules;
    }

    FailStopRules rules() {
        return rules;
    }

    /// Where the tests begin to look. One of them shows so seldom, at seed 2,346 first, that they
    /// would look for minutes.
    long firstSeed() {
        return this == TAKES_WHAT_IT_IS_SENT ? 2_301 : 1;
    }
}
