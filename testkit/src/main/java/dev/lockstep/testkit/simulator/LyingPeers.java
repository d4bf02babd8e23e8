package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import java.nio.charset.StandardCharsets;

/// The way to the other members of a replica that lies to them. Frames are known by their first
/// byte and the layouts that hosts' frames have; what a protocol says is lost or late, never
/// changed: that takes more than the simulator knows of it.
final class LyingPeers implements PeerPort {

    private static final int HISTORY = 3;
    private static final int CHAIN = 4;
    private static final int CHUNK = 8;
    private static final int STATE = 17;
    private static final int REQUESTS = 18;
    private static final int CHECKPOINT = 20;
    private static final int PROOF = 22;

    /// Kind and epoch.
    private static final int HEADER_BYTES = 9;

    /// Kind, epoch, first position, last position, count.
    private static final int HISTORY_HEAD_BYTES = HEADER_BYTES + 8 + 8 + 4;

    private static final int POSITION_BYTES = 8;

    /// Position, chunks, size, two digests.
    private static final int CHECKPOINT_BYTES =
            POSITION_BYTES + 4 + 8 + 2 * SnapshotDescription.DIGEST_BYTES;

    private static final long MS = 1_000_000L;

    /// Somebody who waits for a chunk gives up soon after this.
    private static final long SLOW_NANOS = 900 * MS;

    private static final long SILENCE_NANOS = 300 * MS;

    private final Liar liar;
    private final PeerPort peers;

    /// History that was sent before; empty before the first.
    private Bytes otherHistory = Bytes.EMPTY;

    /// The first snapshot that was offered; empty before it.
    private Bytes firstProof = Bytes.EMPTY;

    /// It says nothing before; nanoseconds of the run.
    private long silentUntil;

    LyingPeers(Liar liar, PeerPort peers) {
        this.liar = liar;
        this.peers = peers;
    }

    @Override
    public boolean send(ReplicaId to, Bytes head, Bytes body, long flushToken) {
        if (isSilent()) {
            return false;
        }
        int kind = head.getByte(0) & 0xff;
        switch (kind) {
            case HISTORY -> {
                return history(to, head, body);
            }
            case CHUNK -> {
                return chunk(to, head, body);
            }
            case CHAIN, STATE -> {
                boolean lies = liar.tells(Lie.WRONG_DIGESTS);
                Bytes said = lies ? liar.altered(head, HEADER_BYTES + POSITION_BYTES) : head;
                return peers.send(to, said, body, flushToken);
            }
            case REQUESTS -> {
                boolean lies = liar.tells(Lie.FORGED_FORWARDS);
                boolean isInHead = body.isEmpty();
                Bytes saidHead = lies && isInHead ? liar.altered(head, HEADER_BYTES) : head;
                Bytes said = lies && !isInHead ? liar.altered(body, 0) : body;
                return peers.send(to, saidHead, said, flushToken);
            }
            case CHECKPOINT -> {
                Bytes said = liar.tells(Lie.FALSE_CHECKPOINTS) ? falseCheckpoint(head) : head;
                return peers.send(to, said, body, flushToken);
            }
            case PROOF -> {
                return peers.send(to, proof(head), body, flushToken);
            }
            default -> {
                boolean lies = liar.tells(Lie.FALSE_EPOCHS, 20);
                return peers.send(to, lies ? ofLaterEpoch(head) : head, body, flushToken);
            }
        }
    }

    private Bytes ofLaterEpoch(Bytes head) {
        return new BytesWriter(head.size())
                .putByte(head.getByte(0))
                .putLong(head.getLong(1) + 1 + liar.below(3))
                .put(head.slice(HEADER_BYTES, head.size() - HEADER_BYTES))
                .toBytes();
    }

    private boolean isSilent() {
        if (liar.nowNanos() >= silentUntil && liar.tells(Lie.SILENCE, 40)) {
            silentUntil = liar.nowNanos() + SILENCE_NANOS;
        }
        return liar.nowNanos() < silentUntil;
    }

    private boolean history(ReplicaId to, Bytes head, Bytes body) {
        Bytes saidHead = head;
        Bytes said = body;
        if (liar.tells(Lie.ALTERED_HISTORY)) {
            said = liar.altered(body, 0);
        }
        if (!otherHistory.isEmpty() && liar.tells(Lie.OTHER_HISTORY)) {
            said = otherHistory;
        } else if (!body.isEmpty()) {
            otherHistory = body;
        }
        if (liar.tells(Lie.CUT_HISTORY)) {
            saidHead = historyHead(head, head.getLong(HEADER_BYTES) - 1, 0);
            said = Bytes.EMPTY;
        }
        if (liar.tells(Lie.ENDLESS_HISTORY, 1)) {
            int count = saidHead.getInt(HISTORY_HEAD_BYTES - 4);
            saidHead = historyHead(saidHead, Long.MAX_VALUE / 2, count);
        }
        return peers.send(to, saidHead, said, 0);
    }

    private static Bytes historyHead(Bytes head, long deliveredThrough, int count) {
        return new BytesWriter(HISTORY_HEAD_BYTES)
                .put(head.slice(0, HEADER_BYTES + 8))
                .putLong(Math.max(0, deliveredThrough))
                .putInt(count)
                .toBytes();
    }

    private boolean chunk(ReplicaId to, Bytes head, Bytes body) {
        Bytes said = liar.tells(Lie.BAD_CHUNKS) ? liar.altered(body, 0) : body;
        if (liar.tells(Lie.SLOW_SNAPSHOTS, 1)) {
            liar.later(SLOW_NANOS, () -> peers.send(to, head, said, 0));
            return true;
        }
        return peers.send(to, head, said, 0);
    }

    private Bytes proof(Bytes frame) {
        if (liar.tells(Lie.BAD_SNAPSHOTS)) {
            // Of the position, the sizes or the digests; the signatures are of the rest.
            byte[] bytes = frame.toByteArray();
            bytes[HEADER_BYTES + liar.below(CHECKPOINT_BYTES)] ^= 1;
            return Bytes.wrap(bytes);
        }
        if (firstProof.isEmpty()) {
            firstProof = frame;
        }
        return liar.tells(Lie.STALE_SNAPSHOTS, 1) ? firstProof : frame;
    }

    /// Signed by the liar as it should be, for another content.
    private Bytes falseCheckpoint(Bytes frame) {
        byte[] checkpoint = frame.slice(HEADER_BYTES, CHECKPOINT_BYTES).toByteArray();
        checkpoint[POSITION_BYTES + 4 + 8 + liar.below(2)] ^= 1;
        byte[] domain = "LSSNP2".getBytes(StandardCharsets.US_ASCII);
        Bytes signed =
                new BytesWriter(256)
                        .put(domain, 0, domain.length)
                        .putByte(0)
                        .putLong(NodeParts.CLUSTER.high())
                        .putLong(NodeParts.CLUSTER.low())
                        .putLong(frame.getLong(1))
                        .put(Bytes.wrap(checkpoint))
                        .toBytes();
        Bytes signature = SimKeys.sign(liar.key(), signed);
        return new BytesWriter(256)
                .put(frame.slice(0, HEADER_BYTES))
                .put(Bytes.wrap(checkpoint))
                .putSized(signature)
                .toBytes();
    }
}
