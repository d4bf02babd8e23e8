package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/// The protocol with one rule broken (§13). A simulator that does not notice proves nothing.
@SuppressWarnings("ImmutableEnumChecker") // Rules and schedules have no state.
enum Mutant {
    /// A first block may be built on less than the timeout certificate shows.
    IGNORES_WHAT_TIMEOUTS_SHOW(
            Profile.partialSync(4, 1),
            new Rules() {
                @Override
                boolean comparesWithTimeouts() {
                    return false;
                }
            }),

    /// A member votes in a view that it has given up.
    VOTES_AFTER_GIVING_UP(
            Profile.partialSync(4, 1),
            new Rules() {
                @Override
                boolean isSilencedByTimeout() {
                    return false;
                }
            }),

    /// A member that starts again has forgotten what it voted.
    FORGETS_ITS_VOTES(
            Profile.partialSync(4, 1).crashing(3),
            new Rules() {
                @Override
                boolean remembers() {
                    return false;
                }
            }),

    /// A member that starts again does not count what it had said (F1).
    DOES_NOT_REPEAT_ITSELF(
            Profile.partialSync(4, 1).crashing(3),
            new Rules() {
                @Override
                boolean repeatsItself() {
                    return false;
                }
            }),

    /// Second votes need no lock.
    VOTES_WITHOUT_A_LOCK(
            Profile.partialSync(4, 1),
            new Rules() {
                @Override
                boolean needsLock() {
                    return false;
                }
            }),

    /// One vote less makes a certificate.
    COUNTS_ONE_VOTE_LESS(
            Profile.partialSync(4, 1),
            new Rules() {
                @Override
                int quorum(int quorum) {
                    return quorum - 1;
                }
            }),

    /// Votes leave before the disk holds them.
    SPEAKS_BEFORE_SYNC(
            Profile.partialSync(4, 1),
            new Rules() {
                @Override
                boolean syncsBeforeSpeaking() {
                    return false;
                }
            }),

    /// A leader proposes before the disk holds in which view it is.
    PROPOSES_BEFORE_ITS_VIEW_IS_DURABLE(
            Profile.partialSync(4, 1),
            new Rules() {
                @Override
                boolean fencesProposals() {
                    return false;
                }
            }),

    /// A leader that starts again goes on in its view, whose proposals it may have forgotten.
    LEADS_ON_AFTER_A_RESTART(
            Profile.partialSync(4, 1).crashing(3),
            new Rules() {
                @Override
                boolean abandonsWhatItLed() {
                    return false;
                }
            }),

    /// Nobody looks at the signatures of a certificate.
    BELIEVES_CERTIFICATES(
            Profile.partialSync(4, 1),
            new Rules() {
                @Override
                boolean verifiesCertificates() {
                    return false;
                }
            }),

    /// The first block of a view may be built on a certificate of the same view.
    JUSTIFIES_WITHIN_THE_VIEW(
            Profile.syncBound(3, 1).withTwins(),
            new Rules() {
                @Override
                boolean justifiesFromBefore() {
                    return false;
                }
            }),

    /// A second vote does not wait.
    DOES_NOT_WAIT(
            Profile.syncBound(3, 1),
            new Rules() {
                @Override
                int guardDelays() {
                    return 0;
                }
            }),

    /// A second vote waits for half as long as it should (F5).
    WAITS_ONE_DELAY(
            Profile.syncBound(3, 1),
            new Rules() {
                @Override
                int guardDelays() {
                    return 1;
                }
            }),

    /// A second vote does not wait strictly longer than twice the bound (F3).
    TIE(
            Profile.syncBound(3, 1),
            new Rules() {
                @Override
                boolean isGuardStrict() {
                    return false;
                }
            },
            Directed::tie),

    /// Votes do not carry what the leader signed.
    DOES_NOT_ECHO(
            Profile.syncBound(3, 1),
            new Rules() {
                @Override
                boolean echoes() {
                    return false;
                }
            }),

    /// A member enters the next view at once.
    DOES_NOT_QUIT(
            Profile.syncBound(5, 2),
            new Rules() {
                @Override
                int quitDelays() {
                    return 0;
                }
            }),

    /// A member enters the next view after half the time that it should (F5).
    QUITS_FOR_ONE_DELAY(
            Profile.syncBound(3, 1),
            new Rules() {
                @Override
                int quitDelays() {
                    return 1;
                }
            },
            Directed::lateLock),

    /// A second vote does not carry its lock.
    DOES_NOT_ATTACH_ITS_LOCK(
            Profile.syncBound(3, 1),
            new Rules() {
                @Override
                boolean attachesLock() {
                    return false;
                }
            },
            Directed::lateLock),

    /// A first block may be built on less than the voter's own lock.
    IGNORES_ITS_LOCK(
            Profile.syncBound(5, 2),
            new Rules() {
                @Override
                boolean comparesWithLock() {
                    return false;
                }
            }),

    /// One vote short of all is taken for all.
    TAKES_MOST_FOR_ALL(
            Profile.syncBound(3, 1),
            new Rules() {
                @Override
                int fewerThanAll() {
                    return 1;
                }
            }),

    /// The lock that counts is the one of now, not of when the view was entered.
    COMPARES_WITH_THE_LOCK_OF_NOW(
            Profile.syncBound(3, 1),
            new Rules() {
                @Override
                Certificate lockThatCounts(Certificate atEntry, Certificate now) {
                    return now;
                }
            }),

    /// A member stays in a view in which it has cast a second vote, as in the first dBFT: others
    /// leave it, and both are too few.
    STAYS_WHERE_IT_VOTED(
            Profile.partialSync(4, 1),
            new Rules() {
                @Override
                boolean leavesWhatItVotedFor() {
                    return false;
                }
            }),

    /// A new leader does not wait for the members' locks.
    LEADS_AT_ONCE(
            Profile.syncBound(5, 2),
            new Rules() {
                @Override
                int leaderDelays() {
                    return 0;
                }
            });

    private final Profile profile;
    private final Rules rules;
    private final @Nullable Consumer<Rules> schedule;

    Mutant(Profile profile, Rules rules) {
        this(profile, rules, null);
    }

    Mutant(Profile profile, Rules rules, @Nullable Consumer<Rules> schedule) {
        this.profile = profile;
        this.rules = rules;
        this.schedule = schedule;
    }

    Profile profile() {
        return profile;
    }

    Rules rules() {
        return rules;
    }

    /// Where the tests begin to look. Some show so seldom that they would look for half a minute.
    long firstSeed() {
        return switch (this) {
            case DOES_NOT_REPEAT_ITSELF -> 201;
            case JUSTIFIES_WITHIN_THE_VIEW -> 401;
            case DOES_NOT_QUIT -> 431;
            case WAITS_ONE_DELAY, COMPARES_WITH_THE_LOCK_OF_NOW -> 121;
            default -> 1;
        };
    }

    /// The schedule that shows it; null if random runs do.
    @Nullable Consumer<Rules> schedule() {
        return schedule;
    }
}
