package dev.lockstep.services.redis;

import java.util.Arrays;

/// The replies that a connection owes, in the order of their requests.
final class ReplyRing {

    private static final int FIRST_SLOTS = 16;

    private final RedisConnection connection;
    private PendingReply[] slots = new PendingReply[0];

    /// Counts of all replies ever begun and finished; the ring holds those between.
    private long begun;

    private long finished;

    ReplyRing(RedisConnection connection) {
        this.connection = connection;
    }

    int size() {
        return (int) (begun - finished);
    }

    boolean isEmpty() {
        return begun == finished;
    }

    /// The reply that goes first; the ring must not be empty.
    PendingReply first() {
        return slots[(int) finished & (slots.length - 1)];
    }

    /// The reply that so many go before.
    PendingReply get(int index) {
        return slots[(int) (finished + index) & (slots.length - 1)];
    }

    void removeFirst() {
        finished++;
    }

    /// Takes back the reply that was added last.
    void removeLast() {
        begun--;
    }

    PendingReply add(PendingReply.Kind kind, boolean resp3, boolean silent) {
        if (size() == slots.length) {
            grow();
        }
        PendingReply reply = slots[(int) begun & (slots.length - 1)];
        begun++;
        reply.kind = kind;
        reply.resp3 = resp3;
        reply.silent = silent;
        reply.isValue = false;
        reply.weight = 0;
        reply.charge = 0;
        reply.arrivedBytes = 0;
        reply.refusedBytes = -1;
        reply.query = null;
        reply.shape = null;
        reply.early = null;
        return reply;
    }

    private void grow() {
        int size = size();
        PendingReply[] larger = new PendingReply[Math.max(FIRST_SLOTS, 2 * slots.length)];
        for (int i = 0; i < size; i++) {
            larger[(int) (finished + i) & (larger.length - 1)] =
                    slots[(int) (finished + i) & (slots.length - 1)];
        }
        slots = larger;
        for (int i = size; i < larger.length; i++) {
            larger[(int) (finished + i) & (larger.length - 1)] = new PendingReply(connection);
        }
    }

    /// Frees what has come early.
    void release() {
        for (int i = 0; i < size(); i++) {
            PendingReply reply = slots[(int) (finished + i) & (slots.length - 1)];
            if (reply.early != null) {
                reply.early.release();
                reply.early = null;
            }
        }
        finished = begun;
        slots = Arrays.copyOf(slots, 0);
    }
}
