package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// What a member makes of the end of an epoch in a journal that may not begin at its beginning.
class FailStopReplayTest {

    private static final ReplicaId FIRST = new ReplicaId(1);
    private static final Membership MEMBERS =
            new Membership(
                    List.of(new Member(FIRST, life(1)), new Member(new ReplicaId(2), life(2))));
    private static final StopSign NEXT =
            new StopSign(new Epoch(2), MEMBERS, FaultModel.FAIL_STOP, "logical-clock", FIRST);

    private final Ordering<FailStopMessage, FailStopRecord> ordering =
            FailStopSetups.provider("logical-clock", FailStopRules.CORRECT)
                    .create(
                            new OrderingContext(
                                    new ReplicaId(2),
                                    Epoch.FIRST,
                                    MEMBERS,
                                    FIRST,
                                    new SplittableRandom(1),
                                    new TreeMap<>(),
                                    true));

    private final List<Long> delivered = new ArrayList<>();
    private long sequence;

    private static Incarnation life(int id) {
        return new Incarnation(7, id);
    }

    private static Batch batch(long number) {
        return Batch.of(new BatchId(FIRST, life(1), 1, number), 0, Bytes.EMPTY);
    }

    /// The command at a position, with the position for its number and its id.
    private static Entry entry(long position) {
        CommandId name = new CommandId(FIRST, position);
        return new Entry(name, position, true, position, batch(position));
    }

    private void replay(FailStopRecord record) {
        ordering.step(
                new Now(0, 0),
                new Input.Replayed<>(++sequence, record),
                new Outbox<>() {
                    @Override
                    public void emit(Effect<FailStopMessage, FailStopRecord> effect) {
                        if (effect
                                instanceof
                                Effect.Deliver<FailStopMessage, FailStopRecord> delivery) {
                            delivered.add(delivery.position());
                            assertThat(delivery.batch().id().sequence())
                                    .isEqualTo(delivery.position());
                        }
                    }

                    @Override
                    public long persist(FailStopRecord record) {
                        return ++sequence;
                    }
                });
    }

    /// The epoch ends after the third position, and these are in the journal.
    private void replayTheEnd(long... positions) {
        replay(new FailStopRecord.Opened());
        for (long position : positions) {
            replay(new FailStopRecord.Logged(entry(position)));
        }
        Mark last = entry(3).mark();
        replay(new FailStopRecord.Agreed(new Suffix(1, NEXT, 3, last, List.of())));
        replay(new FailStopRecord.Ended(1, batch(4)));
    }

    @Test
    void whatTheEpochEndedWithIsDelivered() {
        replayTheEnd(1, 2, 3);
        assertThat(delivered).containsExactly(1L, 2L, 3L, 4L);
    }

    /// The snapshots that stood for the beginning are gone, of which a later record will tell:
    /// until then nothing is taken for what it is not.
    @Test
    void whatBeginsInTheMidstIsNotTakenForTheBeginning() {
        replayTheEnd(2, 3);
        assertThat(delivered).isEmpty();
    }
}
