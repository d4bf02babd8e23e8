package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// What may be ordered as the end of an epoch, and what it comes to.
class WishTest {

    private static final Trust.Operators OPERATORS =
            new Trust.Operators() {
                @Override
                public boolean isGenuine(int operator, Bytes content, Bytes signature) {
                    return operator == 1 && signature.equals(sign(content));
                }

                @Override
                public boolean isKey(Bytes key) {
                    return key.size() == 4;
                }
            };

    private final WishJudge judge =
            new WishJudge(
                    ReplicaOptions.of(
                            Group.CLUSTER, new ReplicaId(1), new Incarnation(7, 1), 1, members(3)),
                    OPERATORS,
                    new Toy.Provider(),
                    ReplicaRules.CORRECT);

    private static Bytes sign(Bytes content) {
        return new BytesWriter(8).putLong(content.crc32c() * 31L).toBytes();
    }

    private static Bytes key(int number) {
        return new BytesWriter(4).putInt(number).toBytes();
    }

    private static Membership members(int size) {
        return new Membership(
                IntStream.rangeClosed(1, size)
                        .mapToObj(id -> new Member(new ReplicaId(id), new Incarnation(7, id)))
                        .toList());
    }

    private static List<Bytes> keys(int size) {
        return new ArrayList<>(IntStream.rangeClosed(1, size).mapToObj(WishTest::key).toList());
    }

    private static StopSign sign(long next, int size, List<Bytes> keys) {
        return new StopSign(
                new Epoch(next), members(size), FaultModel.CRASH, "toy", new ReplicaId(1), keys);
    }

    private static Wish signed(StopSign sign) {
        return new Wish(sign, 1, sign(Wish.signedBytes(Group.CLUSTER, 1, sign)));
    }

    private @Nullable String whyNot(StopSign sign) {
        return judge.whyNot(4, signed(sign));
    }

    @Test
    void whatAnOperatorHasSignedForTheNextEpochIsGood() {
        Wish wish = signed(sign(5, 3, keys(3)));

        assertThat(judge.whyNot(4, wish)).isNull();
        assertThat(judge.isGood(4, wish.encode())).isTrue();
        assertThat(Wish.decode(wish.encode())).isEqualTo(wish);
    }

    @Test
    void oneForAnotherEpochIsNot() {
        assertThat(judge.whyNot(3, signed(sign(5, 3, keys(3))))).contains("epoch 5");
        assertThat(judge.whyNot(5, signed(sign(5, 3, keys(3))))).contains("sign it again");
    }

    @Test
    void whatNobodyHasSignedIsNot() {
        StopSign sign = sign(5, 3, keys(3));
        Wish good = signed(sign);

        assertThat(judge.whyNot(4, new Wish(sign, 2, good.signature()))).contains("no operator");
        assertThat(judge.whyNot(4, new Wish(sign(5, 2, keys(2)), 1, good.signature())))
                .contains("no operator");
    }

    @Test
    void thereAreSoManyMembersThatOneMayLieAndEachHasAKeyOfItsOwn() {
        List<Bytes> twice = keys(3);
        twice.set(2, key(1));
        List<Bytes> bad = keys(3);
        bad.set(1, Bytes.EMPTY);

        assertThat(whyNot(sign(5, 1, keys(1)))).contains("of 1 members none may lie");
        assertThat(whyNot(sign(5, 3, List.of()))).contains("by which keys");
        assertThat(whyNot(sign(5, 3, twice))).contains("the same key");
        assertThat(whyNot(sign(5, 3, bad))).contains("none that a cluster takes");
    }

    @Test
    void faultModelAndOrderStay() {
        StopSign other =
                new StopSign(
                        new Epoch(5),
                        members(3),
                        FaultModel.BYZANTINE,
                        "toy",
                        new ReplicaId(1),
                        keys(3));

        assertThat(whyNot(other)).contains("keeps its fault model");
    }

    @Test
    void theFirstThatIsOrderedInAnEpochCounts() {
        OrderedWish wished = new OrderedWish();
        StopSign first = sign(5, 3, keys(3));
        wished.onOrdered(signed(first).encode());
        wished.onOrdered(signed(sign(5, 2, keys(2))).encode());
        wished.onOrdered(Bytes.EMPTY);

        assertThat(wished.endOf(4)).isEqualTo(first);
        assertThat(wished.endOf(5)).isNull();
        assertThat(wished.beginningOf(5)).isEqualTo(signed(first).encode());
        assertThat(wished.beginningOf(4)).isEqualTo(Bytes.EMPTY);

        OrderedWish restored = new OrderedWish();
        restored.restore(wished.encode());
        restored.onOrdered(signed(sign(6, 2, keys(2))).encode());

        assertThat(restored.endOf(5)).isEqualTo(sign(6, 2, keys(2)));
    }

    @Test
    void otherBytesAreNoWish() {
        Bytes good = signed(sign(5, 3, keys(3))).encode();

        assertThatThrownBy(() -> Wish.decode(good.slice(0, good.size() - 1)))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Wish.decode(Bytes.wrap(new byte[Wish.MAX_BYTES + 1])))
                .isInstanceOf(MalformedException.class);
        assertThat(judge.isGood(4, Bytes.EMPTY)).isFalse();
    }
}
