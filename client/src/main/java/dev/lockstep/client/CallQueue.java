package dev.lockstep.client;

import dev.lockstep.api.UnavailableException;
import dev.lockstep.net.NetworkLoop;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReference;

/// Hands calls from any thread to the client's, which is woken once for a burst.
///
/// A stack of linked calls that the client's thread takes as a whole and turns round; its depth is
/// bounded by who pushes.
final class CallQueue {

    private final NetworkLoop loop;

    /// The last call that was pushed; [#CLOSED] for ever once nobody takes them.
    private final AtomicReference<@Nullable Call> last = new AtomicReference<>();

    private static final Call CLOSED = Call.nobody();

    CallQueue(NetworkLoop loop) {
        this.loop = loop;
    }

    /// Any thread.
    ///
    /// @return false if the queue is closed: the call was not taken
    boolean push(Call call) {
        Call before;
        do {
            before = last.get();
            if (before == CLOSED) {
                return false;
            }
            call.previous = before;
        } while (!last.compareAndSet(before, call));
        // Whoever pushed before has woken the thread, and it has not looked since.
        if (before == null) {
            loop.wakeup();
        }
        return true;
    }

    boolean isEmpty() {
        return last.get() == null;
    }

    /// Issues all calls in the order in which they were pushed. The client's thread.
    void drainTo(LoopClient session) {
        for (Call call = take(null); call != null; ) {
            Call next = call.previous;
            call.previous = null;
            call.issueOn(session);
            call = next;
        }
    }

    /// Fails all calls that were not issued, and those that come.
    void close() {
        for (Call call = take(CLOSED); call != null; ) {
            Call next = call.previous;
            call.fail(new UnavailableException("the client is closed"));
            call = next;
        }
    }

    /// The calls, first come first, linked by `previous`.
    private @Nullable Call take(@Nullable Call leave) {
        if (leave == null && last.get() == null) {
            return null;
        }
        Call reversed = null;
        for (Call call = last.getAndSet(leave); call != null && call != CLOSED; ) {
            Call before = call.previous;
            call.previous = reversed;
            reversed = call;
            call = before;
        }
        return reversed;
    }
}
