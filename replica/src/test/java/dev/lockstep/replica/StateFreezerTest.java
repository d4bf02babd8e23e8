package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// The state at a position that is still to come, and the replies that led there.
class StateFreezerTest {

    private final Group group = new Group(3);
    private final long session = group.node(1).open(7, 3_600 * Group.SECOND);
    private final List<StateDigest> digests = new ArrayList<>();

    private void command(long sequence, String text) {
        var _ = group.node(1).command(1, session, sequence, 0, text);
        group.run();
    }

    private boolean freeze(int node, long position) {
        return group.node(node).replica.freezeAt(position, frozen -> digests.add(digested(frozen)));
    }

    private static StateDigest digested(FrozenDigest frozen) {
        try (frozen) {
            return frozen.digest(() -> {});
        }
    }

    @Test
    void itIsThatOfExactlyThePosition() {
        long position = group.node(1).replica.status().executedPosition() + 2;
        for (int id = 1; id <= 3; id++) {
            assertThat(freeze(id, position)).isTrue();
        }
        command(1, "a");
        assertThat(digests).isEmpty();
        command(2, "b");
        assertThat(digests).hasSize(3);
        assertThat(digests).allMatch(group.node(2).replica.stateDigest()::equals);
        command(3, "c");
        assertThat(digests).hasSize(3);
        assertThat(freeze(1, position)).isFalse();
        assertThat(freeze(1, position + 1)).isTrue();
        assertThat(digests.getLast()).isEqualTo(group.node(1).replica.stateDigest());
    }

    @Test
    void anIdleGroupMovesWhenItIsAskedTo() {
        long position = group.node(3).replica.status().executedPosition() + 1;
        assertThat(freeze(3, position)).isTrue();
        group.node(3).replica.moveOn(group.now());
        group.run();
        assertThat(digests).hasSize(1);
        assertThat(digests.getFirst().position()).isEqualTo(position);
    }

    /// Of a state that cannot be frozen there is no digest, of all else there is.
    @Test
    void repliesAndSessionsAreToldOfAnyState() {
        Group.Node live = group.node(3);
        live.live = true;
        live.restart();
        group.connectAll();
        long position = group.node(1).replica.status().executedPosition() + 1;
        assertThat(freeze(1, position)).isTrue();
        assertThat(freeze(3, position)).isTrue();
        command(1, "a");
        assertThat(digests).hasSize(2);
        assertThat(digests).extracting(StateDigest::chain).containsOnly(digests.getFirst().chain());
        assertThat(digests).extracting(StateDigest::host).containsOnly(digests.getFirst().host());
        assertThat(digests).extracting(digest -> digest.state().size()).contains(0, 32);
    }

    @Test
    void soManyWaitAndNoMore() {
        for (int i = 1; i <= StateFreezer.MOST_WAITING; i++) {
            assertThat(freeze(1, 1_000 + i)).isTrue();
        }
        assertThat(freeze(1, 5_000)).isFalse();
        group.node(1).replica.forgetFreeze(1_001);
        assertThat(freeze(1, 5_000)).isTrue();
    }

    @Test
    void theChainIsKnownOfTheLastPositions() {
        command(1, "a");
        command(2, "b");
        RecentChains recent = group.node(1).replica.recentChains();
        assertThat(recent.first()).isOne();
        long[] digests = recent.digests();
        assertThat(digests).hasSize((int) group.node(1).replica.status().executedPosition());
        assertThat(digests[digests.length - 1])
                .isEqualTo(group.node(1).replica.stateDigest().chain());
        assertThat(group.node(2).replica.recentChains().digests()).isEqualTo(digests);
    }

    @Test
    void onlyTheLastChainsAreKept() {
        RecentChains recent = new RecentChains();
        assertThat(recent.digests()).isEmpty();
        long begin = 777;
        for (long position = begin; position < begin + RecentChains.KEPT + 300; position++) {
            recent.add(position, 3 * position);
        }
        assertThat(recent.first()).isEqualTo(begin + 300);
        long[] digests = recent.digests();
        assertThat(digests).hasSize(RecentChains.KEPT);
        for (int i = 0; i < digests.length; i++) {
            assertThat(digests[i]).isEqualTo(3 * (recent.first() + i));
        }
    }
}
