package dev.lockstep.client;

import dev.lockstep.api.Client;
import dev.lockstep.api.Consistency;
import dev.lockstep.api.LockstepException;
import dev.lockstep.api.OverloadedException;
import dev.lockstep.api.RefusedException;
import dev.lockstep.api.Reply;
import dev.lockstep.api.UnavailableException;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.net.NetworkLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/// A session with a cluster over TCP, driven by a daemon thread of its own.
///
/// ```java
/// try (var client = LockstepClient.builder().address("127.0.0.1", 7001).connect()) {
///     Reply reply = client.command(bytes).toCompletableFuture().join();
/// }
/// ```
///
/// Any member's address will do: the client learns the others from it, keeps a connection to each,
/// and moves on when one goes away or is silent. Defaults: a call's deadline is 10 seconds, the
/// session lives for 60 seconds without a word from the client (a word goes out every 20), 8,192
/// commands and as many queries may be without an outcome; a call beyond fails with
/// [OverloadedException].
///
/// Threading: any thread may call. Stages complete on the client's thread, except those that fail
/// before the call returns; a callback must not block it, and may call the client, also
/// [#close].
public final class LockstepClient implements Client {

    private static final Logger LOG = LoggerFactory.getLogger(LockstepClient.class);

    /// A poll ends at the latest after this long; whoever calls wakes it before.
    private static final long LONGEST_POLL_NANOS = 60_000_000_000L;

    private static final AtomicInteger THREADS = new AtomicInteger();

    private final long deadlineNanos;
    private final int window;
    private final NetworkLoop loop;
    private final CallQueue calls;
    private final Thread thread;
    private final CompletableFuture<LoopClient> connected = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    /// Calls without an outcome, those in the queue among them.
    private final AtomicInteger commandsInFlight = new AtomicInteger();

    private final AtomicInteger queriesInFlight = new AtomicInteger();

    /// Set by [#close], read by the thread.
    private volatile boolean closing;

    /// For [#entry], written by the thread.
    private volatile int entry;

    private LockstepClient(ClientOptions options) {
        this.deadlineNanos = options.deadlineNanos();
        this.window = options.engine().window();
        this.loop = NetworkLoop.create();
        this.calls = new CallQueue(loop);
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("lockstep-client-" + THREADS.incrementAndGet())
                        .unstarted(() -> run(options));
    }

    /// How to reach a cluster; at least one address must be named.
    public static ClientBuilder builder() {
        return new ClientBuilder();
    }

    static LockstepClient connect(ClientOptions options) {
        LockstepClient client = new LockstepClient(options);
        client.thread.start();
        try {
            var _ = client.connected.join();
        } catch (java.util.concurrent.CompletionException e) {
            // Thrown from here again, so that its stack trace leads to the caller.
            if (e.getCause() instanceof RefusedException refused) {
                throw new RefusedException(String.valueOf(refused.getMessage()));
            }
            if (e.getCause() instanceof LockstepException unavailable) {
                throw new UnavailableException(String.valueOf(unavailable.getMessage()));
            }
            throw e;
        }
        return client;
    }

    @Override
    public CompletionStage<Reply> command(byte[] command) {
        return issue(Call.command(command, deadlineNanos, commandsInFlight));
    }

    @Override
    public CompletionStage<Reply> command(byte[] command, Duration deadline) {
        long nanos = ClientBuilder.positiveNanos(deadline, "deadline");
        return issue(Call.command(command, nanos, commandsInFlight));
    }

    @Override
    public CompletionStage<Reply> query(byte[] query) {
        return issue(Call.query(query, Freshness.LINEARIZABLE, deadlineNanos, queriesInFlight));
    }

    @Override
    public CompletionStage<Reply> query(byte[] query, Consistency consistency, Duration deadline) {
        Freshness freshness =
                switch (consistency) {
                    case LINEARIZABLE -> Freshness.LINEARIZABLE;
                    case SESSION -> Freshness.SESSION;
                    case LOCAL -> Freshness.LOCAL;
                };
        long nanos = ClientBuilder.positiveNanos(deadline, "deadline");
        return issue(Call.query(query, freshness, nanos, queriesInFlight));
    }

    private Call issue(Call call) {
        if (!call.begin(window)) {
            call.completeExceptionally(
                    new OverloadedException(
                            "the client has "
                                    + window
                                    + " calls in flight already, wait for replies"));
        } else if (!calls.push(call)) {
            call.fail(new UnavailableException("the client is closed"));
        }
        return call;
    }

    /// The cluster that was reached.
    public ClusterId clusterId() {
        return connected.join().clusterId();
    }

    /// The number of the replica that the session talks to; 0 while none is connected.
    public int entry() {
        return entry;
    }

    @Override
    public void close() {
        closing = true;
        loop.wakeup();
        if (Thread.currentThread() != thread) {
            ended.join();
        }
    }

    private void run(ClientOptions options) {
        try {
            LoopClient session = LoopClient.connect(loop, options);
            entry = session.entry();
            connected.complete(session);
            serve(session);
            session.close();
        } catch (LockstepException notConnected) {
            connected.completeExceptionally(notConnected);
        } catch (Throwable broken) {
            // The last resort: nobody may wait for ever.
            LOG.error("the client of {} has failed", options.addresses(), broken);
            connected.completeExceptionally(broken);
        } finally {
            calls.close();
            loop.close();
            ended.complete(null);
        }
    }

    private void serve(LoopClient session) {
        while (!closing) {
            calls.drainTo(session);
            session.poll(calls.isEmpty() && !closing ? LONGEST_POLL_NANOS : 0);
            entry = session.entry();
        }
        calls.drainTo(session);
    }
}
