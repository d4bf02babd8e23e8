package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingProviders;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.SurvivingReplica;
import dev.lockstep.replica.SurvivingReplica.Holdings;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// What a member's journal is worth when it is the last one.
final class SurvivorTest {

    private static final ClusterId CLUSTER = new ClusterId(1, 2);
    private static final Member SELF = new Member(new ReplicaId(2), new Incarnation(3, 4));
    private static final Member LOST = new Member(new ReplicaId(1), new Incarnation(5, 6));
    private static final LeaderOrderingProvider LEADER = new LeaderOrderingProvider();

    /// How the host tags a protocol's record.
    private static final int PROTOCOL = 1;

    private final List<JournalRecord> journal = new ArrayList<>();
    private Mark last = new Mark(0, 0, Chain.START);
    private long committed;

    private void write(LeaderRecord record) {
        BytesWriter out = new BytesWriter(64);
        LEADER.codec().encodeRecord(record, out);
        journal.add(new JournalRecord(journal.size() + 1, PROTOCOL, 1, out.toBytes()));
    }

    private void entry(long term, long commit, LogEntry.Purpose purpose, @Nullable StopSign sign) {
        long index = last.index() + 1;
        BatchId id = new BatchId(LOST.id(), LOST.incarnation(), 1, index);
        Batch batch = Batch.of(id, index, Bytes.EMPTY);
        long chain = Chain.next(last.chain(), term, index, purpose, batch, sign);
        last = new Mark(index, term, chain);
        write(new LeaderRecord.Entry(new LogEntry(last, index, batch, purpose, sign)));
        if (commit > committed) {
            committed = commit;
            write(new LeaderRecord.Committed(commit));
        }
    }

    private void entry(long term, long commit) {
        entry(term, commit, LogEntry.Purpose.BATCH, null);
    }

    private Holdings read() {
        SurvivingReplica replica =
                new SurvivingReplica(
                        CLUSTER,
                        SELF,
                        OrderingProviders.of(LEADER),
                        FaultModel.CRASH,
                        "leader",
                        new AddingMachine(),
                        ReplicaLimits.DEFAULT);
        journal.forEach(replica::replay);
        Holdings holdings = replica.finish();
        assertThat(replica.state().position()).isEqualTo(holdings.held());
        return holdings;
    }

    @Test
    void whatIsWrittenAndNotKnownToBeCommittedIsHeld() {
        write(new LeaderRecord.Term(3, LOST.id()));
        entry(2, 0);
        entry(2, 1);
        entry(3, 1);
        entry(3, 2);
        entry(3, 2);

        Holdings holdings = read();

        assertThat(holdings.certain()).isEqualTo(2);
        assertThat(holdings.held()).as("and nothing of its own").isEqualTo(5);
        assertThat(holdings.heldNanos()).isEqualTo(5);
        assertThat(holdings.reign()).as("no record says who the members are").isNull();
    }

    @Test
    void whatWasReplacedIsNotHeld() {
        entry(2, 0);
        entry(2, 1);
        write(new LeaderRecord.Truncated(2));
        last = new Mark(1, 2, chainOfFirst());

        assertThat(read().held()).isOne();
    }

    private long chainOfFirst() {
        LeaderRecord first = LEADER.codec().decodeRecord(journal.getFirst().content());
        return ((LeaderRecord.Entry) first).entry().mark().chain();
    }

    /// A stop sign that may have been committed is held; what closes an epoch has no position.
    @Test
    void aStopSignIsHeldAndWhatClosesTheEpochIsNot() {
        Membership next = new Membership(List.of(LOST, SELF));
        StopSign sign = new StopSign(new Epoch(2), next, FaultModel.CRASH, "leader", LOST.id());
        entry(2, 0);
        entry(2, 1, LogEntry.Purpose.SIGN, sign);
        entry(3, 1, LogEntry.Purpose.CLOSING, null);

        Holdings holdings = read();

        assertThat(holdings.certain()).isOne();
        assertThat(holdings.held()).isEqualTo(2);
        assertThat(holdings.reach().epoch()).as("the next one is not known to begin").isOne();
    }

    @Test
    void whoHasNothingHoldsNothing() {
        assertThat(read().held()).isZero();
    }

    /// §5.4.1: what a later term's leader wrote comes after all that was committed before it, so
    /// the shorter log may be the one that has everything.
    @Test
    void aLaterTermReachesFurtherThanALongerLog() {
        entry(2, 0);
        entry(2, 0);
        entry(2, 0);
        Holdings longer = read();
        journal.clear();
        last = new Mark(0, 0, Chain.START);
        entry(2, 0);
        entry(3, 0);
        Holdings later = read();

        assertThat(later.reach()).isGreaterThan(longer.reach());
        entry(3, 0);
        assertThat(read().reach()).isGreaterThan(later.reach());
        journal.clear();
        assertThat(read().reach()).isLessThan(longer.reach());
    }
}
