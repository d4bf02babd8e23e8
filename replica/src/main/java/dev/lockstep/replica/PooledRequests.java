package dev.lockstep.replica;

import org.jspecify.annotations.Nullable;

import java.util.TreeMap;

/// The requests of a [RequestPool]: found by name, walked from the oldest on, and of those that are
/// in no batch of this replica, the oldest taken first.
///
/// Every request of every client passes through here on every replica, so names are found by open
/// addressing, and the orders are lists through the requests themselves.
final class PooledRequests {

    private static final int INITIAL_CAPACITY = 64;

    /// A power of two long; at most half of it is in use.
    private @Nullable PooledRequest[] slots = new @Nullable PooledRequest[INITIAL_CAPACITY];

    private int size;

    private @Nullable PooledRequest oldest;
    private @Nullable PooledRequest youngest;
    private @Nullable PooledRequest firstWaiting;
    private @Nullable PooledRequest lastWaiting;

    /// How many bytes of them each client that signs has asked for.
    private final TreeMap<Integer, Long> byClient = new TreeMap<>();

    /// Of all but the wishes of operators, of which there are few.
    private long bytes;

    private long waitingBytes;

    /// How many wishes of operators there are.
    private int wishes;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// Of all but wishes.
    long bytes() {
        return bytes;
    }

    /// How many of them are wishes of operators.
    int wishes() {
        return wishes;
    }

    long bytes(int client) {
        return byClient.getOrDefault(client, 0L);
    }

    /// Of those that are in no batch of this replica.
    long waitingBytes() {
        return waitingBytes;
    }

    @Nullable PooledRequest oldest() {
        return oldest;
    }

    @Nullable PooledRequest firstWaiting() {
        return firstWaiting;
    }

    @Nullable PooledRequest find(int client, long session, long what) {
        return slots[slotOf(client, session, what)];
    }

    /// The one that has the name of what the cursor is at.
    @Nullable PooledRequest find(RequestCursor cursor) {
        return find(
                cursor.client(),
                cursor.session(),
                RequestName.whatOf(cursor.kind(), cursor.sequence()));
    }

    /// Adds the youngest, whose name nobody has; it waits.
    void add(PooledRequest request) {
        int slot = slotOf(request.client, request.session, request.what);
        slots[slot] = request;
        if (2 * ++size > slots.length) {
            grow();
        }
        PooledRequest last = youngest;
        request.older = last;
        if (last == null) {
            oldest = request;
        } else {
            last.younger = request;
        }
        youngest = request;
        if (request.what == ReplyRouting.WISHING) {
            wishes++;
        } else {
            bytes += request.record.length;
            count(request.client, request.record.length);
        }
        await(request);
    }

    /// The request is in a batch of this replica.
    void take(PooledRequest request) {
        if (!request.isWaiting) {
            return;
        }
        request.isWaiting = false;
        waitingBytes -= request.record.length;
        PooledRequest before = request.waitsBefore;
        PooledRequest after = request.waitsAfter;
        if (before == null) {
            firstWaiting = after;
        } else {
            before.waitsAfter = after;
        }
        if (after == null) {
            lastWaiting = before;
        } else {
            after.waitsBefore = before;
        }
        request.waitsBefore = null;
        request.waitsAfter = null;
    }

    /// The request is in no batch of this replica any more; it waits where its age puts it.
    void await(PooledRequest request) {
        if (request.isWaiting || request.isGone) {
            return;
        }
        PooledRequest before = lastWaiting;
        while (before != null && before.number > request.number) {
            before = before.waitsBefore;
        }
        insertAfter(before, request);
    }

    /// The same of requests of ascending age, which were taken from the front as a rule.
    void awaitAgain(Iterable<PooledRequest> requests) {
        PooledRequest before = null;
        for (PooledRequest request : requests) {
            if (request.isWaiting || request.isGone) {
                continue;
            }
            PooledRequest next = before == null ? firstWaiting : before.waitsAfter;
            while (next != null && next.number < request.number) {
                before = next;
                next = next.waitsAfter;
            }
            insertAfter(before, request);
            before = request;
        }
    }

    private void insertAfter(@Nullable PooledRequest before, PooledRequest request) {
        PooledRequest after = before == null ? firstWaiting : before.waitsAfter;
        request.isWaiting = true;
        waitingBytes += request.record.length;
        request.waitsBefore = before;
        request.waitsAfter = after;
        if (before == null) {
            firstWaiting = request;
        } else {
            before.waitsAfter = request;
        }
        if (after == null) {
            lastWaiting = request;
        } else {
            after.waitsBefore = request;
        }
    }

    void remove(PooledRequest request) {
        take(request);
        request.isGone = true;
        PooledRequest before = request.older;
        PooledRequest after = request.younger;
        if (before == null) {
            oldest = after;
        } else {
            before.younger = after;
        }
        if (after == null) {
            youngest = before;
        } else {
            after.older = before;
        }
        request.older = null;
        request.younger = null;
        if (request.what == ReplyRouting.WISHING) {
            wishes--;
        } else {
            bytes -= request.record.length;
            count(request.client, -request.record.length);
        }
        size--;
        closeGap(slotOf(request.client, request.session, request.what));
    }

    private void count(int client, int difference) {
        if (client != 0) {
            byClient.merge(client, (long) difference, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    private int slotOf(int client, long session, long what) {
        int mask = slots.length - 1;
        int slot = home(client, session, what, mask);
        while (true) {
            PooledRequest there = slots[slot];
            if (there == null
                    || (there.what == what && there.session == session && there.client == client)) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    private void closeGap(int freed) {
        int mask = slots.length - 1;
        int gap = freed;
        int slot = freed;
        while (true) {
            slot = (slot + 1) & mask;
            PooledRequest there = slots[slot];
            if (there == null) {
                slots[gap] = null;
                return;
            }
            int home = home(there.client, there.session, there.what, mask);
            if (((slot - home) & mask) >= ((slot - gap) & mask)) {
                slots[gap] = there;
                gap = slot;
            }
        }
    }

    private void grow() {
        @Nullable PooledRequest[] old = slots;
        slots = new @Nullable PooledRequest[2 * old.length];
        for (PooledRequest each : old) {
            if (each != null) {
                slots[slotOf(each.client, each.session, each.what)] = each;
            }
        }
    }

    private static int home(int client, long session, long what, int mask) {
        return (int) Mixing.fold(session ^ client, what) & mask;
    }
}
