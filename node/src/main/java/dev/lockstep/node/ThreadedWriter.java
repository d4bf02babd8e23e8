package dev.lockstep.node;

import dev.lockstep.journal.Group;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Writes on a thread of its own, so that the loop goes on while the disk works. The thread sleeps
/// while there is nothing to write.
final class ThreadedWriter implements GroupWriter {

    private static final Logger LOG = LoggerFactory.getLogger(ThreadedWriter.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Runnable wakeup;
    private final Thread thread;

    /// Handed to the thread, which takes it off when it is done. Written by both, never at once.
    private volatile @Nullable Group handed;

    /// Handed back by the thread before it takes `handed` off.
    private volatile @Nullable Outcome outcome;

    private volatile boolean closed;

    /// @param wakeup called on the writer's thread when a group is done
    ThreadedWriter(String threadName, Runnable wakeup) {
        this.wakeup = wakeup;
        this.thread = Thread.ofPlatform().daemon().name(threadName).start(this::run);
    }

    @Override
    public void begin(Group group) {
        handed = group;
        LockSupport.unpark(thread);
    }

    @Override
    public @Nullable Outcome poll() {
        Outcome known = outcome;
        if (known != null) {
            outcome = null;
        }
        return known;
    }

    private void run() {
        while (!closed || handed != null) {
            Group group = handed;
            if (group == null) {
                LockSupport.park(this);
            } else {
                Outcome done = GroupWriter.run(group);
                handed = null;
                outcome = done;
                wakeup.run();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            if (!thread.join(PATIENCE)) {
                LOG.warn("the disk has not answered for {} s; leaving it", PATIENCE.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
