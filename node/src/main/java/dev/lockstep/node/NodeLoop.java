package dev.lockstep.node;

import dev.lockstep.core.Now;
import dev.lockstep.journal.SegmentJournal;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaStatus;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a running node does, again and again: takes what has come in, lets the replica act on it,
/// sends, and makes durable what was appended.
///
/// Whatever depends on no write is sent before the journal is written, so that the other members
/// write at the same time.
///
/// Threading: the loop's thread, except [#stop] and [#isStopping].
final class NodeLoop {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// How often it is looked after things that nobody reports.
    private static final long CARE_NANOS = 250_000_000;

    /// A deadline that is missed by so much says that this process stood still.
    private static final long LATE_NANOS = 2_000_000;

    /// So often at most is heard what arrived while this process stood still.
    private static final int MOST_ROUNDS = 64;

    /// The replica gives up waiting after five seconds; what follows has the sixth.
    private static final long LEAVE_NANOS = 5_500_000_000L;

    private final NetworkLoop network;
    private final NodeClock clock;
    private final Replica replica;
    private final SegmentJournal journal;
    private final JournalDriver driver;
    private final NodeSnapshots snapshots;
    private final NodeDigests digests;
    private final SignatureWorkers workers;
    private final ReplicaGateway gateway;
    private final ClientConnections clients;
    private final Standing standing;

    private volatile boolean stopRequested;

    private boolean leaving;

    /// True once those who wait for a quarantined replica were sent away.
    private boolean sentAway;

    private boolean done;
    private long leaveUntil = Long.MAX_VALUE;
    private long careAt;

    NodeLoop(
            NetworkLoop network,
            NodeClock clock,
            Replica replica,
            SegmentJournal journal,
            JournalDriver driver,
            NodeSnapshots snapshots,
            NodeDigests digests,
            SignatureWorkers workers,
            ReplicaGateway gateway,
            ClientConnections clients,
            Standing standing) {
        this.network = network;
        this.clock = clock;
        this.replica = replica;
        this.journal = journal;
        this.driver = driver;
        this.snapshots = snapshots;
        this.digests = digests;
        this.workers = workers;
        this.gateway = gateway;
        this.clients = clients;
        this.standing = standing;
    }

    /// Begins an orderly stop. Any thread.
    void stop() {
        stopRequested = true;
        network.wakeup();
    }

    boolean isStopping() {
        return stopRequested;
    }

    /// True once the replica has left in good order, or taken too long over it.
    boolean isDone() {
        return done;
    }

    /// True once the replica is to begin anew from its disk.
    boolean wantsReboot() {
        return replica.wantsReboot() && !stopRequested;
    }

    /// One duty cycle; waits for something to do.
    void doWork() {
        long deadline = replica.nextDeadlineNanos();
        long wait = waitNanos(deadline);
        clock.expire();
        network.poll(wait);
        Now now = clock.tick();
        if (now.monotonicNanos() - deadline >= LATE_NANOS) {
            hearWhatWaits();
        }
        if (driver.poll(now.monotonicNanos())) {
            replica.onDurable(now, journal.durableThrough());
        }
        snapshots.poll(replica, now);
        digests.poll(replica, now);
        workers.poll(replica, now);
        act(now);
        if (driver.begin(now.monotonicNanos())) {
            now = clock.tick();
            replica.onDurable(now, journal.durableThrough());
            act(now);
        }
        if (now.monotonicNanos() >= careAt || (stopRequested && !leaving) || leaving) {
            takeCare(now);
        }
    }

    /// Hands in everything that has arrived: no timer may fire that a message would have put off.
    private void hearWhatWaits() {
        int round = 0;
        while (round < MOST_ROUNDS && network.poll(0) > 0) {
            round++;
        }
    }

    private void act(Now now) {
        replica.advance(now);
        if (gateway.advance()) {
            replica.advance(now);
        }
        network.flush();
    }

    private long waitNanos(long replicaDeadlineNanos) {
        if (driver.hasWork() || (stopRequested && !leaving)) {
            return 0;
        }
        long deadline = Math.min(replicaDeadlineNanos, driver.nextDeadlineNanos());
        deadline = Math.min(deadline, gateway.nextDeadlineNanos());
        deadline = Math.min(deadline, Math.min(careAt, leaveUntil));
        return Math.max(0, deadline - clock.monotonicNanos());
    }

    private void takeCare(Now now) {
        careAt = now.monotonicNanos() + CARE_NANOS;
        String reason = replica.haltReason();
        if (reason != null) {
            throw new NodeFailure("this replica must not go on: " + reason);
        }
        if (stopRequested && !leaving) {
            leaving = true;
            leaveUntil = now.monotonicNanos() + LEAVE_NANOS;
            LOG.info("leaving: duties are handed over and what was admitted is finished");
            replica.leave(now);
            act(now);
        }
        if (leaving && (replica.hasLeft() || now.monotonicNanos() >= leaveUntil)) {
            done = true;
            return;
        }
        driver.lookAtRoom(snapshots.reserveBytes(), now.monotonicNanos());
        lookAtStatus(now);
    }

    /// Sends away who waits for a quarantined replica.
    private void lookAtStatus(Now now) {
        ReplicaStatus status = replica.status();
        if (status.quarantineReason() != null && !sentAway) {
            sentAway = true;
            clients.closeWhenSent();
            gateway.abandon();
        }
        standing.look(status, now.monotonicNanos());
    }
}
