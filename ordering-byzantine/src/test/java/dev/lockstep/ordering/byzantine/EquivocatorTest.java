package dev.lockstep.ordering.byzantine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Accusation;
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

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

class EquivocatorTest {

    private static final int MEMBERS = 4;
    private static final Batch BATCH =
            Batch.of(
                    new BatchId(new ReplicaId(1), new Incarnation(1, 1), 1, 1),
                    1,
                    Bytes.wrap(new byte[] {7}));

    private record Letter(int from, int to, ByzantineMessage message) {}

    /// Four members without disks or delays, the first of which may equivocate.
    private static final class Group {
        private final List<Ordering<ByzantineMessage, ByzantineRecord>> members = new ArrayList<>();
        private final ArrayDeque<Letter> letters = new ArrayDeque<>();
        private final ArrayDeque<Runnable> durables = new ArrayDeque<>();
        private final List<List<Batch>> delivered = new ArrayList<>();
        private final TreeSet<Integer> accused = new TreeSet<>();
        private final List<Bytes> proofs = new ArrayList<>();
        private final List<ByzantineMessage.Propose> heard = new ArrayList<>();
        private final long[] written = new long[MEMBERS];

        Group(boolean equivocates) {
            List<Member> list = new ArrayList<>();
            for (int id = 1; id <= MEMBERS; id++) {
                list.add(new Member(new ReplicaId(id), new Incarnation(1, id)));
            }
            Membership membership = new Membership(list);
            for (int rank = 0; rank < MEMBERS; rank++) {
                TreeMap<String, String> options = new TreeMap<>();
                if (equivocates && rank == 0) {
                    options.put(ByzantineOptions.EQUIVOCATES, "true");
                }
                ReplicaId self = new ReplicaId(rank + 1);
                delivered.add(new ArrayList<>());
                members.add(
                        new ByzantineProvider()
                                .create(
                                        new OrderingContext(
                                                self,
                                                Epoch.FIRST,
                                                membership,
                                                membership.idAt(0),
                                                new SplittableRandom(1),
                                                options,
                                                true,
                                                Keys.of(self))));
            }
            for (int rank = 0; rank < MEMBERS; rank++) {
                step(rank, Input.Restored.nothing());
                step(rank, new Input.Recovered<>());
            }
            settle();
        }

        void step(int rank, Input<ByzantineMessage, ByzantineRecord> input) {
            members.get(rank)
                    .step(
                            new Now(1_000_000, 1_000_000),
                            input,
                            new Outbox<>() {
                                @Override
                                public void emit(Effect<ByzantineMessage, ByzantineRecord> it) {
                                    carryOut(rank, it);
                                }

                                @Override
                                public long persist(ByzantineRecord record) {
                                    long sequence = ++written[rank];
                                    durables.add(() -> step(rank, new Input.Durable<>(sequence)));
                                    return sequence;
                                }
                            });
        }

        private void carryOut(int rank, Effect<ByzantineMessage, ByzantineRecord> effect) {
            switch (effect) {
                case Effect.Send<ByzantineMessage, ByzantineRecord> send ->
                        letters.add(new Letter(rank, send.to().value() - 1, send.message()));
                case Effect.Deliver<ByzantineMessage, ByzantineRecord> it ->
                        delivered.get(rank).add(it.batch());
                case Effect.Validate<ByzantineMessage, ByzantineRecord> it ->
                        durables.add(() -> step(rank, new Input.Validated<>(it.digest(), true)));
                case Effect.Evidence<ByzantineMessage, ByzantineRecord> it -> {
                    accused.add(it.about().value());
                    proofs.add(it.proof());
                }
                default -> {}
            }
        }

        void settle() {
            while (!letters.isEmpty() || !durables.isEmpty()) {
                Runnable durable = durables.poll();
                if (durable != null) {
                    durable.run();
                    continue;
                }
                Letter letter = letters.remove();
                if (letter.message() instanceof ByzantineMessage.Propose propose) {
                    heard.add(propose);
                }
                step(
                        letter.to(),
                        new Input.Received<>(new ReplicaId(letter.from() + 1), letter.message()));
            }
        }
    }

    @Test
    void everybodyHasProofOfTwoBlocksInOnePlace() {
        Group group = new Group(true);
        group.step(0, new Input.Submitted<>(BATCH));
        group.settle();
        assertThat(group.accused).containsExactly(1);
        assertThat(
                        group.heard.stream()
                                .map(each -> each.header())
                                .filter(each -> each.view() == 0 && each.seq() == 2)
                                .map(each -> each.hash())
                                .distinct())
                .hasSize(2);
        assertThat(group.delivered.subList(1, MEMBERS))
                .allSatisfy(batches -> assertThat(batches).doesNotContain(BATCH));
        assertThat(group.members.subList(1, MEMBERS))
                .as("the view is over")
                .allSatisfy(
                        member ->
                                assertThat(member.status().preferredEntry())
                                        .isNotEqualTo(new ReplicaId(1)));
    }

    @Test
    void whoHasTheKeysCanJudgeTheProof() {
        Group group = new Group(true);
        group.step(0, new Input.Submitted<>(BATCH));
        group.settle();
        assertThat(group.proofs).isNotEmpty();
        Bytes proof = group.proofs.getFirst();
        assertThat(judge(proof))
                .hasValueSatisfying(
                        accusation -> {
                            assertThat(accusation.about()).isEqualTo(new ReplicaId(1));
                            assertThat(accusation.epoch()).isEqualTo(Epoch.FIRST);
                            assertThat(accusation.deed())
                                    .startsWith(
                                            "proposed or voted for two blocks in one place,"
                                                    + " view 0, block 2: ");
                        });
        for (int i = 0; i < proof.size(); i++) {
            byte[] forged = proof.toByteArray();
            forged[i] ^= 1;
            assertThat(judge(Bytes.wrap(forged))).as("byte %d", i).isEmpty();
        }
        assertThat(judge(proof.slice(0, proof.size() - 1))).isEmpty();
        TwoVotes good = TwoVotes.decode(proof);
        TwoVotes one =
                new TwoVotes(
                        good.setting(),
                        good.epoch(),
                        good.about(),
                        good.phase(),
                        good.first(),
                        good.firstSignature(),
                        good.first(),
                        good.firstSignature());
        assertThat(judge(one.encode())).as("one block voted for twice").isEmpty();
    }

    private static Optional<Accusation> judge(Bytes proof) {
        var keys = Keys.of(new ReplicaId(2));
        return new ByzantineProvider().judge(proof, keys.cluster(), _ -> keys.verifier());
    }

    @Test
    void anHonestLeadersBatchIsDelivered() {
        Group group = new Group(false);
        group.step(0, new Input.Submitted<>(BATCH));
        group.settle();
        assertThat(group.accused).isEmpty();
        assertThat(group.delivered)
                .allSatisfy(batches -> assertThat(batches).containsOnlyOnce(BATCH));
    }

    @Test
    void noClusterIsConfiguredToEquivocate() {
        TreeMap<String, String> options = new TreeMap<>();
        options.put(ByzantineOptions.EQUIVOCATES, "true");
        assertThatThrownBy(() -> new ByzantineProvider().checkOptions(options))
                .hasMessageContaining(ByzantineOptions.EQUIVOCATES);
    }
}
