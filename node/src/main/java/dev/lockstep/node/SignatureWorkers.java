package dev.lockstep.node;

import dev.lockstep.core.Now;
import dev.lockstep.core.port.SignatureChecks;
import dev.lockstep.replica.Replica;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/// Checks signatures beside the loop, on machines that have processors to spare. With none to spare
/// a check is run at once: to hand it over and be woken up would cost more than it does.
///
/// What waits for a thread is bounded; past the bound the loop checks for itself.
///
/// Threading: the loop's thread, except what the own threads do.
final class SignatureWorkers implements SignatureChecks, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// More checks do not wait for a thread.
    static final int MOST_WAITING = 8_192;

    /// More threads are of no use to one loop.
    private static final int MOST_THREADS = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private record Check(long ticket, BooleanSupplier isGenuine) {}

    private record Answer(long ticket, boolean isGenuine) {}

    private final ArrayBlockingQueue<Check> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Runnable wakeup;
    private final List<Thread> threads = new ArrayList<>();

    /// @param name for the threads, such as `lockstep-2`
    /// @param count how many; 0 to check everything at once
    /// @param wakeup ends the loop's poll; any thread
    SignatureWorkers(String name, int count, Runnable wakeup) {
        this.wakeup = wakeup;
        for (int i = 1; i <= count; i++) {
            threads.add(
                    Thread.ofPlatform().daemon().name(name + "-signatures-" + i).start(this::work));
        }
    }

    /// How many threads a machine with so many processors has to spare: the loop and the journal
    /// have one each.
    static int threadsFor(int processors) {
        return processors < 4 ? 0 : Math.min(MOST_THREADS, processors - 2);
    }

    @Override
    public Verdict check(long ticket, BooleanSupplier isGenuine) {
        if (threads.isEmpty() || !waiting.offer(new Check(ticket, isGenuine))) {
            return SignatureChecks.AT_ONCE.check(ticket, isGenuine);
        }
        return Verdict.LATER;
    }

    private void work() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Check check = waiting.take();
                answers.add(new Answer(check.ticket, isGenuine(check)));
                wakeup.run();
            }
        } catch (InterruptedException e) {
            // The node closes: nobody waits for an answer any more.
            Thread.currentThread().interrupt();
        }
    }

    /// What cannot be checked is not genuine, and must not go unanswered: everything that came
    /// later
    /// waits for it.
    private static boolean isGenuine(Check check) {
        try {
            return check.isGenuine.getAsBoolean();
        } catch (RuntimeException e) {
            LOG.error("a signature could not be checked", e);
            return false;
        }
    }

    /// Hands in what the threads have found.
    void poll(Replica replica, Now now) {
        for (Answer next = answers.poll(); next != null; next = answers.poll()) {
            replica.onChecked(now, next.ticket, next.isGenuine);
        }
    }

    /// Ends the threads; what waits is not answered.
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        boolean wasInterrupted = false;
        for (Thread thread : threads) {
            try {
                if (!thread.join(PATIENCE)) {
                    LOG.warn("{} does not end", thread.getName());
                }
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
