package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// What a replica knows from a snapshot alone counts for nothing until its journal says that it
/// leads on from there: otherwise a snapshot that is lost takes along, unnoticed, what others were
/// told to be here.
class SilenceTest {

    @Test
    void nothingIsSaidBeforeTheJournalNamesTheSnapshot() throws IOException {
        Group group = new Group(2);
        Group.Node second = group.node(2);
        group.connectAll();
        long session = group.node(1).open(7, 3_600 * Group.SECOND);
        var _ = group.node(1).command(1, session, 1, 0, "5");
        group.run();
        byte[] snapshot = snapshotOf(group, second);

        second.syncs = false;
        second.restartWith(snapshot);
        group.connectAll();
        var _ = second.command(1, session, 2, 1, "6");
        group.run();
        assertThat(second.replica.status().heldSends()).isPositive();
        assertThat(second.replies).noneMatch(reply -> reply.sequence() == 2);
        assertThat(group.node(1).ledger.text()).isEqualTo("5;");

        second.syncs = true;
        group.run();
        assertThat(second.said()).startsWith("OK 2");
        assertThat(second.replica.status().heldSends()).isZero();
    }

    private static byte[] snapshotOf(Group group, Group.Node node) throws IOException {
        FakeSnapshots snapshots = new FakeSnapshots();
        node.snapshots = snapshots;
        node.restart();
        group.connectAll();
        node.replica.wantSnapshot(group.now());
        group.run();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        snapshots.content.writeTo(out);
        return out.toByteArray();
    }
}
