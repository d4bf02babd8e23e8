package dev.lockstep.services.redis;

/// What the replies of one connection take and are expected to take, in bytes.
///
/// **The bound**: [#MOST_HELD_BYTES] and one reply of the service, or one of the connection's own.
/// Who asks for more than the socket takes is not read from; replies that turn out larger than
/// expected are refused beyond it, see [RedisConnection]. The reply that goes first is not refused
/// because of what waits behind it, which can only leave after it: [#MOST_ASKED_BYTES] more.
///
/// Threading: the loop's thread.
final class ReplyDebt {

    /// While more is expected or cannot be sent before others, nothing is asked for that may bring
    /// more.
    static final int MOST_ASKED_BYTES = 1 << 20;

    /// While so much is held, replies of queries are refused.
    static final int MOST_HELD_BYTES = 2 << 20;

    /// How many requests may be under way that may bring large replies. More would not be faster,
    /// and all may be larger than expected.
    static final int MOST_VALUES = 128;

    /// What an early reply takes beside its bytes, about.
    private static final int EARLY_BYTES = 256;

    private final ReplyRoom room;
    private final ReplyStream stream;

    /// The charges of requests under way.
    private long askedBytes;

    /// Replies that the gateway keeps for this connection.
    private long arrivingBytes;

    /// Replies that wait for others before them.
    private long earlyBytes;

    /// All that was ever handed to the channel.
    private long writtenBytes;

    /// When the current span began: with something to take, or when the last span's
    /// [ReplyRoom#LEAST_TAKEN_BYTES] were seen to be taken.
    private long spanNanos = System.nanoTime();

    /// How much of all the kernel had taken then.
    private long spanTakenBytes;

    /// What the room was told.
    private long countedBytes;

    /// The size that replies are expected to have: at once what a larger one had, falling slowly.
    private int expectedBytes;

    /// How many requests of [#MOST_VALUES] may be under way now: grows with each reply, so that a
    /// new connection does not ask for much before it knows how much that is.
    private int window = 1;

    private int values;

    /// True once the connection is closed and owes nothing but what the gateway keeps.
    private boolean cancelled;

    ReplyDebt(ReplyRoom room, ReplyStream stream) {
        this.room = room;
        this.stream = stream;
    }

    /// What a request will be expected to take: its reply, and itself until that comes.
    int charge(int requestBytes) {
        return (int) Math.min(Integer.MAX_VALUE, (long) expectedBytes + requestBytes);
    }

    /// True if a request of this charge may be taken up. Otherwise a reply of this connection comes
    /// first, or [#waitsForRoom].
    boolean mayAsk(int charge) {
        return values < window
                && (values == 0 || askedBytes + charge <= MOST_ASKED_BYTES)
                && room.mayAsk(charge);
    }

    /// True if it is not this connection for which a request of this charge has to wait.
    boolean waitsForRoom(int charge) {
        return !room.mayAsk(charge);
    }

    /// True if the connection may make a reply of its own of about this size. Otherwise a reply of
    /// the gateway's comes first, or [#waitsForRoom]; a reply that no other goes before needs room
    /// only.
    boolean mayReply(int bytes) {
        return room.mayAsk(bytes) && (stream.size() == 0 || mayWait(bytes));
    }

    private boolean mayWait(int bytes) {
        return earlyBytes + arrivingBytes + bytes <= MOST_ASKED_BYTES && room.mayWait(bytes);
    }

    void asked(PendingReply reply, int charge) {
        reply.charge = charge;
        askedBytes += charge;
        values += reply.isValue ? 1 : 0;
        count();
    }

    /// A request was not taken after all.
    void withdrawn(PendingReply reply) {
        answered(reply);
    }

    /// True if a reply of this size may be kept: it then is arriving until [#answered].
    boolean takes(PendingReply reply, int lengthBytes, boolean mayBeAskedAgain) {
        if (mayBeAskedAgain && heldBefore(reply) >= MOST_HELD_BYTES) {
            return false;
        }
        long more = (long) lengthBytes - reply.charge;
        if (more > 0 && !room.takes(more)) {
            return false;
        }
        askedBytes -= reply.charge;
        reply.charge = 0;
        reply.arrivedBytes = lengthBytes;
        arrivingBytes += lengthBytes;
        room.add(more);
        countedBytes += more;
        return true;
    }

    /// The outcome of a request is being told.
    void answered(PendingReply reply) {
        askedBytes -= reply.charge;
        arrivingBytes -= reply.arrivedBytes;
        values -= reply.isValue ? 1 : 0;
        reply.charge = 0;
        reply.arrivedBytes = 0;
    }

    /// A reply had this size.
    void learn(int replyBytes) {
        if (replyBytes >= expectedBytes) {
            expectedBytes = replyBytes;
        } else {
            expectedBytes -= (expectedBytes - replyBytes + 7) / 8;
        }
        window = Math.min(window + 1, MOST_VALUES);
    }

    /// A reply of this size found no room.
    void learnRefused(int replyBytes) {
        expectedBytes = Math.max(expectedBytes, replyBytes);
        window = 1;
    }

    void early(int bytes) {
        addEarly(bytes + EARLY_BYTES);
    }

    void earlySent(int bytes) {
        addEarly(-bytes - EARLY_BYTES);
    }

    private void addEarly(long bytes) {
        earlyBytes += bytes;
        room.addEarly(bytes);
    }

    /// So much is handed to the channel.
    ///
    /// @param isFirst whether the kernel has taken all that was handed over before
    void written(int bytes, boolean isFirst) {
        if (isFirst) {
            beginSpan(writtenBytes);
        }
        writtenBytes += bytes;
    }

    private void beginSpan(long takenBytes) {
        spanNanos = System.nanoTime();
        spanTakenBytes = takenBytes;
    }

    private long heldBytes() {
        return arrivingBytes + earlyBytes + sendingBytes();
    }

    private long sendingBytes() {
        return stream.gatheredBytes() + stream.pendingBytes();
    }

    /// What is held and can leave before this reply does.
    private long heldBefore(PendingReply reply) {
        return stream.isFirst(reply) ? sendingBytes() : heldBytes();
    }

    /// Tells the room what is owed now.
    void count() {
        long untaken = stream.untakenBytes();
        long taken = writtenBytes - untaken;
        if (untaken == 0 || taken - spanTakenBytes >= ReplyRoom.LEAST_TAKEN_BYTES) {
            beginSpan(taken);
        }
        long now = cancelled ? arrivingBytes : askedBytes + heldBytes();
        room.add(now - countedBytes);
        countedBytes = now;
    }

    /// What the room was told last.
    long countedBytes() {
        return countedBytes;
    }

    /// True if the client has let replies lie, as far as the last count tells.
    boolean isStalled(long nowNanos) {
        return stream.untakenBytes() > 0 && spanNanos(nowNanos) >= ReplyRoom.STALLED_NANOS;
    }

    /// How long the current span lasts.
    long spanNanos(long nowNanos) {
        return nowNanos - spanNanos;
    }

    /// What the kernel has taken in the current span.
    long takenInSpanBytes() {
        return writtenBytes - stream.untakenBytes() - spanTakenBytes;
    }

    /// The connection is closed: all is free that the gateway does not keep for it.
    void cancel() {
        cancelled = true;
        addEarly(-earlyBytes);
        count();
    }
}
