package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.DamagedJournal;
import dev.lockstep.core.port.LostRecord;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// Gets back the records that a journal has lost, before the replica that it belongs to starts:
/// asks the other replicas for records of the same kind, epoch, length and checksum, and puts them
/// in their places. What comes of it is the journal as it was, so nothing that was promised is
/// forgotten, whatever the protocol.
///
/// Until it is done the replica says nothing of any protocol: it neither votes nor acknowledges.
/// It does answer others that are being mended: damage to different records on all replicas heals
/// too, as long as each record is intact somewhere.
///
/// What cannot be had is given up when a majority of the members of an epoch have said that they do
/// not have it: then the replica must begin a new life. Who does not answer is asked again for
/// ever.
///
/// A driver owns it, as it does a [Replica]: it hands in what comes and calls [#advance] then and
/// at [#nextDeadlineNanos]; at the end it makes the journal durable and opens it.
///
/// Threading: one thread. Errors: as [DamagedJournal]; a [MalformedException] leaves through
/// [#onPeerFrame] and means that connection should be closed.
public final class JournalRepair {

    /// Who has not answered in this time is asked again, and so is everybody who had nothing.
    static final long ASK_NANOS = 200_000_000L;

    /// One replica that is or was connected.
    private static final class Peer {
        private final Member member;
        private boolean isConnected;

        /// When its answer is not waited for any longer; 0 if it has not been asked.
        private long askedUntil;

        /// Since it was last asked for everything: the records that it does not have.
        private final TreeSet<Long> absent = new TreeSet<>();

        /// The epoch it said it takes part in, and with how many members; 0 before.
        private long epoch;

        private int members;

        Peer(Member member) {
            this.member = member;
        }
    }

    private final DamagedJournal journal;
    private final PeerPort peers;
    private final TreeMap<ReplicaId, Peer> known = new TreeMap<>();
    private final TreeMap<ReplicaId, Integer> givers = new TreeMap<>();

    /// When all are asked anew; `Long.MAX_VALUE` while there is still somebody to ask.
    private long askAgainAt = Long.MAX_VALUE;

    private int repaired;
    private @Nullable String givenUp;

    /// @param snapshots positions of the snapshots beside the journal: what may be told from them
    /// is
    ///     mended at once
    public JournalRepair(DamagedJournal journal, PeerPort peers, List<Long> snapshots) {
        this.journal = journal;
        this.peers = peers;
        mendAlone(snapshots);
    }

    /// True once nothing is lost any more.
    public boolean isDone() {
        return journal.lost().isEmpty();
    }

    /// Why it cannot be mended, one sentence without its end; null as long as it may be.
    public @Nullable String givenUp() {
        return givenUp;
    }

    /// How many records were put back so far.
    public int repaired() {
        return repaired;
    }

    /// From whom records came, and how many from each.
    public SortedMap<ReplicaId, Integer> givers() {
        return givers;
    }

    /// What it waits for, one sentence without its end.
    public String waitsFor() {
        List<LostRecord> lost = journal.lost();
        List<ReplicaId> connected = new ArrayList<>();
        for (Peer peer : known.values()) {
            if (peer.isConnected) {
                connected.add(peer.member.id());
            }
        }
        return lost.isEmpty()
                ? "nothing"
                : "%d damaged records, the first with sequence %d, from another replica that has them; connected are %s"
                        .formatted(
                                lost.size(),
                                lost.getFirst().sequence(),
                                connected.isEmpty() ? "none" : connected.toString());
    }

    /// There is a connection to another replica of the cluster.
    public void onPeerConnected(Now now, Member peer) {
        Peer fresh = new Peer(peer);
        fresh.isConnected = true;
        known.put(peer.id(), fresh);
        advance(now);
    }

    /// The connection to another replica ended.
    public void onPeerLost(Now now, Member peer) {
        Peer lost = known.get(peer.id());
        if (lost != null) {
            lost.isConnected = false;
            lost.askedUntil = 0;
        }
        advance(now);
    }

    /// A frame of another replica of the cluster.
    public void onPeerFrame(Now now, Member from, Bytes frame) {
        Bytes content = PeerFrames.content(frame);
        switch (PeerFrames.kind(frame)) {
            case RepairFrames.NEED_RECORDS -> {
                List<RecordIdentity> wanted = RepairFrames.decodeNeedRecords(content);
                int fitting = RepairFrames.fitting(wanted, HistoryServer.CHUNK_BYTES);
                Bytes answer =
                        RepairFrames.records(
                                0,
                                0,
                                wanted,
                                journal.find(wanted.subList(0, fitting)),
                                HistoryServer.CHUNK_BYTES);
                peers.send(from.id(), answer, Bytes.EMPTY, 0);
            }
            case RepairFrames.RECORDS ->
                    onRecords(
                            now,
                            from,
                            RepairFrames.decodeRecords(PeerFrames.epoch(frame), content));
            default -> {
                // Whatever else is said is for a replica that takes part.
            }
        }
    }

    /// Asks whoever is to be asked.
    public void advance(Now now) {
        long nanos = now.monotonicNanos();
        if (nanos >= askAgainAt) {
            known.values().forEach(peer -> peer.absent.clear());
            askAgainAt = Long.MAX_VALUE;
        }
        if (isDone() || givenUp != null) {
            return;
        }
        boolean isSomeoneAsked = false;
        for (Peer peer : known.values()) {
            if (peer.isConnected && nanos >= peer.askedUntil) {
                ask(nanos, peer);
            }
            isSomeoneAsked |= peer.isConnected && nanos < peer.askedUntil;
        }
        if (!isSomeoneAsked && askAgainAt == Long.MAX_VALUE) {
            askAgainAt = nanos + ASK_NANOS;
        }
    }

    /// When [#advance] is due although nothing comes; `Long.MAX_VALUE` if never.
    public long nextDeadlineNanos() {
        long due = isDone() || givenUp != null ? Long.MAX_VALUE : askAgainAt;
        for (Peer peer : known.values()) {
            if (peer.isConnected && peer.askedUntil > 0) {
                due = Math.min(due, peer.askedUntil);
            }
        }
        return due;
    }

    /// Records that say what can be told without them, or that can be done without.
    private void mendAlone(List<Long> snapshots) {
        for (LostRecord lost : journal.lost()) {
            switch (lost.identity().kind()) {
                case RecordKind.PROTOCOL, RecordKind.EPOCH -> {}
                case RecordKind.BASE, RecordKind.TAKEN -> mendNamed(lost, snapshots);
                default ->
                        journal.replace(
                                lost,
                                RecordKind.VOID,
                                Bytes.wrap(new byte[lost.identity().length()]));
            }
        }
    }

    /// A record that names a snapshot: one of those that are there, or of no importance any more.
    private void mendNamed(LostRecord lost, List<Long> snapshots) {
        for (long position : snapshots) {
            Bytes content = new BytesWriter(Long.BYTES).putLong(position).toBytes();
            if (journal.put(lost, content)) {
                return;
            }
        }
        if (lost.identity().kind() == RecordKind.TAKEN) {
            // It says that the journal leads to a snapshot; without it, none is relied on for that.
            journal.replace(lost, RecordKind.VOID, Bytes.wrap(new byte[lost.identity().length()]));
        } else {
            givenUp = "the record that says from which snapshot the journal leads on is damaged";
        }
    }

    private void ask(long nanos, Peer peer) {
        List<RecordIdentity> wanted = new ArrayList<>();
        for (LostRecord lost : journal.lost()) {
            if (wanted.size() < RepairFrames.MOST_RECORDS
                    && !peer.absent.contains(lost.sequence())
                    && !wanted.contains(lost.identity())) {
                wanted.add(lost.identity());
            }
        }
        peer.askedUntil = 0;
        if (!wanted.isEmpty()
                && peers.send(peer.member.id(), RepairFrames.needRecords(wanted), Bytes.EMPTY, 0)) {
            peer.askedUntil = nanos + ASK_NANOS;
        }
    }

    private void onRecords(Now now, Member from, RepairFrames.Records records) {
        Peer peer = known.get(from.id());
        if (peer == null || !peer.member.equals(from)) {
            return;
        }
        peer.askedUntil = 0;
        peer.epoch = records.epoch();
        peer.members = records.members();
        for (RepairFrames.Answer answer : records.answers()) {
            for (LostRecord lost : journal.lost()) {
                if (lost.identity().equals(answer.identity())) {
                    onAnswer(peer, lost, answer);
                }
            }
        }
        advance(now);
    }

    private void onAnswer(Peer peer, LostRecord lost, RepairFrames.Answer answer) {
        Bytes content = answer.content();
        if (!answer.isThere()) {
            peer.absent.add(lost.sequence());
            giveUpIfHopeless(lost);
        } else if (content != null && journal.put(lost, content)) {
            repaired++;
            givers.merge(peer.member.id(), 1, Integer::sum);
        } else if (content != null) {
            // It says that it has the record, and that is not what was there.
            peer.absent.add(lost.sequence());
        }
    }

    /// Those who take part in the latest epoch decide: if a majority of its members do not have the
    /// record, they can do without, and take this replica in again in another life.
    private void giveUpIfHopeless(LostRecord lost) {
        long latest = 0;
        for (Peer peer : known.values()) {
            latest = peer.members > 0 ? Math.max(latest, peer.epoch) : latest;
        }
        int without = 0;
        int members = 0;
        for (Peer peer : known.values()) {
            if (peer.members > 0 && peer.epoch == latest && peer.absent.contains(lost.sequence())) {
                without++;
                members = peer.members;
            }
        }
        if (without > members / 2) {
            givenUp =
                    "%d of %d members do not have record %d any more"
                            .formatted(without, members, lost.sequence());
        }
    }
}
