package dev.lockstep.node;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.ReplicaStatus;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/// The one session that all gateways of a node share.
///
/// Every command has the next number of the session and is handed to the replica once. A number
/// that the replica took and then did not get ordered is used up with a `Skip`, because those
/// behind it would wait for it.
///
/// Threading: the loop's thread.
final class ReplicaGateway implements Gateway {

    /// The number under which the replica knows the gateways; connections of clients have larger
    /// ones.
    static final long CONNECTION = 1;

    /// Most commands, and most queries, without an outcome. No more than a replica parks.
    static final int WINDOW = 8192;

    private static final int MASK = WINDOW - 1;
    private static final int MAX_WAITING = 4096;
    private static final long MAX_WAITING_BYTES = 16 << 20;
    private static final long SESSION_TIMEOUT_NANOS = 60_000_000_000L;
    private static final long RETRY_NANOS = 2_000_000;
    private static final long NEVER = Long.MAX_VALUE;

    /// After this time a client learns that its command has no outcome yet; the command stays where
    /// it is, and may still be executed.
    static final long PATIENCE_NANOS = 10_000_000_000L;

    private static final byte[] OVERDUE =
            "no outcome within 10 s; see whether a majority of the cluster runs and its disks have room"
                    .getBytes(StandardCharsets.UTF_8);

    private static final String STOPPING = "this replica is stopping; try another";

    /// Stands where a callback was that has been told although its number has no outcome yet.
    private static final GatewayCallback SKIP = (_, _, _, _, _) -> {};

    /// Whether there is a session.
    private enum Phase {
        /// None; the next command asks for one.
        NONE,
        /// It was asked for; commands wait.
        OPENING,
        /// Commands go to the replica.
        OPEN
    }

    private record Waiting(Bytes command, GatewayCallback callback, long dueAt) {}

    private final NodeClock clock;
    private final NodeMetrics metrics;
    private final RandomGenerator random;

    /// What the session is opened with: agreed time without a word after which it ends.
    private final long timeoutNanos;

    /// After this time a word goes out.
    private final long keepAliveNanos;

    private final GatewayReplies replies = new GatewayReplies();

    /// Set once the replica takes inputs.
    private @Nullable Replica replica;

    private Phase phase = Phase.NONE;
    private long session;
    private long nonce;

    /// Commands that came before the session was open, in order.
    private final Queue<Waiting> waiting = new ArrayDeque<>();

    private long waitingBytes;

    /// By number, modulo the window: those between `unanswered` and `next` that have no outcome.
    private final @Nullable GatewayCallback[] commands = new GatewayCallback[WINDOW];

    /// By number, modulo the window: when patience with it ends. Grows with the numbers.
    private final long[] dueAt = new long[WINDOW];

    /// All numbers below it have an outcome.
    private long unanswered = 1;

    /// All numbers below it have an outcome or are overdue.
    private long overdue = 1;

    /// The number of the next command.
    private long next = 1;

    private int commandsInFlight;

    /// Numbers to be used up, that the replica has not taken yet.
    private final List<Long> skips = new ArrayList<>();

    private long skipsAt = NEVER;

    private final @Nullable GatewayCallback[] queries = new GatewayCallback[WINDOW];
    private long nextQuery = 1;
    private int queriesInFlight;

    /// The highest position any reply has named.
    private long seenPosition;

    private long keepAliveAt = NEVER;
    private List<Runnable> whenWritable = new ArrayList<>();
    private long writableAt = NEVER;
    private Status refusalStatus = Status.OK;
    private String refusal = "";

    /// What a call into the replica threw while a gateway's handler was on the stack, where it must
    /// not get lost; null if nothing.
    private @Nullable Throwable failure;

    ReplicaGateway(
            NodeClock clock, NodeMetrics metrics, RandomGenerator random, ReplicaLimits limits) {
        this.clock = clock;
        this.metrics = metrics;
        this.random = random;
        this.timeoutNanos =
                Math.clamp(
                        SESSION_TIMEOUT_NANOS,
                        limits.minSessionTimeoutNanos(),
                        limits.maxSessionTimeoutNanos());
        this.keepAliveNanos = timeoutNanos / 4;
    }

    /// The replica takes inputs from now on.
    void open(Replica recovered) {
        replica = recovered;
    }

    @Override
    public boolean command(byte[] bytes, int offset, int length, GatewayCallback callback) {
        if (replica == null) {
            return refuse(Status.UNAVAILABLE, "this replica is starting; try again later");
        }
        if (phase == Phase.OPEN && waiting.isEmpty()) {
            Status status = issue(bytes, offset, length, callback);
            if (status != Status.SESSION_EXPIRED) {
                return status == Status.OK;
            }
        }
        return await(bytes, offset, length, callback);
    }

    private boolean await(byte[] bytes, int offset, int length, GatewayCallback callback) {
        if (waiting.size() >= MAX_WAITING || waitingBytes >= MAX_WAITING_BYTES) {
            return refuse(
                    Status.OVERLOADED,
                    waiting.size() + " commands wait for this node's session; try again later");
        }
        byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
        waiting.add(
                new Waiting(
                        Bytes.wrap(copy), callback, clock.now().monotonicNanos() + PATIENCE_NANOS));
        waitingBytes += length;
        openIfNone();
        return true;
    }

    private void openIfNone() {
        if (phase == Phase.NONE) {
            phase = Phase.OPENING;
            nonce = random.nextLong();
            send(new ClientRequest.Open(nonce, timeoutNanos));
        }
    }

    /// Hands a command to the replica under the next number, which is used up if the status is OK.
    /// Otherwise [#refusal()] says why, except for `SESSION_EXPIRED`.
    private Status issue(byte[] bytes, int offset, int length, GatewayCallback callback) {
        Replica target = replica;
        if (target == null || failure != null) {
            refuse(Status.UNAVAILABLE, STOPPING);
            return Status.UNAVAILABLE;
        }
        if (next - unanswered >= WINDOW) {
            refuse(Status.OVERLOADED, WINDOW + " commands are in flight already; wait for replies");
            return Status.OVERLOADED;
        }
        long number = next;
        // Before the call, because the reply may come within it.
        commands[(int) number & MASK] = callback;
        dueAt[(int) number & MASK] = clock.now().monotonicNanos() + PATIENCE_NANOS;
        next++;
        commandsInFlight++;
        Status status = hand(target, number, bytes, offset, length);
        if (status == Status.OK) {
            metrics.gatewayCommands++;
            return status;
        }
        commands[(int) number & MASK] = null;
        next = number;
        commandsInFlight--;
        if (status == Status.SESSION_EXPIRED) {
            loseSession();
        } else {
            refuse(status == Status.OUT_OF_ORDER ? Status.OVERLOADED : status, whyNot(target));
        }
        return status;
    }

    private Status hand(Replica target, long number, byte[] bytes, int offset, int length) {
        try {
            return target.onCommand(
                    clock.now(),
                    CONNECTION,
                    session,
                    number,
                    unanswered - 1,
                    bytes,
                    offset,
                    length);
        } catch (Throwable thrown) {
            failure = thrown;
            return Status.UNAVAILABLE;
        }
    }

    private String whyNot(Replica target) {
        return failure == null ? target.refusal() : STOPPING;
    }

    private boolean refuse(Status status, String sentence) {
        refusalStatus = status;
        refusal = sentence;
        return false;
    }

    @Override
    public void query(Bytes query, ClientRequest.Freshness freshness, GatewayCallback callback) {
        if (replica == null) {
            fail(callback, Status.UNAVAILABLE, "this replica is starting; try again later");
            return;
        }
        long number = nextQuery;
        int slot = (int) number & MASK;
        if (queries[slot] != null) {
            fail(
                    callback,
                    Status.OVERLOADED,
                    queriesInFlight + " queries are in flight already; wait for answers");
            return;
        }
        nextQuery++;
        queries[slot] = callback;
        queriesInFlight++;
        metrics.queries++;
        send(new ClientRequest.Query(number, freshness, seenPosition, query));
    }

    @Override
    public Status refusalStatus() {
        return refusalStatus;
    }

    @Override
    public String refusal() {
        return refusal;
    }

    @Override
    public int inFlight() {
        return commandsInFlight + queriesInFlight + waiting.size();
    }

    @Override
    public SequencedMap<String, String> about() {
        SequencedMap<String, String> about = new LinkedHashMap<>();
        Replica known = replica;
        if (known != null) {
            ReplicaStatus status = known.status();
            about.put("replica", status.self().toString());
            about.put("serving", Boolean.toString(status.serving()));
            about.put("preferred_entry", String.valueOf(status.preferredEntry()));
            about.put("executed_position", Long.toString(status.executedPosition()));
            about.putAll(status.order());
        }
        return about;
    }

    @Override
    public void onWritable(Runnable action) {
        whenWritable.add(action);
        writableAt = Math.min(writableAt, clock.now().monotonicNanos() + RETRY_NANOS);
    }

    /// The replica answers, perhaps from within a call of this class.
    void onReply(
            ClientReply.Kind kind,
            Status status,
            long replySession,
            long number,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        seenPosition = Math.max(seenPosition, position);
        switch (kind) {
            case OPEN -> onOpened(status, replySession, number, bytes, offset, length);
            case SESSION -> {
                if (status == Status.SESSION_EXPIRED && replySession == session) {
                    loseSession();
                }
            }
            case QUERY -> onQueryReply(status, number, position, bytes, offset, length);
            case COMMAND -> {
                if (replySession == session && phase == Phase.OPEN) {
                    onCommandReply(status, number, position, bytes, offset, length);
                }
            }
        }
    }

    private void onOpened(
            Status status, long id, long echoedNonce, byte[] bytes, int offset, int length) {
        if (phase != Phase.OPENING || echoedNonce != nonce) {
            return;
        }
        if (status == Status.OK) {
            session = id;
            unanswered = 1;
            overdue = 1;
            next = 1;
            phase = Phase.OPEN;
            keepAliveAt = clock.now().monotonicNanos() + keepAliveNanos;
            return;
        }
        phase = Phase.NONE;
        Status told = status == Status.OVERLOADED ? status : Status.UNAVAILABLE;
        for (Waiting command = waiting.poll(); command != null; command = waiting.poll()) {
            replies.add(command.callback, told, 0, bytes, offset, length);
        }
        waitingBytes = 0;
    }

    private void onQueryReply(
            Status status, long number, long position, byte[] bytes, int offset, int length) {
        int slot = (int) number & MASK;
        GatewayCallback callback = queries[slot];
        if (callback != null && number < nextQuery && number >= nextQuery - WINDOW) {
            queries[slot] = null;
            queriesInFlight--;
            keep(callback, Status.OVERLOADED, status, position, bytes, offset, length);
        }
    }

    private void onCommandReply(
            Status status, long number, long position, byte[] bytes, int offset, int length) {
        int slot = (int) number & MASK;
        GatewayCallback callback = commands[slot];
        if (number < unanswered || number >= next || callback == null) {
            return;
        }
        switch (status) {
            case OK, SERVICE_FAILURE -> {
                settle(slot);
                keep(callback, Status.UNKNOWN, status, position, bytes, offset, length);
            }
            case FORGOTTEN, UNKNOWN -> {
                settle(slot);
                replies.add(callback, Status.UNKNOWN, position, bytes, offset, length);
            }
            case SESSION_EXPIRED -> loseSession();
            case OVERLOADED, OUT_OF_ORDER, REFUSED, UNAVAILABLE -> {
                if (callback != SKIP) {
                    commands[slot] = SKIP;
                    Status told = status == Status.OUT_OF_ORDER ? Status.OVERLOADED : status;
                    replies.add(callback, told, position, bytes, offset, length);
                }
                skips.add(number);
                skipsAt = Math.min(skipsAt, clock.now().monotonicNanos() + RETRY_NANOS);
            }
        }
    }

    /// @param otherwise the status to be told if there is no room for the reply
    private void keep(
            GatewayCallback callback,
            Status otherwise,
            Status status,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        if (status != Status.OK || callback.takes(length)) {
            replies.add(callback, status, position, bytes, offset, length);
        } else {
            byte[] sentence =
                    "its reply of %d bytes found no room; read replies sooner or ask for less at once"
                            .formatted(length)
                            .getBytes(StandardCharsets.UTF_8);
            replies.add(callback, otherwise, position, sentence, 0, sentence.length);
        }
    }

    private void settle(int slot) {
        commands[slot] = null;
        commandsInFlight--;
        while (unanswered < next && commands[(int) unanswered & MASK] == null) {
            unanswered++;
        }
    }

    /// The replica executes nothing any more: nobody here learns what becomes of what is in flight.
    void abandon() {
        loseSession();
    }

    /// Nobody can say any more what becomes of what is in flight; the next command asks for another
    /// session.
    private void loseSession() {
        phase = Phase.NONE;
        keepAliveAt = NEVER;
        skips.clear();
        skipsAt = NEVER;
        byte[] sentence =
                "the session of this node's gateways ended before the reply came"
                        .getBytes(StandardCharsets.UTF_8);
        for (long number = unanswered; number < next; number++) {
            int slot = (int) number & MASK;
            GatewayCallback callback = commands[slot];
            commands[slot] = null;
            if (callback != null && callback != SKIP) {
                replies.add(callback, Status.UNKNOWN, 0, sentence, 0, sentence.length);
            }
        }
        unanswered = next;
        overdue = next;
        commandsInFlight = 0;
    }

    /// Does what waited for the replica to be out of the way: issues what waited for the session,
    /// keeps it alive, calls back.
    ///
    /// @return true if the replica got new inputs, so that it is to be advanced again
    boolean advance() {
        rethrow();
        if (replica == null) {
            replies.tell();
            return false;
        }
        long now = clock.now().monotonicNanos();
        tellOverdue(now);
        boolean fed = issueWaiting();
        if (now >= skipsAt) {
            skipsAt = NEVER;
            List<Long> due = List.copyOf(skips);
            skips.clear();
            for (long number : due) {
                send(new ClientRequest.Skip(session, number, unanswered - 1));
            }
            fed = true;
        }
        if (now >= keepAliveAt && phase == Phase.OPEN) {
            keepAliveAt = now + keepAliveNanos;
            send(new ClientRequest.KeepAlive(session, unanswered - 1));
            fed = true;
        }
        long before = next + nextQuery + waiting.size();
        replies.tell();
        tellWritable(now);
        rethrow();
        return fed || next + nextQuery + waiting.size() != before;
    }

    /// Tells those who have waited long enough: of a command that the replica has, nobody knows
    /// what becomes of it; one that it never got will not be executed. The loop comes by often
    /// enough for that without a deadline of its own.
    private void tellOverdue(long now) {
        overdue = Math.max(overdue, unanswered);
        while (overdue < next) {
            int slot = (int) overdue & MASK;
            GatewayCallback callback = commands[slot];
            if (callback != null && callback != SKIP) {
                if (now - dueAt[slot] < 0) {
                    break;
                }
                commands[slot] = SKIP;
                replies.add(callback, Status.UNKNOWN, 0, OVERDUE, 0, OVERDUE.length);
            }
            overdue++;
        }
        for (Waiting first = waiting.peek();
                first != null && now - first.dueAt >= 0;
                first = waiting.peek()) {
            waiting.remove();
            waitingBytes -= first.command.size();
            replies.add(first.callback, Status.UNAVAILABLE, 0, OVERDUE, 0, OVERDUE.length);
        }
    }

    private boolean issueWaiting() {
        boolean any = false;
        for (Waiting first = waiting.peek();
                phase == Phase.OPEN && first != null;
                first = waiting.peek()) {
            Bytes command = first.command;
            Status status =
                    issue(
                            command.backingArray(),
                            command.backingOffset(),
                            command.size(),
                            first.callback);
            if (status == Status.SESSION_EXPIRED) {
                break;
            }
            waiting.remove();
            waitingBytes -= command.size();
            if (status != Status.OK) {
                fail(first.callback, refusalStatus, refusal);
            }
            any = true;
        }
        if (!waiting.isEmpty()) {
            openIfNone();
        }
        return any;
    }

    private void tellWritable(long now) {
        boolean roomy = commandsInFlight <= WINDOW / 2;
        if (whenWritable.isEmpty() || now < writableAt || !roomy) {
            return;
        }
        List<Runnable> actions = whenWritable;
        whenWritable = new ArrayList<>();
        writableAt = NEVER;
        for (Runnable action : actions) {
            action.run();
        }
    }

    /// When [#advance] is to be called at the latest.
    long nextDeadlineNanos() {
        if (!replies.isEmpty()) {
            return 0;
        }
        boolean roomy = commandsInFlight <= WINDOW / 2;
        return Math.min(Math.min(skipsAt, keepAliveAt), roomy ? writableAt : NEVER);
    }

    private void fail(GatewayCallback callback, Status status, String sentence) {
        byte[] bytes = sentence.getBytes(StandardCharsets.UTF_8);
        replies.add(callback, status, 0, bytes, 0, bytes.length);
    }

    private void send(ClientRequest request) {
        Replica target = replica;
        if (target == null || failure != null) {
            return;
        }
        try {
            target.onClient(clock.now(), CONNECTION, request);
        } catch (Throwable thrown) {
            failure = thrown;
        }
    }

    /// Throws what a call into the replica threw: for the loop.
    void rethrow() {
        Throwable thrown = failure;
        if (thrown != null) {
            throw new ReplicaThrew(thrown);
        }
    }

    /// Carries what the replica threw to the loop's root.
    static final class ReplicaThrew extends RuntimeException {

        private static final long serialVersionUID = 1L;

        ReplicaThrew(Throwable thrown) {
            super(thrown);
        }
    }
}
