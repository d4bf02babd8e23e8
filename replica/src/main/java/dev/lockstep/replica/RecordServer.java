package dev.lockstep.replica;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.port.RecordSearch;
import dev.lockstep.core.wire.Bytes;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Answers replicas that have lost records of their journals with those of this one.
///
/// Threading and cost: the replica's thread. One question of each replica is looked after, all
/// together for one step of a search a duty cycle; an answer has about
/// [HistoryServer#CHUNK_BYTES].
final class RecordServer {

    /// What one replica has asked for.
    private record Asked(List<RecordIdentity> wanted, RecordSearch search) {}

    private final Journal journal;
    private final PeerPort peers;
    private final CurrentReign current;

    /// The question of each that is not answered yet.
    private final TreeMap<ReplicaId, Asked> asked = new TreeMap<>();

    /// Whose question was looked after last.
    private ReplicaId served;

    RecordServer(Journal journal, PeerPort peers, CurrentReign current) {
        this.journal = journal;
        this.peers = peers;
        this.current = current;
        this.served = current.self();
    }

    /// Who asks the same again has lost its patience, and nothing else: the search goes on.
    ///
    /// @throws dev.lockstep.core.wire.MalformedException if `question` is none
    void ask(ReplicaId from, Bytes question) {
        List<RecordIdentity> wanted = RepairFrames.decodeNeedRecords(question);
        Asked before = asked.get(from);
        if (before == null || !before.wanted.equals(wanted)) {
            int fitting = RepairFrames.fitting(wanted, HistoryServer.CHUNK_BYTES);
            asked.put(from, new Asked(wanted, journal.search(wanted.subList(0, fitting))));
        }
    }

    /// The connection to a replica ended.
    void forget(ReplicaId peer) {
        asked.remove(peer);
    }

    /// The end of a duty cycle.
    void advance() {
        Map.Entry<ReplicaId, Asked> next = asked.higherEntry(served);
        if (next == null) {
            next = asked.firstEntry();
        }
        if (next != null) {
            served = next.getKey();
            Asked question = next.getValue();
            if (question.search.advance()) {
                asked.remove(served);
                answer(served, question);
            }
        }
    }

    private void answer(ReplicaId to, Asked question) {
        int members = current.isMember() ? current.members().size() : 0;
        Bytes answer =
                RepairFrames.records(
                        current.epoch(),
                        members,
                        question.wanted,
                        question.search.found(),
                        HistoryServer.CHUNK_BYTES);
        peers.send(to, answer, Bytes.EMPTY, 0);
    }

    /// True if the next duty cycle has something to do.
    boolean isBusy() {
        return !asked.isEmpty();
    }
}
