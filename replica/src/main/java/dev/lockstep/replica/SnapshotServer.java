package dev.lockstep.replica;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Gives snapshots to members that are behind by more than the journal's history: says which is the
/// newest, and sends one chunk a question, so that whoever asks sets the pace.
final class SnapshotServer {

    /// What a member asked for and is being read.
    private record Asked(long token, long position, int chunk) {}

    private final Snapshots snapshots;
    private final PeerPort peers;
    private final CurrentReign current;

    /// The last question of each that is not answered; an earlier one is void.
    private final TreeMap<ReplicaId, Asked> asked = new TreeMap<>();

    private long tokens;

    SnapshotServer(CurrentReign current, Snapshots snapshots, PeerPort peers) {
        this.current = current;
        this.snapshots = snapshots;
        this.peers = peers;
    }

    /// A member wants to know what there is: the newest, or nothing.
    void offer(ReplicaId to) {
        List<SnapshotDescription> kept = snapshots.kept();
        if (kept.isEmpty()) {
            refuse(to);
        } else {
            peers.send(to, SnapshotFrames.offer(current.epoch(), kept.getFirst()), Bytes.EMPTY, 0);
        }
    }

    /// A member is to ask another.
    void refuse(ReplicaId to) {
        peers.send(to, SnapshotFrames.offer(current.epoch(), null), Bytes.EMPTY, 0);
    }

    /// A member wants a chunk.
    void serve(ReplicaId to, SnapshotFrames.Wanted wanted) {
        boolean isKept = false;
        for (SnapshotDescription kept : snapshots.kept()) {
            isKept |= kept.position() == wanted.position() && wanted.chunk() < kept.chunks();
        }
        if (!isKept) {
            // It was deleted meanwhile: a newer one is offered instead.
            offer(to);
            return;
        }
        tokens++;
        asked.put(to, new Asked(tokens, wanted.position(), wanted.chunk()));
        snapshots.read(tokens, wanted.position(), wanted.chunk());
    }

    /// A chunk was read.
    void onRead(long token, Bytes chunk) {
        for (Map.Entry<ReplicaId, Asked> entry : asked.entrySet()) {
            Asked question = entry.getValue();
            if (question.token() == token) {
                ReplicaId to = entry.getKey();
                asked.remove(to);
                Bytes head =
                        SnapshotFrames.chunk(
                                current.epoch(), question.position(), question.chunk());
                peers.send(to, head, chunk, 0);
                return;
            }
        }
    }
}
