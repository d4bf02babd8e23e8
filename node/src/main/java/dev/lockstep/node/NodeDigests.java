package dev.lockstep.node;

import dev.lockstep.core.Now;
import dev.lockstep.replica.FrozenDigest;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.StateDigest;
import dev.lockstep.replica.StateDigester;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/// Digests frozen states, each on a thread of its own that rests as long as it works.
///
/// Threading: the loop's thread, except what the own threads do.
final class NodeDigests implements StateDigester, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// Work that took longer waited for something, which is no reason to rest as long.
    private static final long MOST_REST_NANOS = 20_000_000L;

    /// A thread that closing does not end by then is interrupted.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /// What becomes of one.
    ///
    /// @param digest null if there is none
    /// @param failure why there is none, a sentence without its end; empty if there is one
    record Outcome(long position, @Nullable StateDigest digest, String failure) {}

    /// Whom a digest is for besides the replica.
    interface Asker {
        /// Called on the loop's thread.
        void onOutcome(Outcome outcome);
    }

    private record Done(Asker asker, Outcome outcome) {}

    private final ConcurrentLinkedQueue<Done> done = new ConcurrentLinkedQueue<>();
    private final String name;
    private final Runnable wakeup;
    private volatile boolean closing;

    /// Those that may be at work; the loop's thread.
    private final List<Thread> threads = new ArrayList<>();

    /// @param name for the threads, such as `lockstep-2`
    /// @param wakeup ends the loop's poll; any thread
    NodeDigests(String name, Runnable wakeup) {
        this.name = name;
        this.wakeup = wakeup;
    }

    @Override
    public void digest(FrozenDigest frozen) {
        digest(frozen, NodeDigests::warn);
    }

    private static void warn(Outcome outcome) {
        if (outcome.digest() == null) {
            LOG.warn(
                    "the state at position {} was not compared with that of the other members: {}",
                    outcome.position(),
                    outcome.failure());
        }
    }

    /// The same for somebody who wants to know it.
    void digest(FrozenDigest frozen, Asker asker) {
        threads.removeIf(thread -> !thread.isAlive());
        threads.add(
                Thread.ofPlatform()
                        .daemon()
                        .name(name + "-digest")
                        .start(
                                () -> {
                                    done.add(new Done(asker, outcome(frozen)));
                                    wakeup.run();
                                }));
    }

    private Outcome outcome(FrozenDigest frozen) {
        Rest rest = new Rest();
        try (frozen) {
            return new Outcome(frozen.position(), frozen.digest(rest), "");
        } catch (Throwable e) {
            // The service's own code runs here; whoever waits for the digest must hear of any end.
            return new Outcome(
                    frozen.position(), null, "the service could not write its state: " + e);
        }
    }

    /// Hands in what the threads have to say.
    void poll(Replica replica, Now now) {
        for (Done next = done.poll(); next != null; next = done.poll()) {
            Outcome outcome = next.outcome();
            if (outcome.digest() == null) {
                replica.onStateDigestFailed(outcome.position());
            } else {
                replica.onStateDigest(now, outcome.digest());
            }
            next.asker().onOutcome(outcome);
        }
    }

    /// Ends what is under way, of which nobody is told, and waits for a while: whoever closes the
    /// service next must be alone with it.
    @Override
    public void close() {
        closing = true;
        boolean wasInterrupted = false;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
            try {
                if (!thread.join(PATIENCE)) {
                    LOG.warn("{} still digests a state: interrupting that", name);
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// One thread's.
    private final class Rest implements Runnable {
        private long since = System.nanoTime();

        @Override
        public void run() {
            if (closing) {
                throw new IllegalStateException("the node closes");
            }
            LockSupport.parkNanos(this, Math.min(System.nanoTime() - since, MOST_REST_NANOS));
            since = System.nanoTime();
        }
    }
}
