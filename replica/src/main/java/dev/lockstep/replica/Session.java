package dev.lockstep.replica;

import dev.lockstep.core.Holdings;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

/// One client's exactly-once context. Replicated: every field follows from the order alone.
final class Session {

    /// What is to happen with a numbered request.
    enum Verdict {
        /// It is the next: execute it.
        NEXT,
        /// Executed, and the reply is remembered.
        EXECUTED,
        /// Executed, and the client has acknowledged the reply.
        FORGOTTEN,
        /// Past a gap, within the bounds: keep it until the gap fills.
        PARK,
        /// Waits past a gap already.
        PARKED,
        /// Past a gap, beyond the bounds.
        TOO_FAR,
        /// It would be the next, but too many replies are remembered already.
        UNACKNOWLEDGED
    }

    /// A request that waits past a gap.
    ///
    /// @param kind `COMMAND` or `SKIP` of [RequestKind]
    record Parked(int kind, Bytes body) {}

    /// How many replies are remembered at most; the client is to acknowledge before it goes on.
    static final int MAX_REMEMBERED_REPLIES = 1 << 16;

    /// Above how many remembered bytes nothing more is executed until the client acknowledges.
    static final long MAX_REMEMBERED_BYTES = 64L << 20;

    /// More than an encoded reply's bytes can be: the largest reply that limits allow.
    private static final int MAX_BYTES = 32 << 20;

    private final long id;

    /// Who has opened it, and may use it; 0 where clients do not sign.
    private final int client;

    private final long nonce;
    private final long timeoutNanos;

    /// Agreed time at which the session was last heard of; ascends.
    private long heardNanos;

    /// Replies of the numbers executed and not acknowledged; its `next` is the next number to
    /// execute, all before its first are forgotten.
    private final ReplyRing replies;

    /// By sequence, all beyond the next number to execute; null while nothing is parked.
    private @Nullable LongMap<Parked> parked;

    /// The sum of the bodies in `parked`.
    private int parkedBytes;

    Session(
            long id,
            int client,
            long nonce,
            long timeoutNanos,
            long heardNanos,
            long firstRemembered) {
        this.id = id;
        this.client = client;
        this.nonce = nonce;
        this.timeoutNanos = timeoutNanos;
        this.heardNanos = heardNanos;
        this.replies = new ReplyRing(firstRemembered);
    }

    long id() {
        return id;
    }

    int client() {
        return client;
    }

    long nonce() {
        return nonce;
    }

    /// Agreed time at which it expires unless it is heard of before.
    long expiryNanos() {
        return heardNanos > Long.MAX_VALUE - timeoutNanos
                ? Long.MAX_VALUE
                : heardNanos + timeoutNanos;
    }

    ReplyRing replies() {
        return replies;
    }

    /// Every number through here is executed or skipped.
    long executedThrough() {
        return replies.next() - 1;
    }

    /// The client lives, and has the replies through `acknowledged`.
    void hear(long timeNanos, long acknowledged) {
        heardNanos = timeNanos;
        replies.forgetThrough(Math.min(acknowledged, executedThrough()));
    }

    Verdict judge(long sequence, int bodyBytes, ReplicaLimits limits) {
        long next = replies.next();
        if (sequence < next) {
            return replies.contains(sequence) ? Verdict.EXECUTED : Verdict.FORGOTTEN;
        }
        if (isParked(sequence)) {
            return Verdict.PARKED;
        }
        if (sequence == next) {
            return mayExecute() ? Verdict.NEXT : Verdict.UNACKNOWLEDGED;
        }
        boolean near = sequence - next <= limits.parkedRequests();
        boolean fits = bodyBytes <= limits.parkedBytes() - parkedBytes;
        return near && fits ? Verdict.PARK : Verdict.TOO_FAR;
    }

    /// True unless too many replies are remembered.
    boolean mayExecute() {
        return replies.count() < MAX_REMEMBERED_REPLIES && replies.bytes() < MAX_REMEMBERED_BYTES;
    }

    void park(long sequence, int kind, Bytes body) {
        LongMap<Parked> map = parked;
        if (map == null) {
            map = new LongMap<>();
            parked = map;
        }
        map.put(sequence, new Parked(kind, body));
        parkedBytes += body.size();
    }

    private boolean isParked(long sequence) {
        LongMap<Parked> map = parked;
        return map != null && map.get(sequence) != null;
    }

    /// Takes the next number to execute out of what is parked, if it is there and may run.
    @Nullable Parked unparkNext() {
        LongMap<Parked> map = parked;
        if (map == null || !mayExecute()) {
            return null;
        }
        Parked next = map.remove(replies.next());
        if (next != null) {
            parkedBytes -= next.body().size();
            if (map.isEmpty()) {
                parked = null;
            }
        }
        return next;
    }

    void tellHoldings(Holdings to, ReplicaLimits limits) {
        LongMap<Parked> map = parked;
        int count = map == null ? 0 : map.size();
        to.held("requests of a session past a gap", count, limits.parkedRequests());
        to.held("bytes of a session's requests past a gap", parkedBytes, limits.parkedBytes());
        to.held("replies remembered for a session", replies.count(), MAX_REMEMBERED_REPLIES);
    }

    /// The numbers that wait past a gap, ascending.
    long[] parkedSequences() {
        LongMap<Parked> map = parked;
        return map == null ? new long[0] : map.sortedKeys();
    }

    /// Appends everything about the session, the same bytes on every replica.
    void encode(BytesWriter out) {
        out.putLong(id).putLong(nonce).putLong(timeoutNanos).putLong(heardNanos);
        long next = replies.next();
        long first = next - replies.count();
        out.putLong(first).putInt(replies.count());
        for (long sequence = first; sequence < next; sequence++) {
            int length = replies.length(sequence);
            out.putByte(replies.status(sequence)).putLong(replies.position(sequence));
            out.putInt(length).put(replies.array(sequence), replies.offset(sequence), length);
        }
        LongMap<Parked> map = parked;
        long[] waiting = parkedSequences();
        out.putInt(waiting.length);
        for (long sequence : waiting) {
            Parked request = map == null ? null : map.get(sequence);
            if (request != null) {
                out.putLong(sequence).putByte(request.kind());
                out.putSized(request.body());
            }
        }
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is no session
    ///
    /// @param client who has opened it
    static Session decode(int client, BytesReader in) {
        long id = in.getNonNegativeLong("session");
        long nonce = in.getLong();
        long timeoutNanos = in.getNonNegativeLong("timeout");
        long heardNanos = in.getLong();
        long first = in.getNonNegativeLong("sequence");
        Session session = new Session(id, client, nonce, timeoutNanos, heardNanos, first);
        int remembered = in.getCount(MAX_REMEMBERED_REPLIES, 13, "number of replies");
        if (first > Long.MAX_VALUE - remembered) {
            throw new MalformedException("replies go on after the last sequence");
        }
        for (int i = 0; i < remembered; i++) {
            int status = in.getByte();
            long position = in.getNonNegativeLong("position");
            Bytes reply = in.getSized(MAX_BYTES, "reply");
            session.replies.append(
                    status, position, reply.backingArray(), reply.backingOffset(), reply.size());
        }
        int waiting = in.getCount(1 << 20, 13, "number of parked requests");
        for (int i = 0; i < waiting; i++) {
            long sequence = in.getNonNegativeLong("sequence");
            int kind = in.getByte();
            if (sequence < session.replies.next() || session.isParked(sequence)) {
                throw new MalformedException("request " + sequence + " cannot be parked");
            }
            session.park(sequence, kind, copyOf(in.getSized(MAX_BYTES, "request")));
        }
        return session;
    }

    private static Bytes copyOf(Bytes part) {
        return Bytes.wrap(part.toByteArray());
    }
}
