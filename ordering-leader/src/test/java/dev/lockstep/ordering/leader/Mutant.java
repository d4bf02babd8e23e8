package dev.lockstep.ordering.leader;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.journal.BrokenJournals;
import dev.lockstep.replica.BrokenReplicas;
import dev.lockstep.testkit.simulator.Product;
import dev.lockstep.testkit.simulator.SimulationSetup;

import org.jspecify.annotations.Nullable;

/// Leader ordering with one rule broken: mistakes that were made before, in papers and in products.
/// A simulator that does not notice them proves nothing.
@SuppressWarnings("ImmutableEnumChecker") // Rules have no state.
enum Mutant {
    /// A message leaves before the term it speaks of is durable.
    SPEAKS_BEFORE_THE_TERM_IS_DURABLE(
            new Rules() {
                @Override
                long messageAfter(LeaderMessage message, long termSequence) {
                    return 0;
                }
            }),

    /// A candidate asks for votes before its own vote is durable.
    ASKS_BEFORE_ITS_VOTE_IS_DURABLE(
            new Rules() {
                @Override
                long messageAfter(LeaderMessage message, long termSequence) {
                    return message instanceof LeaderMessage.RequestVote ? 0 : termSequence;
                }
            }),

    /// The record of a vote is written but not forced before the vote is sent.
    DOES_NOT_FORCE_VOTES(
            new Rules() {
                @Override
                long messageAfter(LeaderMessage message, long termSequence) {
                    return message instanceof LeaderMessage.Vote ? 0 : termSequence;
                }
            }),

    /// A vote is not written down: a restart forgets it.
    FORGETS_ITS_VOTE(
            new Rules() {
                @Override
                boolean recordsVotes() {
                    return false;
                }
            }),

    /// Two candidates get a vote in one term.
    VOTES_TWICE(
            new Rules() {
                @Override
                boolean mayVote(@Nullable ReplicaId votedFor, ReplicaId candidate) {
                    return true;
                }
            }),

    /// A candidate is elected whose log lacks what is committed.
    ELECTS_ANYONE(
            new Rules() {
                @Override
                boolean isUpToDate(Mark candidate, Mark voter) {
                    return true;
                }
            }),

    /// Logs are compared by length alone.
    COMPARES_LENGTHS(
            new Rules() {
                @Override
                boolean isUpToDate(Mark candidate, Mark voter) {
                    return candidate.index() >= voter.index();
                }
            }),

    /// Half of the members decide.
    NEEDS_NO_MAJORITY(
            new Rules() {
                @Override
                int quorum(int majority) {
                    return Math.max(1, majority - 1);
                }
            }),

    /// A follower vouches for what its disk does not hold yet.
    ACKNOWLEDGES_BEFORE_SYNC(
            new Rules() {
                @Override
                long acknowledged(long matched, long durable) {
                    return matched;
                }
            }),

    /// A leader counts itself for what its disk does not hold yet.
    COUNTS_ITSELF_BEFORE_SYNC(
            new Rules() {
                @Override
                long countedForSelf(long durable, long last) {
                    return last;
                }
            }),

    /// An entry of an older term is committed by counting (figure 8 of the Raft paper).
    COMMITS_OLDER_TERMS(
            new Rules() {
                @Override
                boolean mayCommit(long entryTerm, long currentTerm) {
                    return true;
                }
            }),

    /// A follower commits what it has not compared with the leader's log.
    COMMITS_UNCOMPARED(
            new Rules() {
                @Override
                long committed(long leaderCommit, long matched, long last) {
                    return Math.min(leaderCommit, last);
                }
            }),

    /// Logs are taken for equal where only their lengths are.
    MATCHES_BY_INDEX(
            new Rules() {
                @Override
                boolean matches(Mark own, Mark leaders) {
                    return own.index() == leaders.index();
                }
            }),

    /// The answer to a heartbeat vouches for entries that the heartbeat did not speak of.
    MATCHES_ON_HEARTBEATS(
            new Rules() {
                @Override
                long toldMatched(long matched, long last) {
                    return last;
                }
            }),

    /// A leader that has nothing to send ignores where a follower says that it lacks something.
    IGNORES_REJECTIONS_WHEN_IDLE(
            new Rules() {
                @Override
                boolean heedsRejection(boolean isIdle) {
                    return !isIdle;
                }
            }),

    /// Whoever has to catch up by other means hears nothing from the leader meanwhile.
    IS_SILENT_WHILE_OTHERS_CATCH_UP(
            new Rules() {
                @Override
                boolean speaksToWhoIsBehind() {
                    return false;
                }
            }),

    /// An old message removes what came after it.
    REMOVES_WHAT_FOLLOWS(
            new Rules() {
                @Override
                boolean removesWhatFollows() {
                    return true;
                }
            }),

    /// A batch that was forwarded twice is ordered twice.
    REPEATS_BATCHES(
            new Rules() {
                @Override
                boolean isRepeated(long sequence, long appended) {
                    return false;
                }
            }),

    /// A batch overtakes one that its origin submitted before.
    LETS_BATCHES_OVERTAKE(
            new Rules() {
                @Override
                boolean isInOrder(long after, long appended) {
                    return true;
                }
            }),

    /// A new leader answers reads before it knows what is committed.
    READS_BEFORE_IT_KNOWS(
            new Rules() {
                @Override
                boolean mayRead(long commit, long firstOfTerm) {
                    return true;
                }
            }),

    /// A leader answers reads without asking whether it still leads.
    READS_WITHOUT_ASKING(
            new Rules() {
                @Override
                boolean confirmsReads() {
                    return false;
                }
            }),

    /// A read is answered by a round that was under way when it came.
    READS_IN_A_FORMER_ROUND(
            new Rules() {
                @Override
                boolean readsInNextRound() {
                    return false;
                }
            }),

    /// A lease outlives the time for which nobody else is elected.
    LEASES_TOO_LONG(
            new Rules() {
                @Override
                long leaseNanos(long electionMinNanos, long driftBoundNanos) {
                    return 4 * electionMinNanos;
                }
            }),

    /// A lease lasts as if all clocks ran alike.
    LEASES_WITHOUT_DRIFT_BOUND(
            new Rules() {
                @Override
                long leaseNanos(long electionMinNanos, long driftBoundNanos) {
                    return electionMinNanos;
                }
            }),

    /// A leader that hands over goes on reading on its lease.
    KEEPS_ITS_LEASE(
            new Rules() {
                @Override
                boolean endsLeaseAtTransfer() {
                    return false;
                }
            }),

    /// A term that was begun before a restart is begun again.
    BEGINS_THE_FIRST_TERM_AGAIN(
            new Rules() {
                @Override
                boolean spendsFirstTerm() {
                    return false;
                }
            }),

    /// Agreed time follows the leader's clock back.
    TURNS_TIME_BACK(
            new Rules() {
                @Override
                long agreedTime(long previousNanos, long stampNanos) {
                    return stampNanos;
                }
            }),

    /// An exception in the state machine leaves the loop that executes.
    STALLS_ON_AN_EXCEPTION(BrokenReplicas.STALLS_ON_AN_EXCEPTION),

    /// A retry whose reply is not remembered any more runs again.
    RUNS_FORGOTTEN_COMMANDS_AGAIN(BrokenReplicas.RUNS_FORGOTTEN_COMMANDS_AGAIN),

    /// A retry runs again.
    RUNS_RETRIES_AGAIN(BrokenReplicas.RUNS_RETRIES_AGAIN),

    /// Each replica ends sessions by its own wall clock.
    EXPIRES_BY_WALL_CLOCK(BrokenReplicas.EXPIRES_BY_WALL_CLOCK),

    /// A disk that was full once takes nothing any more.
    IS_WEDGED_BY_A_FULL_DISK(BrokenJournals.IS_WEDGED_BY_A_FULL_DISK),

    /// What was written is called durable though nobody has forced it to the disk.
    DOES_NOT_FORCE(BrokenJournals.DOES_NOT_FORCE),

    /// Damage anywhere in the journal is taken for the torn end of a last write and cut off.
    TAKES_DAMAGE_FOR_A_TORN_END(BrokenJournals.TAKES_DAMAGE_FOR_A_TORN_END),

    /// The loop stands still while a snapshot is taken or begun with, for longer than an election.
    STANDS_STILL_FOR_SNAPSHOTS(BrokenReplicas.STANDS_STILL_FOR_SNAPSHOTS),

    /// Whatever clients ask for is taken, however much waits.
    ADMITS_WITHOUT_BOUND(BrokenReplicas.ADMITS_WITHOUT_BOUND),

    /// What was delivered is kept in memory for ever.
    KEEPS_ALL_THAT_WAS_DELIVERED(
            new Rules() {
                @Override
                long kept(long windowBytes) {
                    return Long.MAX_VALUE;
                }
            }),

    /// What was cut off from the log comes back at a start if the cut lies below the snapshot.
    CUTS_NOTHING_BELOW_ITS_SNAPSHOT(
            new Rules() {
                @Override
                boolean cutsBelowSnapshot() {
                    return false;
                }
            }),

    /// The journal's beginning goes, and nothing says that a snapshot stands for it.
    FORGETS_WHERE_ITS_JOURNAL_BEGINS(BrokenReplicas.FORGETS_WHERE_ITS_JOURNAL_BEGINS),

    /// The journal grows for ever, whatever snapshots there are.
    KEEPS_ALL_OF_ITS_JOURNAL(BrokenReplicas.KEEPS_ALL_OF_ITS_JOURNAL),

    /// A start from a snapshot that a member sent takes a journal with a gap for one without.
    TRUSTS_ITS_JOURNAL_TO_LEAD_ANYWHERE(BrokenReplicas.TRUSTS_ITS_JOURNAL_TO_LEAD_ANYWHERE),

    /// A snapshot from a member takes the place of a journal that holds more.
    INSTALLS_OVER_NEWER_STATE(BrokenReplicas.INSTALLS_OVER_NEWER_STATE);

    private final Rules rules;
    private final Product product;

    Mutant(Rules rules) {
        this.rules = rules;
        this.product = Product.WHOLE;
    }

    Mutant(Product product) {
        this.rules = Rules.CORRECT;
        this.product = product;
    }

    Rules rules() {
        return rules;
    }

    /// Simulated clusters that make the mistake; those of an option have it switched on.
    SimulationSetup setup() {
        SimulationSetup setup = LeaderSetup.of(rules).withProduct(product);
        return switch (this) {
            case LEASES_TOO_LONG, LEASES_WITHOUT_DRIFT_BOUND, KEEPS_ITS_LEASE ->
                    setup.withProtocolOptions(DrawnOptions::drawWithLease);
            default -> setup;
        };
    }
}
