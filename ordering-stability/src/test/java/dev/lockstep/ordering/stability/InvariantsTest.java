package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.ordering.stability.StabilityMessage.Body;
import dev.lockstep.ordering.stability.StabilityMessage.Commit;
import dev.lockstep.ordering.stability.StabilityMessage.Consensus;
import dev.lockstep.ordering.stability.StabilityMessage.ConsensusAck;
import dev.lockstep.ordering.stability.StabilityMessage.Heartbeat;
import dev.lockstep.ordering.stability.StabilityMessage.Propose;
import dev.lockstep.ordering.stability.StabilityMessage.ProposeAck;
import dev.lockstep.ordering.stability.StabilityMessage.RecoverAck;
import dev.lockstep.replica.ReplicaListener;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Each check of [StabilityChecks] and [JournalChecks] fails when members say or write what the
/// invariant forbids. What a broken rule makes them say is in [MutantsTest].
class InvariantsTest {

    private static final CommandId X = new CommandId(new ReplicaId(1), 1);
    private static final CommandId Y = new CommandId(new ReplicaId(2), 1);

    private final StabilityChecks checks = new StabilityChecks(new Coverage());
    private final TreeMap<Integer, ReplicaListener> members = new TreeMap<>();
    private long sequence;

    @BeforeEach
    void start() {
        IntStream.rangeClosed(1, 3).forEach(this::boot);
    }

    private void boot(int id) {
        ReplicaListener member = checks.boot(new ReplicaId(id));
        List<Member> all =
                IntStream.rangeClosed(1, 3)
                        .mapToObj(i -> new Member(new ReplicaId(i), new Incarnation(1, i)))
                        .toList();
        StopSign sign =
                new StopSign(
                        Epoch.FIRST,
                        new Membership(all),
                        FaultModel.CRASH,
                        "replica-ids",
                        new ReplicaId(1));
        member.onEpoch(new Reign(sign, 0));
        members.put(id, member);
        write(id, new StabilityRecord.Reserved(1_000, 0));
    }

    private ReplicaListener member(int id) {
        return members.getOrDefault(id, ReplicaListener.NONE);
    }

    private void write(int id, StabilityRecord record) {
        member(id).onPersisted(++sequence, record);
        member(id).onDurable(sequence);
    }

    private void vote(int id, CommandId command, Vote vote) {
        write(id, new StabilityRecord.Voted(command, vote));
    }

    private static Vote candidate(long candidate) {
        return Vote.NONE.withCandidate(candidate, false);
    }

    private void say(int id, Body body) {
        say(id, new Header(0, 0, Header.NO_BASE, List.of(), 0, 0, 0, 0), body);
    }

    private void say(int id, Header header, Body body) {
        member(id).onSent(new ReplicaId(id % 3 + 1), new StabilityMessage(header, body), 0);
    }

    private static Header floor(long through, Mark... listed) {
        return new Header(0, through, Header.NO_BASE, List.of(listed), 0, 0, 0, 0);
    }

    /// The command as its coordinator wrote it down, with a fast quorum of 1 and 2.
    private static Command command(CommandId id, long least) {
        BatchId batch = new BatchId(id.origin(), new Incarnation(1, id.origin().value()), 1, 1);
        return new Command(id, Batch.of(batch, 0, Bytes.EMPTY), null, 0, 0, 0b011, least);
    }

    private static void breaks(String invariant, Runnable deed) {
        assertThatThrownBy(deed::run)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(invariant);
    }

    /// X is proposed by 1, and has this candidate of 2.
    private void propose(long other) {
        write(1, new StabilityRecord.Known(command(X, 5), candidate(5)));
        say(1, new Propose(command(X, 5)));
        acknowledge(2, other);
    }

    private void acknowledge(int id, long candidate) {
        vote(id, X, candidate(candidate));
        say(id, new ProposeAck(X, candidate));
    }

    /// It is decided fast, durably.
    private void decideFast() {
        propose(5);
        vote(1, X, candidate(5).withDecided(5));
        say(1, new Commit(X, 5, null));
    }

    @Test
    void i1_one_command_a_position() {
        write(1, new StabilityRecord.Executed(1, new Mark(5, X), null));
        breaks("I1", () -> write(2, new StabilityRecord.Executed(1, new Mark(6, Y), null)));
    }

    @Test
    void i2_one_unique_id_a_command() {
        decideFast();
        breaks("I2", () -> say(2, new Commit(X, 6, null)));
    }

    @Test
    void i5_unique_ids_ascend() {
        write(1, new StabilityRecord.Executed(1, new Mark(5, X), null));
        breaks("I5", () -> write(1, new StabilityRecord.Executed(2, new Mark(4, Y), null)));
    }

    @Test
    void i6_candidates_are_above_all_floors_told() {
        say(1, floor(10), new Heartbeat());
        breaks("I6", () -> vote(1, X, candidate(10)));
    }

    @Test
    void i7_a_candidate_is_never_changed() {
        vote(2, X, candidate(5));
        say(2, new ProposeAck(X, 5));
        breaks(
                "I7",
                () -> {
                    vote(2, X, candidate(6));
                    say(2, new ProposeAck(X, 6));
                });
    }

    @Test
    void i8_a_header_leaves_no_candidate_out() {
        vote(2, X, candidate(5));
        say(2, new ProposeAck(X, 5));
        breaks("I8", () -> say(2, floor(10), new Heartbeat()));
    }

    @Test
    void i9_a_majority_has_candidates_at_or_below_a_unique_id() {
        write(1, new StabilityRecord.Known(command(X, 5), candidate(5)));
        breaks("I9", () -> say(1, new Commit(X, 5, null)));
    }

    @Test
    void i11_ballots_are_not_taken_back() {
        vote(2, X, candidate(5).withAccepted(9, 5));
        say(1, new Consensus(command(X, 5), 9, 5));
        say(2, new ConsensusAck(X, 9));
        breaks("I11", () -> say(2, new ConsensusAck(X, 8)));
        breaks("I11", () -> say(2, new RecoverAck(X, candidate(5).withBallot(9))));
    }

    @Test
    void i12_one_value_a_ballot() {
        say(1, new Consensus(command(X, 5), 9, 5));
        breaks("I12", () -> say(1, new Consensus(command(X, 5), 9, 6)));
        Vote accepted = candidate(5).withAccepted(9, 7);
        vote(2, X, accepted);
        breaks("I12", () -> say(2, new RecoverAck(X, accepted)));
    }

    @Test
    void i13_who_has_promised_acknowledges_nothing() {
        Vote promised = candidate(5).withBallot(9);
        vote(2, X, promised);
        say(2, new RecoverAck(X, promised));
        breaks("I13", () -> say(2, new ProposeAck(X, 5)));
    }

    @Test
    void i14_what_is_said_is_durable() {
        breaks("I14", () -> say(2, new ProposeAck(X, 5)));
        breaks("I14", () -> say(2, new ConsensusAck(X, 9)));
        breaks("I14", () -> say(2, floor(1_001), new Heartbeat()));
        member(2).onPersisted(++sequence, new StabilityRecord.Voted(X, candidate(5)));
        breaks("I14", () -> say(2, floor(5, new Mark(5, X)), new Heartbeat()));
    }

    @Test
    void i14_a_decision_is_durable_or_evident() {
        propose(5);
        breaks("I14", () -> say(1, new Commit(X, 5, null)));
    }

    @Test
    void i15_ballot_0_decides_the_largest_candidate_of_the_fast_quorum() {
        propose(6);
        acknowledge(3, 7);
        vote(1, X, candidate(5).withDecided(7));
        breaks("I15", () -> say(1, new Commit(X, 7, null)));
    }

    @Test
    void i16_a_recovery_finds_what_was_decided() {
        decideFast();
        breaks("I16", () -> say(3, new Consensus(command(X, 5), 9, 6)));
    }

    @Test
    void i19_what_still_counts_is_not_released() {
        JournalChecks journals = new JournalChecks();
        ReplicaId one = new ReplicaId(1);
        journals.onPersisted(1, one, 1, new StabilityRecord.Reserved(1_000, 0));
        journals.onDurable(1, one, 1);
        breaks("I19", () -> journals.onRelease(1, one, 1));
        journals.onPersisted(1, one, 2, new StabilityRecord.Voted(X, candidate(5)));
        journals.onPersisted(1, one, 3, new StabilityRecord.Reserved(2_000, 0));
        journals.onDurable(1, one, 3);
        breaks("I19", () -> journals.onRelease(1, one, 2));
        journals.onRelease(1, one, 1);
        journals.onPersisted(1, one, 4, new StabilityRecord.Executed(1, new Mark(5, X), null));
        journals.onPersisted(1, one, 5, new StabilityRecord.Reserved(2_000, 7));
        journals.onDurable(1, one, 5);
        breaks("I19", () -> journals.onRelease(1, one, 4));
        journals.onSnapshot(1, one, 1);
        journals.onRelease(1, one, 4);
        breaks(
                "I19",
                () -> journals.onPersisted(1, one, 6, new StabilityRecord.Voted(X, candidate(9))));
    }

    @Test
    void i20_a_floor_does_not_fall_over_a_restart() {
        say(1, floor(10), new Heartbeat());
        boot(1);
        breaks("I20", () -> say(1, floor(9), new Heartbeat()));
    }

    /// What [Theatre] lets a member forget is noticed when it takes part again.
    @Test
    void who_starts_again_remembers_what_it_said() {
        Theatre theatre = new Theatre("replica-ids", 3, 1, Rules.CORRECT);
        JournalChecks journals = new JournalChecks();
        ReplicaId one = new ReplicaId(1);
        Overview knowsNothing = theatre.overview(1);
        journals.onTakesPart(1, one, knowsNothing);
        journals.onPersisted(1, one, 1, new StabilityRecord.Voted(X, candidate(5)));
        journals.onDurable(1, one, 1);
        say(journals, one, floor(0), new ProposeAck(X, 5));
        breaks(
                "who starts again remembers what it said",
                () -> journals.onTakesPart(1, one, knowsNothing));
        JournalChecks floors = new JournalChecks();
        floors.onPersisted(1, one, 1, new StabilityRecord.Reserved(90_000, 0));
        floors.onDurable(1, one, 1);
        say(floors, one, floor(80_000), new Heartbeat());
        breaks(
                "who starts again remembers its floor",
                () -> floors.onTakesPart(1, one, knowsNothing));
    }

    private static void say(JournalChecks journals, ReplicaId id, Header header, Body body) {
        journals.onSent(1, id, new StabilityMessage(header, body));
    }

    @Test
    void i10_what_is_stable_is_known_to_be_decided() {
        Theatre theatre = new Theatre("replica-ids", 3, 1, Rules.CORRECT);
        theatre.submit(1, "a");
        theatre.settle(1, 2, 3);
        theatre.live(1, 2, 3);
        // 3 has everything through 1 stable, and has never heard of what is decided as 1.
        member(3).onTakesPart(theatre.status(3));
        say(3, new Heartbeat());
        write(2, new StabilityRecord.Known(command(Y, 1), candidate(1)));
        say(2, new Propose(command(Y, 1)));
        vote(1, Y, candidate(1));
        say(1, new ProposeAck(Y, 1));
        vote(2, Y, candidate(1).withDecided(1));
        breaks("I10", () -> say(2, new Commit(Y, 1, null)));
    }
}
