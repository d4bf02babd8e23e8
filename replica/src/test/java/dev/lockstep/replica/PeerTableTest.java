package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;

import org.junit.jupiter.api.Test;

import java.util.List;

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
        table.onLost(peer(2));
        assertThat(table.isPast(1, 0)).isTrue();

        table.onLost(peer(3));

        assertThat(table.isPast(1, 0)).isFalse();
        assertThat(table.hasBegun(peer(2), 5)).isTrue();
    }

    /// Of four members one may lie, and it says that there is a later epoch.
    @Test
    void anEpochIsBelievedOfOneMemberMoreThanMayLie() {
        PeerTable among = new PeerTable(ofFour());
        for (int id = 2; id <= 4; id++) {
            among.onFrame(peer(id), id == 2 ? 5 : 1);
        }
        among.onFrame(peer(5), 5);
        assertThat(among.isPast(2, 2)).isFalse();

        among.onFrame(peer(3), 2);

        assertThat(among.isPast(2, 2)).isTrue();
    }

    @Test
    void whoHearsOfTooFewMembersForAnythingBelievesAnybody() {
        PeerTable among = new PeerTable(ofFour());
        among.onFrame(peer(2), 1);
        among.onFrame(peer(3), 1);
        among.onFrame(peer(5), 2);
        assertThat(among.isPast(2, 2)).isFalse();

        among.onLost(peer(3));

        assertThat(among.isPast(2, 2)).isTrue();
    }

    private static CurrentReign ofFour() {
        Membership members = new Membership(List.of(peer(1), peer(2), peer(3), peer(4)));
        StopSign sign =
                new StopSign(
                        Epoch.FIRST, members, FaultModel.BYZANTINE, "leader", new ReplicaId(1));
        return new CurrentReign(peer(1), new Reign(sign, 0));
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
