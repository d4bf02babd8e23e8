package dev.lockstep.client;

import dev.lockstep.api.UnavailableException;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.net.NetworkLoop;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.SplittableRandom;

/// A session with a cluster on the caller's own [NetworkLoop]: without a thread, without a
/// hand-over, for load generators and programs that have a loop already. [ClientBuilder#connectOn]
/// makes one.
///
/// The caller calls [#poll] again and again; completions are told within. Where several sessions
/// share a loop, it polls the loop itself, calls [#advance] on each, and flushes the loop.
///
/// Threading: the loop's thread.
public final class LoopClient implements AutoCloseable {

    /// No cluster takes a larger command or query, however it is configured.
    public static final int MAX_REQUEST_BYTES = 32 << 20;

    private static final long LONGEST_WAIT_NANOS = 10_000_000L;
    private static final long CLOSE_NANOS = 1_000_000_000L;
    private static final SecureRandom NONCES = new SecureRandom();

    private final NetworkLoop loop;
    private final ClusterId clusterId;
    private final ReplicaLinks links;
    private final ClientEngine engine;

    /// What the links and time are told to: the engine, or who counts the replicas' votes for it.
    private final ClientInputs inputs;

    /// Null if only the replica that answered first is talked to.
    private final @Nullable Rediscovery rediscovery;

    /// The engine counts time from here.
    private final long origin = System.nanoTime();

    private LoopClient(NetworkLoop loop, ClientOptions options, Discovery.Found found) {
        this.loop = loop;
        this.clusterId = found.clusterId();
        Voting voting = options.voting();
        boolean learns = voting == null && options.learnMembers();
        this.links = new ReplicaLinks(loop, found, learns, voting != null, new Ear());
        this.rediscovery = learns ? new Rediscovery(loop, options, links) : null;
        if (voting == null) {
            this.engine =
                    new ClientEngine(
                            options.engine(),
                            links.replicas(),
                            links,
                            new SplittableRandom(NONCES.nextLong()));
            this.inputs = engine;
            engine.start(found.first());
        } else {
            Voter voter =
                    new Voter(
                            options.engine(),
                            links.replicas(),
                            voting::enoughOf,
                            links,
                            NONCES,
                            voting.signatory());
            this.engine = voter.engine();
            this.inputs = voter;
        }
        loop.atFlush(inputs::flush);
        inputs.advance(now());
        loop.flush();
    }

    static LoopClient connect(NetworkLoop loop, ClientOptions options) {
        Voting voting = options.voting();
        return voting == null
                ? new LoopClient(loop, options, Discovery.run(loop, options))
                : connectToAll(loop, options, voting);
    }

    /// Returns when so many are connected that they can agree.
    private static LoopClient connectToAll(NetworkLoop loop, ClientOptions options, Voting voting) {
        LoopClient client = new LoopClient(loop, options, Electorate.of(options, voting));
        int enough = voting.enoughOf(options.addresses().size());
        long until = System.nanoTime() + options.connectNanos();
        while (client.links.connected() < enough) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                String why = client.links.whyNot();
                int connected = client.links.connected();
                client.engine.abandon();
                client.links.close();
                throw new UnavailableException(
                        "%d of %d replicas answer, and %d must agree before an answer is believed; see whether the cluster runs and the addresses are client ports: %s"
                                .formatted(connected, options.addresses().size(), enough, why));
            }
            client.poll(Math.min(left, LONGEST_WAIT_NANOS));
        }
        return client;
    }

    /// True if another command would be taken now.
    public boolean hasRoom() {
        return engine.hasRoom();
    }

    /// Issues a command; it leaves at the loop's next flush.
    ///
    /// @param command given away until its outcome is told
    /// @param timeoutNanos when to give it up, from now
    /// @param whenKnown told once, perhaps before this returns
    public void command(byte[] command, long timeoutNanos, Completion whenKnown) {
        if (isTooLarge(command.length, whenKnown)) {
            return;
        }
        long now = now();
        engine.command(now, command, now + timeoutNanos, whenKnown);
    }

    /// Asks a query; it leaves at the loop's next flush.
    ///
    /// @param timeoutNanos when to give it up, from now
    /// @param whenKnown told once, perhaps before this returns
    public void query(Bytes query, Freshness freshness, long timeoutNanos, Completion whenKnown) {
        if (isTooLarge(query.size(), whenKnown)) {
            return;
        }
        long now = now();
        engine.query(now, query, freshness, now + timeoutNanos, whenKnown);
    }

    private static boolean isTooLarge(int bytes, Completion whenKnown) {
        if (bytes <= MAX_REQUEST_BYTES) {
            return false;
        }
        byte[] sentence =
                ("the request has "
                                + bytes
                                + " bytes, no cluster takes more than "
                                + MAX_REQUEST_BYTES
                                + "; send less at once")
                        .getBytes(StandardCharsets.UTF_8);
        whenKnown.onOutcome(Outcome.REFUSED, 0, sentence, 0, sentence.length);
        return true;
    }

    /// Hands in what has arrived, tells outcomes, sends what is due; waits for something to do.
    ///
    /// @param waitNanos wait at most this long; 0 or less: do not wait
    public void poll(long waitNanos) {
        loop.flush();
        loop.poll(Math.min(waitNanos, nanosToNextDeadline()));
        advance();
        loop.flush();
    }

    /// Does what is due after a poll of a shared loop.
    public void advance() {
        links.announce();
        inputs.advance(now());
        Rediscovery search = rediscovery;
        if (search != null) {
            search.advance(now(), engine.entry() == 0);
        }
    }

    /// How long a poll of a shared loop may wait before [#advance] is due; `Long.MAX_VALUE` for
    /// ever, 0 or less if it is due.
    public long nanosToNextDeadline() {
        long deadline = inputs.nextDeadlineNanos();
        Rediscovery search = rediscovery;
        if (search != null) {
            deadline = Math.min(deadline, search.nextDeadlineNanos());
        }
        return deadline == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, deadline) - now();
    }

    /// The cluster that was reached.
    public ClusterId clusterId() {
        return clusterId;
    }

    /// True once the cluster has given the session a number, until it ends.
    public boolean isOpen() {
        return engine.isOpen();
    }

    /// The number of the replica that the session talks to; 0 while none is connected.
    public int entry() {
        return engine.entry();
    }

    /// How often the session moved to another replica because one went away or was silent.
    public long failovers() {
        return engine.failovers();
    }

    /// How many requests were sent more than once.
    public long resends() {
        return engine.resends();
    }

    /// Ends the session in the cluster if it can be reached within a second, and closes its
    /// connections, not the loop. Calls in flight fail.
    @Override
    public void close() {
        long until = System.nanoTime() + CLOSE_NANOS;
        engine.close(now());
        while (!engine.isClosed() && System.nanoTime() - until < 0) {
            poll(until - System.nanoTime());
        }
        engine.abandon();
        Rediscovery search = rediscovery;
        if (search != null) {
            search.close();
        }
        links.close();
    }

    private long now() {
        return System.nanoTime() - origin;
    }

    /// Takes what the links bring to the engine.
    private final class Ear implements ReplicaLinks.Receiver {

        @Override
        public void onConnected(int replica) {
            inputs.onConnected(now(), replica);
        }

        @Override
        public void onDisconnected(int replica) {
            inputs.onDisconnected(now(), replica);
        }

        @Override
        public void onPreferredEntry(int replica) {
            inputs.onPreferredEntry(replica);
        }

        @Override
        public void onMembers(int[] replicas) {
            inputs.onMembers(now(), replicas);
        }

        @Override
        public void onEpoch(int replica, long epoch) {
            inputs.onEpoch(now(), replica, epoch);
        }

        @Override
        public void onReply(
                int from,
                ClientReply.Kind kind,
                ClientReply.Status status,
                long session,
                long sequence,
                long position,
                byte[] bytes,
                int offset,
                int length) {
            inputs.onReply(
                    now(), from, kind, status, session, sequence, position, bytes, offset, length);
        }
    }
}
