package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// What a member makes of a journal that begins before its snapshot.
class ReplayAfterSnapshotTest {

    private static final Incarnation LIFE = new Incarnation(7, 1);
    private static final Mark START = new Mark(0, 0, Chain.START);

    private Ordering<LeaderMessage, LeaderRecord> ordering = member(Rules.CORRECT);

    private static Ordering<LeaderMessage, LeaderRecord> member(Rules rules) {
        return new LeaderOrderingProvider(rules)
                .create(
                        new OrderingContext(
                                new ReplicaId(1),
                                Epoch.FIRST,
                                new Membership(List.of(new Member(new ReplicaId(1), LIFE))),
                                new ReplicaId(1),
                                new SplittableRandom(1),
                                new TreeMap<>(),
                                true));
    }

    private long sequence;

    private static LogEntry entry(Mark last, long term) {
        long index = last.index() + 1;
        BatchId name = new BatchId(new ReplicaId(1), LIFE, BatchId.PROTOCOL_BOOT, index);
        Batch batch = Batch.of(name, 0, Bytes.EMPTY);
        LogEntry.Purpose purpose = LogEntry.Purpose.BATCH;
        long chain = Chain.next(last.chain(), term, index, purpose, batch, null);
        return new LogEntry(new Mark(index, term, chain), index, batch, purpose, null);
    }

    private void hand(Input<LeaderMessage, LeaderRecord> input) {
        ordering.step(
                new Now(0, 0),
                input,
                new Outbox<>() {
                    @Override
                    public void emit(Effect<LeaderMessage, LeaderRecord> effect) {}

                    @Override
                    public long persist(LeaderRecord record) {
                        return ++sequence;
                    }
                });
    }

    private void replay(LeaderRecord record) {
        hand(new Input.Replayed<>(++sequence, record));
    }

    private void replay(LogEntry entry) {
        replay(new LeaderRecord.Entry(entry));
    }

    private void restoreAt(LogEntry entry) {
        hand(
                new Input.Restored<>(
                        entry.index(),
                        entry.timeNanos(),
                        Anchor.encode(Epoch.FIRST, entry),
                        List.of()));
    }

    @Test
    void whatWasCutOffDoesNotComeBack() {
        LogEntry first = entry(START, 1);
        LogEntry second = entry(first.mark(), 1);
        LogEntry third = entry(second.mark(), 1);
        restoreAt(second);
        List.of(first, second, third).forEach(this::replay);
        replay(new LeaderRecord.Truncated(2));
        replay(second);
        assertThat(ordering.status().details().read()).containsEntry("last", "2");
    }

    /// A leader's entries gave way to another's, came back when the first was elected again, and
    /// some of them were committed: the snapshot covers where the log was cut, and not all that
    /// was cut off.
    @Test
    void whatWasCutOffBelowTheSnapshotStaysCutOff() {
        replayWhatWasCutOffBelowTheSnapshot();
        assertThat(ordering.status().details().read()).containsEntry("last", "3");
    }

    /// Chance brings this about too seldom to rely on it (`docs/mutation-score.md`).
    @Test
    void aCutThatIsPassedOverIsNoticed() {
        ordering = member(Mutant.CUTS_NOTHING_BELOW_ITS_SNAPSHOT.rules());
        assertThatThrownBy(this::replayWhatWasCutOffBelowTheSnapshot)
                .hasMessageContaining("the journal's entries form a chain");
    }

    private void replayWhatWasCutOffBelowTheSnapshot() {
        LogEntry first = entry(START, 1);
        LogEntry second = entry(first.mark(), 1);
        LogEntry third = entry(second.mark(), 1);
        LogEntry otherSecond = entry(first.mark(), 2);
        LogEntry otherThird = entry(otherSecond.mark(), 2);
        LogEntry newThird = entry(second.mark(), 3);
        restoreAt(second);
        List.of(first, second, third).forEach(this::replay);
        replay(new LeaderRecord.Truncated(2));
        List.of(otherSecond, otherThird).forEach(this::replay);
        replay(new LeaderRecord.Truncated(2));
        List.of(second, newThird).forEach(this::replay);
    }
}
