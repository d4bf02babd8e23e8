package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

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

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// What two members under fail-stop faults show of their requests, step by step.
class FailStopTableTest {

    private record Letter(int from, int to, FailStopMessage message, long after) {}

    private static final Membership MEMBERS =
            new Membership(
                    List.of(
                            new Member(new ReplicaId(1), life(1)),
                            new Member(new ReplicaId(2), life(2))));

    private final List<Ordering<FailStopMessage, FailStopRecord>> members = new ArrayList<>();
    private final ArrayDeque<Letter> letters = new ArrayDeque<>();
    private final long[] written = new long[2];
    private final long[] durable = new long[2];

    private static Incarnation life(int id) {
        return new Incarnation(7, id);
    }

    @BeforeEach
    void start() {
        for (int id = 1; id <= 2; id++) {
            members.add(
                    FailStopSetups.provider("replica-ids", FailStopRules.CORRECT)
                            .create(
                                    new OrderingContext(
                                            new ReplicaId(id),
                                            Epoch.FIRST,
                                            MEMBERS,
                                            new ReplicaId(1),
                                            new SplittableRandom(1),
                                            new TreeMap<>(),
                                            true)));
            step(id, Input.Restored.nothing());
            step(id, new Input.Recovered<>());
            sync(id);
        }
    }

    private void step(int id, Input<FailStopMessage, FailStopRecord> input) {
        members.get(id - 1)
                .step(
                        new Now(1, 1),
                        input,
                        new Outbox<>() {
                            @Override
                            public void emit(Effect<FailStopMessage, FailStopRecord> effect) {
                                if (effect
                                        instanceof Effect.Send<FailStopMessage, FailStopRecord> s) {
                                    letters.add(
                                            new Letter(
                                                    id,
                                                    s.to().value(),
                                                    s.message(),
                                                    s.afterSequence()));
                                }
                            }

                            @Override
                            public long persist(FailStopRecord record) {
                                return ++written[id - 1];
                            }
                        });
    }

    private void sync(int id) {
        durable[id - 1] = written[id - 1];
        step(id, new Input.Durable<>(durable[id - 1]));
    }

    /// Everything that has left arrives, and what that leads to, until nothing is on its way.
    private void talk() {
        for (int i = letters.size(); i > 0 || !letters.isEmpty(); i--) {
            Letter letter = letters.removeFirst();
            assertThat(letter.after).isLessThanOrEqualTo(durable[letter.from - 1]);
            step(letter.to, new Input.Received<>(new ReplicaId(letter.from), letter.message));
        }
    }

    private List<List<String>> table(int id) {
        return members.get(id - 1).status().details().table().rows();
    }

    @Test
    void showsWhatEachRequestWaitsFor() {
        assertThat(table(1)).isEmpty();
        BatchId name = new BatchId(new ReplicaId(1), life(1), 1, 1);
        step(1, new Input.Submitted<>(Batch.of(name, 0, Bytes.EMPTY)));
        assertThat(table(1)).containsExactly(List.of("1#1", "1", "-", "waits for the CUID of 2"));

        Letter proposal = letters.removeFirst();
        letters.clear();
        step(2, new Input.Received<>(new ReplicaId(1), proposal.message));
        assertThat(table(2)).containsExactly(List.of("1#1", "1", "-", "waits for the UID from 1"));

        talk();
        assertThat(table(1))
                .containsExactly(
                        List.of(
                                "1#1",
                                "1",
                                "1",
                                "waits for the disk and 2 to hold all through it (0)"));
        sync(1);
        talk();
        assertThat(table(1))
                .containsExactly(
                        List.of("1#1", "1", "1", "waits for 2 to hold all through it (0)"));
        sync(2);
        talk();
        assertThat(table(1)).containsExactly(List.of("1#1", "1", "1", "executed at 1"));
        assertThat(table(2)).containsExactly(List.of("1#1", "1", "1", "executed at 1"));
    }
}
