package dev.lockstep.replica;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.Suspicion;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;

import java.util.TreeMap;

/// Watches the bound on delays that an order relies on: every member is asked for an answer as
/// often
/// as the bound, and this replica looks whether it is called in time itself. What is late is
/// counted
/// and told of.
///
/// The protocol hears of it ([Suspicion#TIMING]) if this replica has stood still, or if answers of
/// more members than may lie are late: one that answers late on purpose could otherwise keep the
/// others from what they do by time alone, and they would never commit anything without it. It is a
/// heuristic: what is late while nobody is asked goes unseen.
///
/// Frames as in [PeerFrames]:
///
/// | kind | content |
/// |---|---|
/// | PING | the asker's clock u64 |
/// | PONG | the same |
final class DelayMonitor {

    static final int PING = 23;
    static final int PONG = 24;

    /// What was late counts for so many bounds.
    private static final int LASTS_BOUNDS = 10;

    /// This replica has stood still if it is called so much of a bound late.
    private static final int STALL_PART = 4;

    private final long boundNanos;
    private final Jury jury;
    private final CurrentReign current;
    private final CurrentEngine engine;
    private final PeerPort peers;
    private final ReplicaListener listener;

    /// When members are asked again, monotonic; `Long.MAX_VALUE` before the first time.
    private long pingAt = Long.MAX_VALUE;

    /// By member: when its last late answer came, monotonic.
    private final TreeMap<ReplicaId, Long> lateAt = new TreeMap<>();

    private long violations;

    /// The protocol distrusts time until then, monotonic.
    private long suspectsUntil = Long.MIN_VALUE;

    /// @param boundNanos `Long.MAX_VALUE` for an order that relies on none
    DelayMonitor(
            long boundNanos,
            Jury jury,
            CurrentReign current,
            CurrentEngine engine,
            PeerPort peers,
            ReplicaListener listener) {
        Invariant.check(boundNanos > 0, "messages take some time", boundNanos);
        this.boundNanos = boundNanos;
        this.jury = jury;
        this.current = current;
        this.engine = engine;
        this.peers = peers;
        this.listener = listener;
    }

    /// True if the order relies on a bound.
    boolean isNeeded() {
        return boundNanos < Long.MAX_VALUE;
    }

    /// How often something was late since the process started.
    long violations() {
        return violations;
    }

    /// True while the protocol distrusts time.
    boolean suspects(long nowNanos) {
        return nowNanos < suspectsUntil;
    }

    /// The end of a duty cycle.
    void advance(Now now) {
        if (!isNeeded()) {
            return;
        }
        long nanos = now.monotonicNanos();
        if (!current.isMember() || !engine.isPresent()) {
            pingAt = Long.MAX_VALUE;
            return;
        }
        if (pingAt == Long.MAX_VALUE) {
            pingAt = nanos;
        }
        if (nanos < pingAt) {
            return;
        }
        if (nanos - pingAt > boundNanos / STALL_PART) {
            violations++;
            suspect(now, current.self(), nanos - pingAt);
        }
        pingAt = nanos + boundNanos;
        for (Member member : current.members().members()) {
            if (!member.id().equals(current.self())) {
                peers.send(member.id(), frame(PING, nanos), Bytes.EMPTY, 0);
            }
        }
    }

    private Bytes frame(int kind, long stamp) {
        BytesWriter out = new BytesWriter(PeerFrames.HEADER_BYTES + Long.BYTES);
        PeerFrames.begin(kind, current.epoch(), out);
        return out.putLong(stamp).toBytes();
    }

    /// A member asks, or answers.
    ///
    /// @throws dev.lockstep.core.wire.MalformedException if it does neither
    void onFrame(Now now, Member from, int kind, Bytes content) {
        BytesReader in = new BytesReader(content);
        long stamp = in.getLong();
        in.requireEnd();
        if (!current.get().isMember(from)) {
            return;
        }
        if (kind == PING) {
            peers.send(from.id(), frame(PONG, stamp), Bytes.EMPTY, 0);
        } else if (isNeeded() && stamp <= now.monotonicNanos()) {
            onAnswer(now, from.id(), now.monotonicNanos() - stamp);
        }
    }

    private void onAnswer(Now now, ReplicaId from, long tookNanos) {
        if (tookNanos <= boundNanos) {
            return;
        }
        violations++;
        lateAt.put(from, now.monotonicNanos());
        long since = now.monotonicNanos() - LASTS_BOUNDS * boundNanos;
        long late = lateAt.values().stream().filter(at -> at >= since).count();
        int others = current.members().size() - 1;
        if (late >= Math.min(others, jury.enoughOf(current.members()))) {
            suspect(now, from, tookNanos);
        }
    }

    private void suspect(Now now, ReplicaId who, long tookNanos) {
        boolean isNews = !suspects(now.monotonicNanos());
        suspectsUntil = now.monotonicNanos() + LASTS_BOUNDS * boundNanos;
        engine.suspected(now, Suspicion.TIMING);
        if (isNews) {
            listener.onDelayBroken(who, tookNanos, boundNanos);
        }
    }

    long nextDeadlineNanos() {
        return isNeeded() && current.isMember() && engine.isPresent() ? pingAt : Long.MAX_VALUE;
    }
}
