package dev.lockstep.cli;

import dev.lockstep.client.LockstepClient;
import dev.lockstep.node.ClusterClient;
import dev.lockstep.node.NodeConfig;
import dev.lockstep.services.kv.KvCommands;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A client that keeps writing through one session, and remembers what was acknowledged and how
/// long it ever had to wait for the next acknowledgement.
///
/// Every round writes a key of its own and adds one to a counter.
///
/// Threading: started and stopped by one thread; the getters are for after [#stop].
final class TourWriter {

    static final String COUNTER = "tour:counter";

    private static final int IN_FLIGHT = 16;
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final LockstepClient client;
    private final Semaphore room = new Semaphore(IN_FLIGHT);
    private final Thread thread = Thread.ofPlatform().name("tour-writer").unstarted(this::write);

    /// Written by the client's thread.
    private final AtomicInteger keys = new AtomicInteger();

    private final AtomicInteger increments = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong lastAckNanos = new AtomicLong();
    private final AtomicLong longestGapNanos = new AtomicLong();
    private final List<Integer> acknowledged = new ArrayList<>();

    private volatile boolean stopping;
    private volatile String failure = "";

    /// Writes to the cluster of this configuration, through one replica or all as that says.
    TourWriter(NodeConfig cluster) {
        client = ClusterClient.of(cluster).deadline(DEADLINE).connect();
    }

    static String key(int number) {
        return "tour:" + number;
    }

    void start() {
        lastAckNanos.set(System.nanoTime());
        thread.start();
    }

    private void write() {
        byte[] counter = COUNTER.getBytes(StandardCharsets.UTF_8);
        try {
            for (int i = 0; !stopping; i++) {
                int number = i;
                byte[] value = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                send(
                        KvCommands.set(key(i).getBytes(StandardCharsets.UTF_8), value),
                        () -> {
                            acknowledged.add(number);
                            keys.incrementAndGet();
                        });
                send(KvCommands.incrBy(counter, 1), increments::incrementAndGet);
            }
            room.acquire(IN_FLIGHT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(byte[] command, Runnable whenAcknowledged) throws InterruptedException {
        room.acquire();
        var _ =
                client.command(command)
                        .whenComplete(
                                (_, thrown) -> {
                                    if (thrown == null) {
                                        onAcknowledged(whenAcknowledged);
                                    } else {
                                        failures.incrementAndGet();
                                        failure = thrown.toString();
                                    }
                                    room.release();
                                });
    }

    private void onAcknowledged(Runnable whenAcknowledged) {
        long now = System.nanoTime();
        long gap = now - lastAckNanos.getAndSet(now);
        longestGapNanos.accumulateAndGet(gap, Math::max);
        whenAcknowledged.run();
    }

    /// How many commands were acknowledged so far.
    int acknowledgements() {
        return keys.get() + increments.get();
    }

    /// Forgets the gaps there were until now.
    void measureGapFromHere() {
        longestGapNanos.set(0);
    }

    /// Waits for what is in flight and ends the session.
    void stop() throws InterruptedException {
        stopping = true;
        thread.join();
        client.close();
    }

    long longestGapMillis() {
        return longestGapNanos.get() / 1_000_000;
    }

    /// The numbers of the keys whose writes were acknowledged, after [#stop].
    List<Integer> acknowledgedKeys() {
        return acknowledged;
    }

    int acknowledgedIncrements() {
        return increments.get();
    }

    /// How many commands failed, and what the last one said.
    int failures() {
        return failures.get();
    }

    String failure() {
        return failure;
    }
}
