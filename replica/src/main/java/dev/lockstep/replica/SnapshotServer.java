package dev.lockstep.replica;

import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Gives snapshots to members that are behind by more than the journal's history: says which is the
/// newest, and sends one chunk a question, so that whoever asks sets the pace.
final class SnapshotServer {

    /// What a member asked for and is being read.
    private record Asked(long token, long position, int chunk) {}

    private final Membership members;
    private final Snapshots snapshots;
    private final PeerPort peers;
    private final long epoch;

    /// By rank: the last question of the member that is not answered; an earlier one is void.
    private final @Nullable Asked[] asked;

    private long tokens;

    SnapshotServer(ReplicaOptions options, Snapshots snapshots, PeerPort peers) {
        this.members = options.members();
        this.epoch = options.epoch().value();
        this.snapshots = snapshots;
        this.peers = peers;
        this.asked = new @Nullable Asked[members.size()];
    }

    /// A member wants to know what there is: the newest, or nothing.
    void offer(ReplicaId to) {
        List<SnapshotDescription> kept = snapshots.kept();
        if (kept.isEmpty()) {
            refuse(to);
        } else {
            peers.send(to, SnapshotFrames.offer(epoch, kept.getFirst()), Bytes.EMPTY, 0);
        }
    }

    /// A member is to ask another.
    void refuse(ReplicaId to) {
        peers.send(to, SnapshotFrames.offer(epoch, null), Bytes.EMPTY, 0);
    }

    /// A member wants a chunk.
    void serve(ReplicaId to, SnapshotFrames.Wanted wanted) {
        boolean isKept = false;
        for (SnapshotDescription kept : snapshots.kept()) {
            isKept |= kept.position() == wanted.position() && wanted.chunk() < kept.chunks();
        }
        int rank = members.indexOf(to);
        if (!isKept || rank < 0) {
            // It was deleted meanwhile: a newer one is offered instead.
            offer(to);
            return;
        }
        tokens++;
        asked[rank] = new Asked(tokens, wanted.position(), wanted.chunk());
        snapshots.read(tokens, wanted.position(), wanted.chunk());
    }

    /// A chunk was read.
    void onRead(long token, Bytes chunk) {
        for (int rank = 0; rank < asked.length; rank++) {
            Asked question = asked[rank];
            if (question != null && question.token() == token) {
                asked[rank] = null;
                Bytes head = SnapshotFrames.chunk(epoch, question.position(), question.chunk());
                peers.send(members.idAt(rank), head, chunk, 0);
                return;
            }
        }
    }
}
