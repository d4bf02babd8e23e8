package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.replica.CheckpointFrames.Proof;
import dev.lockstep.replica.CheckpointFrames.Signature;
import dev.lockstep.replica.CheckpointFrames.Signed;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Signs for this replica's snapshots, gathers what other members sign, and tells whose state is
/// another than so many others have that one of them must be honest.
///
/// The signatures that make a snapshot believed go with it to whoever fetches it, so that one
/// member is enough to have it from. They are in memory only: after a start members say theirs
/// again as they connect.
final class Checkpoints implements Vouching {

    /// So many of each member are kept.
    static final int REMEMBERED = 4;

    private static final int SHOWN_BYTES = 4;

    /// What others may not have heard is said again no more often.
    private static final long SAY_AGAIN_NANOS = 200_000_000L;

    /// What follows for this replica.
    interface Target {
        /// So many others have another state that this replica's is wrong.
        void onOutvoted(Now now, String reason);

        /// More can be proven than before.
        void onProven(Now now);
    }

    /// A snapshot of this replica, and the digests of its chunks.
    ///
    /// @param signature of this replica as a member of the present epoch; empty if it is none
    private record Own(Checkpoint checkpoint, Bytes chunks, Bytes signature) {}

    /// A snapshot whose chunks are being read.
    private static final class Reading {
        private final SnapshotDescription snapshot;
        private final BytesWriter digests;
        private int next;
        private long token;

        Reading(SnapshotDescription snapshot) {
            this.snapshot = snapshot;
            this.digests = new BytesWriter(snapshot.chunks() * Checkpoint.DIGEST_BYTES + 1);
        }
    }

    private final ClusterId cluster;
    private final Trust.Members members;
    private final OrderedWish wished;
    private final Jury jury;
    private final CurrentReign current;
    private final Snapshots snapshots;
    private final PeerPort peers;
    private final ReplicaListener listener;
    private final Target target;

    /// By position: snapshots that are kept here.
    private final TreeMap<Long, Own> own = new TreeMap<>();

    /// By member and position: what others have signed.
    private final TreeMap<ReplicaId, TreeMap<Long, Signed>> heard = new TreeMap<>();

    /// By member: the last position at which it was said to differ.
    private final TreeMap<ReplicaId, Long> told = new TreeMap<>();

    /// When what was signed for is said again at the earliest, monotonic.
    private long sayAgainAt = Long.MIN_VALUE;

    private @Nullable Reading reading;
    private long tokens;

    Checkpoints(
            ReplicaOptions options,
            ReplicaPorts ports,
            Jury jury,
            CurrentReign current,
            OrderedWish wished,
            Target target) {
        this.wished = wished;
        this.cluster = options.clusterId();
        this.members = ports.trust().members();
        this.jury = jury;
        this.current = current;
        this.snapshots = ports.snapshots();
        this.peers = ports.peers();
        this.listener = ports.listener();
        this.target = target;
    }

    // -- this replica's own

    @Override
    public void onKept(Now now) {
        List<SnapshotDescription> kept = snapshots.kept();
        own.values().removeIf(mine -> !kept.contains(mine.checkpoint().snapshot()));
        Reading under = reading;
        if (under != null && kept.contains(under.snapshot)) {
            return;
        }
        reading = null;
        for (SnapshotDescription snapshot : kept) {
            if (!own.containsKey(snapshot.position())
                    && snapshot.chunks() <= CheckpointFrames.MOST_CHUNKS) {
                Reading begun = new Reading(snapshot);
                reading = begun;
                readOn(now, begun);
                return;
            }
        }
    }

    private void readOn(Now now, Reading under) {
        if (under.next < under.snapshot.chunks()) {
            tokens--;
            under.token = tokens;
            snapshots.read(tokens, under.snapshot.position(), under.next);
            return;
        }
        reading = null;
        sign(now, under.snapshot, under.digests.toBytes());
        onKept(now);
    }

    @Override
    public void onRead(Now now, long token, Bytes chunk) {
        Reading under = reading;
        if (under != null && under.token == token) {
            under.digests.put(Checkpoint.digest(chunk));
            under.next++;
            readOn(now, under);
        }
    }

    private void sign(Now now, SnapshotDescription snapshot, Bytes chunks) {
        Checkpoint checkpoint = new Checkpoint(snapshot, Checkpoint.digest(chunks));
        Own mine = new Own(checkpoint, chunks, signatureOf(checkpoint));
        own.put(snapshot.position(), mine);
        tellAll(mine);
        judge(now, snapshot.position());
    }

    private Bytes signatureOf(Checkpoint checkpoint) {
        return current.isMember()
                ? credentials().signer().sign(checkpoint.signedBytes(cluster, current.epoch()))
                : Bytes.EMPTY;
    }

    private Credentials credentials() {
        return members.of(current.get().sign());
    }

    private void tellAll(Own mine) {
        for (Member member : current.members().members()) {
            if (!member.id().equals(current.self())) {
                tell(member.id(), mine);
            }
        }
    }

    private void tell(ReplicaId peer, Own mine) {
        if (mine.signature().isEmpty()) {
            return;
        }
        Signed signed = new Signed(mine.checkpoint(), mine.signature());
        peers.send(peer, CheckpointFrames.checkpoint(current.epoch(), signed), Bytes.EMPTY, 0);
    }

    @Override
    public void onConnected(ReplicaId peer) {
        own.values().forEach(mine -> tell(peer, mine));
    }

    /// What was signed for in another epoch counts no more: its members were others, or had other
    /// keys.
    @Override
    public void onBegun(Now now) {
        heard.clear();
        own.replaceAll(
                (_, mine) ->
                        new Own(mine.checkpoint(), mine.chunks(), signatureOf(mine.checkpoint())));
        own.values().forEach(this::tellAll);
    }

    // -- others'

    @Override
    public void onCheckpoint(Now now, Member from, long epoch, Bytes content) {
        Signed signed = CheckpointFrames.decodeCheckpoint(content);
        ReplicaId id = from.id();
        Checkpoint checkpoint = signed.checkpoint();
        if (!current.get().isMember(from) || epoch != current.epoch()) {
            return;
        }
        TreeMap<Long, Signed> theirs = heard.computeIfAbsent(id, _ -> new TreeMap<>());
        Signed before = theirs.get(checkpoint.position());
        boolean isOld = theirs.size() >= REMEMBERED && checkpoint.position() < theirs.firstKey();
        if (isOld || signed.equals(before)) {
            return;
        }
        if (!isGenuine(id, checkpoint, signed.signature())) {
            listener.onForged(id);
            return;
        }
        if (before != null && !before.checkpoint().equals(checkpoint)) {
            listener.onEvidence(id, evidence(before, signed));
            return;
        }
        theirs.put(checkpoint.position(), signed);
        if (theirs.size() > REMEMBERED) {
            theirs.pollFirstEntry();
        }
        judge(now, checkpoint.position());
    }

    private boolean isGenuine(ReplicaId signer, Checkpoint checkpoint, Bytes signature) {
        Bytes signed = checkpoint.signedBytes(cluster, current.epoch());
        return credentials().verifier().isGenuine(signer, signed, signature);
    }

    /// Two states that a member has signed for after one position.
    private static Bytes evidence(Signed first, Signed second) {
        BytesWriter out = new BytesWriter(512);
        first.checkpoint().encode(out);
        out.putSized(first.signature());
        second.checkpoint().encode(out);
        return out.putSized(second.signature()).toBytes();
    }

    /// Compares what is known of a position.
    private void judge(Now now, long position) {
        Own mine = own.get(position);
        if (mine == null) {
            return;
        }
        int enough = jury.enoughOf(current.members());
        if (1 + voices(position, mine.checkpoint()) >= enough) {
            tellOthers(position, mine.checkpoint());
            target.onProven(now);
            return;
        }
        for (Map.Entry<ReplicaId, TreeMap<Long, Signed>> entry : heard.entrySet()) {
            Signed theirs = entry.getValue().get(position);
            if (theirs != null
                    && !theirs.checkpoint().equals(mine.checkpoint())
                    && voices(position, theirs.checkpoint()) >= enough) {
                target.onOutvoted(now, sentence(entry.getKey(), mine.checkpoint(), theirs));
                return;
            }
        }
    }

    /// How many other members have signed for the same.
    private int voices(long position, Checkpoint checkpoint) {
        return signatures(position, checkpoint).size();
    }

    private List<Signature> signatures(long position, Checkpoint checkpoint) {
        List<Signature> found = new ArrayList<>();
        for (Map.Entry<ReplicaId, TreeMap<Long, Signed>> entry : heard.entrySet()) {
            Signed theirs = entry.getValue().get(position);
            if (theirs != null
                    && theirs.checkpoint().equals(checkpoint)
                    && current.members().contains(entry.getKey())) {
                found.add(new Signature(entry.getKey(), theirs.signature()));
            }
        }
        return found;
    }

    private void tellOthers(long position, Checkpoint right) {
        for (Map.Entry<ReplicaId, TreeMap<Long, Signed>> entry : heard.entrySet()) {
            Signed theirs = entry.getValue().get(position);
            if (theirs != null
                    && !theirs.checkpoint().equals(right)
                    && told.getOrDefault(entry.getKey(), 0L) < position) {
                told.put(entry.getKey(), position);
                listener.onPeerDiverged(entry.getKey(), true, 0, position);
            }
        }
    }

    private static String sentence(ReplicaId peer, Checkpoint mine, Signed theirs) {
        return "this replica's snapshot differs from that of so many members that one of them is"
                + " right: after position "
                + mine.position()
                + " it has the SHA-256 "
                + hex(mine)
                + " and replica "
                + peer
                + "'s "
                + hex(theirs.checkpoint())
                + "; test the memory and the disk of the machine, and look for a command that"
                + " depends on more than the state, the command and the context";
    }

    private static String hex(Checkpoint checkpoint) {
        byte[] digest = checkpoint.snapshot().digest().toByteArray();
        return HexFormat.of().formatHex(digest, 0, SHOWN_BYTES);
    }

    // -- for who fetches one

    @Override
    public boolean isProven(long position) {
        return find(position) != null;
    }

    @Override
    public boolean prove(Now now, ReplicaId to, long atLeast) {
        Own found = current.isMember() ? find(atLeast) : null;
        if (found == null) {
            sayAgain(now);
            return false;
        }
        List<Signature> signatures = new ArrayList<>();
        signatures.add(new Signature(current.self(), found.signature()));
        signatures.addAll(signatures(found.checkpoint().position(), found.checkpoint()));
        long epoch = current.epoch();
        Proof proof =
                new Proof(
                        epoch,
                        wished.beginningOf(epoch),
                        found.checkpoint(),
                        signatures,
                        found.chunks());
        peers.send(to, CheckpointFrames.proof(proof), Bytes.EMPTY, 0);
        return true;
    }

    /// What was said may have been lost, or was heard by who was in another epoch still. Somebody
    /// is
    /// missing it now, and has asked the others too.
    private void sayAgain(Now now) {
        if (now.monotonicNanos() >= sayAgainAt) {
            sayAgainAt = now.monotonicNanos() + SAY_AGAIN_NANOS;
            own.values().forEach(this::tellAll);
        }
    }

    /// The newest that enough members vouch for; null if that is before `atLeast`.
    private @Nullable Own find(long atLeast) {
        int enough = jury.enoughOf(current.members());
        for (Own mine : own.descendingMap().values()) {
            long position = mine.checkpoint().position();
            if (position >= atLeast && 1 + voices(position, mine.checkpoint()) >= enough) {
                return mine;
            }
        }
        return null;
    }
}
