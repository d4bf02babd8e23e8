package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;

import org.junit.jupiter.api.Test;

/// What others have shown counts as long as they are there to show it.
class PeerTableTest {

    private static final Now NOW = new Now(1, 1);

    private final PeerTable table = new PeerTable(Group.reign());

    private static Member peer(int id) {
        return new Member(new ReplicaId(id), new Incarnation(7, id));
    }

    @Test
    void anEpochThatNobodyShowsAnyMoreIsForgotten() {
        table.onConnected(peer(2));
        table.onConnected(peer(3));
        table.onFrame(peer(2), 5);
        table.onFrame(peer(3), Long.MAX_VALUE);
        assertThat(table.latestEpoch()).isEqualTo(Long.MAX_VALUE);

        table.onLost(peer(3));

        assertThat(table.latestEpoch()).isEqualTo(5);
        assertThat(table.hasBegun(peer(2), 5)).isTrue();
    }

    /// Members that have been removed have what the only one that is left may lack.
    @Test
    void theOnlyMemberAsksThoseThatWereMembers() {
        long epoch = Group.reign().epoch();
        table.onFrame(peer(2), epoch - 1);
        assertThat(table.sources()).isEmpty();

        table.onFrame(peer(2), epoch);

        assertThat(table.sources()).containsExactly(new ReplicaId(2));
        table.onLost(peer(2));
        assertThat(table.sources()).isEmpty();
    }

    @Test
    void thoseThatAreGoneMakeRoomForThoseThatCome() {
        for (int id = 2; id <= 300; id++) {
            table.onConnected(peer(id));
            table.onProgress(NOW, peer(id), 1);
            table.onLost(peer(id));
        }

        table.onConnected(peer(301));
        table.onProgress(NOW, peer(301), 9);

        assertThat(table.learner(NOW.monotonicNanos(), peer(301)))
                .isEqualTo(new LearnerStatus(peer(301), 9, 0));
    }

    @Test
    void noMoreThanTheBoundAreRemembered() {
        for (int id = 2; id <= 400; id++) {
            table.onConnected(peer(id));
            table.onProgress(NOW, peer(id), 1);
        }

        assertThat(table.learners(NOW.monotonicNanos())).hasSize(256);
    }
}
