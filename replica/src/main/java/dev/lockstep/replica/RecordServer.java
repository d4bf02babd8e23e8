package dev.lockstep.replica;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.wire.Bytes;

import java.util.List;

/// Answers replicas that have lost records of their journals with those of this one.
///
/// Threading and cost: a question makes the journal look through its indexes, on the replica's
/// thread; who asks waits for the answer before it asks on.
final class RecordServer {

    private final Journal journal;
    private final PeerPort peers;
    private final CurrentReign current;

    RecordServer(Journal journal, PeerPort peers, CurrentReign current) {
        this.journal = journal;
        this.peers = peers;
        this.current = current;
    }

    /// @throws dev.lockstep.core.wire.MalformedException if `question` is none
    void serve(ReplicaId to, Bytes question) {
        List<RecordIdentity> wanted = RepairFrames.decodeNeedRecords(question);
        int members = current.isMember() ? current.members().size() : 0;
        Bytes answer =
                RepairFrames.records(
                        current.epoch(),
                        members,
                        wanted,
                        journal.find(wanted),
                        HistoryServer.CHUNK_BYTES);
        peers.send(to, answer, Bytes.EMPTY, 0);
    }
}
