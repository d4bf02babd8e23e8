package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.BrokenJournals;
import dev.lockstep.mutation.Mistake;
import dev.lockstep.replica.BrokenReplicas;
import dev.lockstep.testkit.simulator.Product;
import dev.lockstep.testkit.simulator.SimulationSetup;

import java.util.ArrayList;
import java.util.List;

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

    /// A recovery that may choose chooses more than the predecessor's id, whatever may have been
    /// decided evidently and was forgotten. It was a mistake of Lockstep's.
    RAISES_WHAT_MAY_BE_EVIDENT(
            new Rules() {
                @Override
                boolean mayRaise(boolean isAnyLate) {
                    return true;
                }
            }),

    /// A recovery is given up when one member has promised more, though the others would be enough,
    /// and everything behind the command waits for another. It was a mistake of Lockstep's.
    GIVES_UP_WHEN_REFUSED(
            new Rules() {
                @Override
                boolean goesOnWithTheOthers() {
                    return false;
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

    /// A recovery counts answers to its former ballots: who gave them may have accepted another
    /// value since.
    COUNTS_FORMER_ANSWERS(
            new Rules() {
                @Override
                boolean isAnswerTo(long asked, long answered) {
                    return answered <= asked;
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
            }),

    /// A value counts as accepted by one member fewer than a recovery is sure to meet.
    ACCEPTS_WITH_TOO_FEW(
            new Rules() {
                @Override
                int acceptQuorum(int quorum) {
                    return Math.max(1, quorum - 1);
                }
            }),

    /// Two members use the same ballot.
    SHARES_ITS_BALLOTS(
            new Rules() {
                @Override
                long ballot(int rank, int size, long seen) {
                    return size * (1 + seen / size);
                }
            }),

    /// A coordinator answers a recovery while its decision is on the way to its disk.
    ANSWERS_WHILE_IT_DECIDES(
            new Rules() {
                @Override
                boolean maySpeak(boolean isDeciding) {
                    return true;
                }
            }),

    /// The fast path takes whoever answers first, and not those whom the proposal names.
    TAKES_THE_FIRST_ANSWERS(
            new Rules() {
                @Override
                long fastQuorum(long named, long answered) {
                    return Long.bitCount(answered) >= Long.bitCount(named) ? answered : named;
                }
            }),

    /// No mistake: a coordinator that starts again goes on at ballot 0. Its candidate, the fast
    /// quorum and all that others acknowledged are durable and never change, so it can decide
    /// nothing else than before.
    PROPOSES_ON_AFTER_A_RESTART(
            new Rules() {
                @Override
                boolean proposesOnAfterRestart() {
                    return true;
                }
            }),

    /// A coordinator that starts again gives a number to a second command.
    USES_NUMBERS_AGAIN(
            new Rules() {
                @Override
                long nextNumber(long aboveExecuted, long aboveWritten) {
                    return aboveExecuted;
                }
            }),

    /// A batch is ordered though whoever asked for it was told that it is not.
    ORDERS_WHAT_IT_REFUSED(
            new Rules() {
                @Override
                boolean dropsRefused() {
                    return false;
                }
            }),

    /// A floor is told that lies above a candidate which a crash takes back.
    PASSES_FRESH_CANDIDATES(
            new Rules() {
                @Override
                boolean heedsFreshCandidates() {
                    return false;
                }
            }),

    /// A member's own floor makes something stable, and a crash takes that floor back.
    COUNTS_ITS_FLOOR_BEFORE_SYNC(
            new Rules() {
                @Override
                long ownFloor(long announced, long floor) {
                    return floor;
                }
            }),

    /// Hardly a mistake: a floor begins where it was promised to after a restart, be that below
    /// what is decided. What is not executed raises it again when it is read from the journal; and
    /// who waits for it because of something that is executed here gets that as history.
    STARTS_BELOW_WHAT_IS_DECIDED(
            new Rules() {
                @Override
                long floorAtStart(long promised, long highest) {
                    return promised;
                }
            }),

    /// A member that orders nothing itself never passes what others wait for.
    PASSES_NOTHING_DECIDED(
            new Rules() {
                @Override
                boolean passesDecided() {
                    return false;
                }
            }),

    /// A command of which only the name came is never asked for.
    ASKS_FOR_NO_COMMANDS(
            new Rules() {
                @Override
                boolean asksForCommands() {
                    return false;
                }
            }),

    /// What a coordinator leaves open when it dies stays so until it is back.
    FINISHES_NOTHING_FOR_OTHERS(
            new Rules() {
                @Override
                boolean finishesForOthers() {
                    return false;
                }
            }),

    /// Leaves a command to whoever is first in line, also if that one gets nowhere.
    WAITS_FOR_WHO_IS_FIRST(
            new Rules() {
                @Override
                boolean stepsIn(long waitedNanos, long patienceNanos) {
                    return false;
                }
            }),

    /// Begins higher ballots also where there are too few to end any.
    STEPS_IN_WITH_TOO_FEW(
            new Rules() {
                @Override
                long leftSince(long knownSince, long enoughSince) {
                    return knownSince;
                }
            }),

    /// Waits no longer for others though their ballots take longer than it has waited.
    IS_NO_MORE_PATIENT(
            new Rules() {
                @Override
                long patience(long nanos, int failed) {
                    return nanos;
                }
            }),

    /// What was said of open commands leaves the journal when a snapshot is there.
    FORGETS_OPEN_COMMANDS(
            new Rules() {
                @Override
                boolean keepsOpen() {
                    return false;
                }
            }),

    /// A command of which only the name is here is passed over.
    EXECUTES_NAMES(
            new Rules() {
                @Override
                Command toExecute(CommandState state) {
                    Command command = state.command;
                    return command != null ? command : nothing(state.id);
                }
            }),

    /// The stop sign is obeyed as soon as it is decided, and not in its turn.
    STOPS_OUT_OF_TURN(
            new Rules() {
                @Override
                boolean isDue(long timestamp, long stable, Command command) {
                    return timestamp <= stable || command.sign() != null;
                }
            }),

    /// What is stable after the stop sign is executed too.
    GOES_ON_AFTER_THE_STOP_SIGN(
            new Rules() {
                @Override
                boolean endsAtStopSign() {
                    return false;
                }
            }),

    /// What was executed in the epoch before counts for executed in this one, where commands have
    /// the same names.
    CONTINUES_THE_LAST_EPOCH(
            new Rules() {
                @Override
                boolean isOfEpoch(long anchors, long present) {
                    return true;
                }
            }),

    /// The same for what members say: it is heard in an epoch later than the one they said it in.
    HEARS_FORMER_EPOCHS(BrokenReplicas.HEARS_FORMER_EPOCHS),

    /// A member says something in an epoch before its disk knows that this has begun.
    BEGINS_AN_EPOCH_BEFORE_SYNC(BrokenReplicas.BEGINS_AN_EPOCH_BEFORE_SYNC),

    /// Members of the epoch before are let go when one member of the next has begun it.
    LETS_MEMBERS_GO_TOO_SOON(BrokenReplicas.LETS_MEMBERS_GO_TOO_SOON),

    /// A retry whose reply is not remembered any more runs again.
    RUNS_FORGOTTEN_COMMANDS_AGAIN(BrokenReplicas.RUNS_FORGOTTEN_COMMANDS_AGAIN),

    /// A retry runs again.
    RUNS_RETRIES_AGAIN(BrokenReplicas.RUNS_RETRIES_AGAIN),

    /// Each replica ends sessions by its own wall clock.
    EXPIRES_BY_WALL_CLOCK(BrokenReplicas.EXPIRES_BY_WALL_CLOCK),

    /// What was written is called durable though nobody has forced it to the disk.
    DOES_NOT_FORCE(BrokenJournals.DOES_NOT_FORCE);

    /// All three, as in configurations.
    static final List<String> CLOCKS =
            List.of("replica-ids", "logical-clock", "synchronized-clock");

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

    /// A command that counts for nothing wherever it comes.
    private static Command nothing(CommandId id) {
        BatchId batch = new BatchId(id.origin(), new Incarnation(1, 1), 1, 1);
        return new Command(id, Batch.of(batch, 0, Bytes.EMPTY), null, Long.MAX_VALUE, 0, 0, 1);
    }

    Rules rules() {
        return rules;
    }

    /// Simulated clusters that make the mistake; those of an epoch's change go from one clock to
    /// another too.
    ///
    /// @param order as in a configuration
    SimulationSetup setup(String order) {
        SimulationSetup setup = StabilitySetup.of(order, rules).withProduct(product);
        return switch (this) {
            case STOPS_OUT_OF_TURN,
                    GOES_ON_AFTER_THE_STOP_SIGN,
                    CONTINUES_THE_LAST_EPOCH,
                    HEARS_FORMER_EPOCHS,
                    BEGINS_AN_EPOCH_BEFORE_SYNC,
                    LETS_MEMBERS_GO_TOO_SOON ->
                    setup.withSwitchesTo(others(order));
            default -> setup;
        };
    }

    private List<OrderingProvider<?, ?>> others(String order) {
        List<OrderingProvider<?, ?>> others = new ArrayList<>();
        for (String other : CLOCKS) {
            if (!other.equals(order)) {
                others.add(StabilitySetup.provider(other, rules));
            }
        }
        return others;
    }

    /// What has, as a schedule of its own, the mistakes that chance does not show.
    String otherwise() {
        return switch (this) {
            case READS_FROM_A_MAJORITY -> "by its own schedule, scenario `read-bound`";
            case RAISES_WHAT_MAY_BE_EVIDENT ->
                    "by its own schedule, scenario `evident-and-predecessor`";
            case COUNTS_FORMER_ANSWERS -> "by its own schedule, scenario `former-answer`";
            case GIVES_UP_WHEN_REFUSED -> "by its own schedule, scenario `refused-ballot`";
            case WAITS_FOR_WHO_IS_FIRST -> "by its own schedule, scenario `bridge`";
            case STEPS_IN_WITH_TOO_FEW -> "by its own schedule, scenario `no-majority`";
            case IS_NO_MORE_PATIENT -> "by its own schedule, scenario `slow-disks`";
            case WAITS_FOR_ITS_CLOCK -> "by its own schedule, scenario `wrong-clocks`";
            case BEGINS_AN_EPOCH_BEFORE_SYNC ->
                    "seldom: a crash in the moment in which an epoch begins";
            case LETS_MEMBERS_GO_TOO_SOON ->
                    "none: in the simulator the machines of those who left stay whole";
            case PROPOSES_ON_AFTER_A_RESTART -> "none: it is no mistake, see `Mutant`";
            case STARTS_BELOW_WHAT_IS_DECIDED -> "none: others have it from history, see `Mutant`";
            default -> "";
        };
    }

    /// For the count of seeds, which go through the clocks in turn.
    Mistake mistake() {
        return new Mistake(name(), CLOCKS.stream().map(this::setup).toList(), otherwise());
    }
}
