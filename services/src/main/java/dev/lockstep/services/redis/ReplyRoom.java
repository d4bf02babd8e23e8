package dev.lockstep.services.redis;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What the replies of all connections of a port take, and the bound that keeps slow readers from
/// filling the memory.
///
/// **The bound**: [#defaultBytes], which is 32 MiB or an eighth of the heap if that is more.
/// Counted are the bytes of replies that have come and were not yet given to the kernel, and what
/// is expected of requests that are under way. A reply of the service that would go beyond is not
/// kept. One reply of the port's own, such as `COMMAND`'s, may go beyond. What allocators round up
/// comes on top, at most as much again.
///
/// Three lines of defence, so that only who causes it suffers:
///
/// 1. What may bring large replies waits while half of the room is owed; what is expected to be
///    small while three quarters are.
/// 2. A query's reply that finds no room is dropped and the query asked again later; a command's
///    becomes an error that says so.
/// 3. While others wait or find no room, connections are closed whose sockets have taken less than
///    [#LEAST_TAKEN_BYTES] of their replies in [#STALLED_NANOS], those first that owe most.
///
/// **No deadlock**: of what is owed, all leaves by itself or is closed, except replies that are
/// early. Those of the port's own become no more than an eighth of the room, and one; whoever waits
/// for that, waits until none of its own replies are owed, not for others.
///
/// Threading: the loop's thread.
final class ReplyRoom {

    /// A client that has taken less than [#LEAST_TAKEN_BYTES] in so long may be closed if others
    /// need the room. Kernels take in steps, of up to a third of a socket's buffer.
    static final long STALLED_NANOS = 2_000_000_000L;

    static final long LEAST_TAKEN_BYTES = 64 << 10;

    private static final long LEAST_BYTES = 32L << 20;

    /// Replies up to this size are small.
    private static final int SMALL_BYTES = 4 << 10;

    private final List<RedisConnection> connections;
    private final long mostBytes;

    /// The sum of what each connection was counted with last.
    private long owedBytes;

    /// The sum of the replies that wait for others of their connections.
    private long earlyBytes;

    /// True if all was counted in this cycle of the loop.
    private boolean recounted;

    /// True if in this cycle of the loop there was no connection left to be closed.
    private boolean noneStalled;

    /// How many queries were asked again, because their replies had found no room.
    private long askedAgain;

    /// @param connections all of the port, as they come and go
    /// @param mostBytes the bound
    ReplyRoom(List<RedisConnection> connections, long mostBytes) {
        this.connections = connections;
        this.mostBytes = mostBytes;
    }

    /// The bound that suits this process.
    static long defaultBytes() {
        return Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / 8);
    }

    /// The bound.
    long mostBytes() {
        return mostBytes;
    }

    /// What is owed; never more than what really is owed now, plus what clients have taken since
    /// their connections were counted.
    long owedBytes() {
        return owedBytes;
    }

    /// A connection owes this much more, or less, than it was counted with.
    void add(long bytes) {
        owedBytes += bytes;
    }

    /// So much more waits for other replies of its connection, or less.
    void addEarly(long bytes) {
        earlyBytes += bytes;
    }

    /// True if a reply of the port's own of so many bytes may wait for others before it.
    boolean mayWait(long replyBytes) {
        return earlyBytes + replyBytes <= mostBytes / 8;
    }

    /// True if a request may be taken up whose reply is expected to have so many bytes.
    boolean mayAsk(long replyBytes) {
        long expected = Math.min(replyBytes, mostBytes / 4);
        if (expected + owedBytes <= lineFor(expected)) {
            return true;
        }
        recount();
        return expected + owedBytes <= lineFor(expected);
    }

    private long lineFor(long expected) {
        return expected <= SMALL_BYTES ? mostBytes / 4 * 3 : mostBytes / 2;
    }

    /// True if so much more may be kept than was expected.
    boolean takes(long moreBytes) {
        if (owedBytes + moreBytes <= mostBytes) {
            return true;
        }
        recount();
        closeStalled(mostBytes - moreBytes);
        return owedBytes + moreBytes <= mostBytes;
    }

    /// A query is asked again.
    void askedAgain() {
        askedAgain++;
    }

    /// How many queries were asked again so far.
    long askedAgainCount() {
        return askedAgain;
    }

    /// A new cycle of the loop.
    void nextCycle() {
        recounted = false;
        noneStalled = false;
    }

    /// Some requests have waited for a while: makes room for them.
    void relieve() {
        nextCycle();
        recount();
        closeStalled(mostBytes / 2 - mostBytes / 4);
    }

    /// Counts what clients have taken, of which nothing tells.
    private void recount() {
        if (!recounted) {
            recounted = true;
            for (int i = 0; i < connections.size(); i++) {
                connections.get(i).debt().count();
            }
        }
    }

    private void closeStalled(long untilBytes) {
        long now = System.nanoTime();
        while (owedBytes > untilBytes && !noneStalled) {
            RedisConnection worst = null;
            for (int i = 0; i < connections.size(); i++) {
                worst = worse(worst, connections.get(i), now);
            }
            if (worst == null) {
                noneStalled = true;
            } else {
                worst.closeAsSlow();
            }
        }
    }

    private static @Nullable RedisConnection worse(
            @Nullable RedisConnection worst, RedisConnection other, long now) {
        boolean isWorse =
                other.debt().isStalled(now)
                        && (worst == null
                                || other.debt().countedBytes() > worst.debt().countedBytes());
        return isWorse ? other : worst;
    }
}
