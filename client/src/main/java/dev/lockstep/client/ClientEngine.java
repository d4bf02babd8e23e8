package dev.lockstep.client;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/// One exactly-once session with a cluster, as a step machine: retry, failover, pipelining.
///
/// Commands are numbered 1, 2, 3, … and sent to one replica, the entry. What it has not answered is
/// sent again, under the same number, to another replica when the connection ends or it is silent
/// for too long; the cluster executes each number once. A number that the caller has given up is
/// pursued all the same until the cluster has answered it, because a gap would hold up the numbers
/// behind it; if it is known that no replica admitted it, it is used up with a `Skip`.
///
/// What a caller is told is always true: "not executed" only of a number of which no copy can have
/// been admitted, or that is behind such a number when the session ends.
///
/// Threading: one thread. The driver calls [#advance] after every batch of inputs and at
/// [#nextDeadlineNanos]. Time is monotonic, from 0 on.
public final class ClientEngine implements ClientInputs {

    private enum Phase {
        /// A session has been asked for, or will be as soon as there is an entry.
        OPENING,
        /// The session lives.
        OPEN,
        /// The cluster ended it.
        EXPIRED,
        /// [#close] was called and the cluster has not answered.
        CLOSING,
        /// Nothing is sent any more.
        CLOSED
    }

    /// A keep-alive goes out after this part of the session timeout.
    private static final int KEEP_ALIVES_PER_TIMEOUT = 3;

    /// A replica that has taken nothing in so many attempts, after longer and longer pauses, may be
    /// alone in that: its disk may be full.
    private static final int MOST_PAUSES = 6;

    /// When the transport was full, ask it again after this long even if nothing happens.
    private static final long FULL_NANOS = 1_000_000L;

    private static final String SESSION_ENDED =
            "the cluster has ended this session because it was not heard of for too long, open a new client";
    private static final String CLIENT_CLOSED = "the client is closed";

    private final EngineOptions options;
    private final ClientTransport transport;
    private final Entries entries;
    private final CommandLane commands;
    private final QueryLane queries;
    private final long nonce;

    private Phase phase = Phase.OPENING;

    /// The session's id once it is open; 0 before.
    private long session;

    /// The entry that an opening, closing or keep-alive was sent to and that has not answered it; 0
    /// if there is none.
    private int handshakeSentTo;

    /// For the answer to that.
    private final Patience handshakePatience;

    private final Backoff handshakeBackoff;

    /// The highest position any reply has named: what SESSION queries must see.
    private long seenPosition;

    /// When something of the session was last sent.
    private long sentAt;

    /// Nothing is sent before, because the transport was full.
    private long fullUntil = Long.MIN_VALUE;

    private long failovers;

    /// An engine that has not dialled yet; the first [#advance] does, and asks for a session as
    /// soon as a replica is connected.
    ///
    /// @param replicas the numbers of the replicas the transport can reach, until [#onMembers]
    /// @param random for the session's nonce
    public ClientEngine(
            EngineOptions options,
            int[] replicas,
            ClientTransport transport,
            RandomGenerator random) {
        this.options = options;
        this.transport = transport;
        this.entries = new Entries(replicas, options.reconnectNanos());
        this.commands = new CommandLane(options, transport);
        this.queries = new QueryLane(options, transport);
        this.handshakeBackoff = new Backoff(options.overloadedPauseNanos());
        this.handshakePatience = new Patience(options.retryNanos());
        this.nonce = random.nextLong();
    }

    /// Says which replica to begin with, before the first [#advance].
    public void start(int replica) {
        entries.prefer(replica);
    }

    /// True if another command would be taken now.
    public boolean hasRoom() {
        return !commands.isFull();
    }

    /// The session's id, 0 before it is open.
    public long session() {
        return session;
    }

    /// True while the session lives in the cluster, as far as the client knows.
    public boolean isOpen() {
        return phase == Phase.OPEN;
    }

    /// True once nothing is sent any more, after [#close].
    public boolean isClosed() {
        return phase == Phase.CLOSED;
    }

    /// How often the engine moved to another replica because one went away or was silent.
    public long failovers() {
        return failovers;
    }

    /// How many requests were sent more than once.
    public long resends() {
        return commands.resends() + queries.resends();
    }

    /// The replica the session talks to; 0 if none is connected.
    public int entry() {
        return entries.entry();
    }

    /// Issues a command. Sent at once if it can be, otherwise at an [#advance]; its outcome is told
    /// once.
    ///
    /// @param command given away to the engine until its outcome is told
    /// @param deadlineNanos monotonic time after which the caller is told `UNKNOWN` or, if no
    ///     replica can have admitted it, `OVERLOADED` or `UNAVAILABLE`
    public void command(long now, byte[] command, long deadlineNanos, Completion whenKnown) {
        if (phase == Phase.EXPIRED) {
            fail(whenKnown, Outcome.SESSION_EXPIRED, SESSION_ENDED);
            return;
        }
        if (phase == Phase.CLOSING || phase == Phase.CLOSED) {
            fail(whenKnown, Outcome.UNAVAILABLE, CLIENT_CLOSED);
            return;
        }
        if (commands.isFull()) {
            fail(
                    whenKnown,
                    Outcome.OVERLOADED,
                    "the client has "
                            + options.window()
                            + " commands in flight already, wait for replies");
            return;
        }
        commands.add(command, deadlineNanos, whenKnown);
        sendCommands(now);
    }

    /// Asks a query; its outcome is told once. Queries need no session.
    public void query(
            long now, Bytes query, Freshness freshness, long deadlineNanos, Completion whenKnown) {
        if (phase == Phase.CLOSING || phase == Phase.CLOSED) {
            fail(whenKnown, Outcome.UNAVAILABLE, CLIENT_CLOSED);
            return;
        }
        if (queries.isFull()) {
            fail(
                    whenKnown,
                    Outcome.OVERLOADED,
                    "the client has "
                            + options.window()
                            + " queries in flight already, wait for answers");
            return;
        }
        queries.add(query, freshness, deadlineNanos, whenKnown);
        sendQueries(now);
    }

    /// Ends the session; commands that were not sent yet are not sent any more. The driver goes on
    /// until [#isClosed], or gives up after a while and calls [#abandon].
    public void close(long now) {
        if (phase == Phase.OPENING || phase == Phase.EXPIRED) {
            abandon();
        } else if (phase == Phase.OPEN) {
            phase = Phase.CLOSING;
            handshakeSentTo = 0;
            advance(now);
        }
    }

    /// Stops at once: everything in flight is told `UNKNOWN` or `UNAVAILABLE`.
    public void abandon() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        commands.failAll(Outcome.UNAVAILABLE, "the client was closed before a reply came");
        queries.failAll("the client was closed before an answer came");
    }

    @Override
    public void onConnected(long now, int replica) {
        entries.connected(replica);
        advance(now);
    }

    @Override
    public void onDisconnected(long now, int replica) {
        boolean wasEntry = entries.entry() == replica;
        entries.disconnected(replica, now);
        if (wasEntry) {
            failovers++;
        }
        sendAgainWhatWentTo(replica);
        advance(now);
    }

    private void sendAgainWhatWentTo(int replica) {
        commands.sendAgainWhatWentTo(replica);
        queries.sendAgainWhatWentTo(replica);
        if (handshakeSentTo == replica) {
            sendHandshakeAgain();
        }
    }

    /// The members are these now: the session talks to no other any more, and dials those it did
    /// not know. What one that is gone has not answered is sent again to another.
    ///
    /// @param members their numbers; the transport can reach them all. Nothing happens if there are
    ///     none
    @Override
    public void onMembers(long now, int[] members) {
        if (members.length == 0) {
            return;
        }
        int before = entries.entry();
        for (int gone : entries.become(members)) {
            failovers += gone == before ? 1 : 0;
            sendAgainWhatWentTo(gone);
        }
        advance(now);
    }

    @Override
    public void onPreferredEntry(int replica) {
        if (options.preferEntry() && replica != 0) {
            entries.prefer(replica);
        }
    }

    @Override
    public void onReply(
            long now,
            int from,
            ClientReply.Kind kind,
            Status status,
            long replySession,
            long sequence,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        seenPosition = Math.max(seenPosition, position);
        boolean ofThisSession = session != 0 && replySession == session;
        switch (kind) {
            case OPEN -> {
                if (phase == Phase.OPENING && sequence == nonce) {
                    onOpened(now, from, status, replySession, bytes, offset, length);
                }
            }
            case SESSION -> {
                if (ofThisSession) {
                    onSessionReply(now, from, status);
                }
            }
            case COMMAND -> {
                if (ofThisSession) {
                    commands.onReply(now, from, status, sequence, position, bytes, offset, length);
                    onStatus(from, status);
                }
            }
            case QUERY -> {
                queries.onReply(now, from, status, sequence, position, bytes, offset, length);
                if (status == Status.UNAVAILABLE) {
                    leave(from);
                }
            }
        }
    }

    private void onStatus(int from, Status status) {
        switch (status) {
            case UNAVAILABLE -> leave(from);
            case SESSION_EXPIRED -> expire();
            case OVERLOADED -> onOverloaded(from);
            case OK, OUT_OF_ORDER, REFUSED, SERVICE_FAILURE, FORGOTTEN, UNKNOWN -> {}
        }
    }

    /// Where the cluster's advice is followed, it is the cluster that knows of a better entry.
    private void onOverloaded(int from) {
        if (!options.preferEntry() && from == entries.entry() && commands.pauses() >= MOST_PAUSES) {
            commands.onElsewhere();
            leave(from);
        }
    }

    private void onOpened(
            long now, int from, Status status, long id, byte[] bytes, int offset, int length) {
        if (status == Status.OK) {
            handshakeSentTo = 0;
            handshakePatience.onAnswer(now);
            handshakeBackoff.onSuccess();
            session = id;
            phase = Phase.OPEN;
            sentAt = now;
        } else if (handshakeSentTo == from) {
            commands.onNotOpened(bytes, offset, length);
            handshakeSentTo = 0;
            handshakeBackoff.onRefused(now);
            leave(from);
        }
    }

    private void onSessionReply(long now, int from, Status status) {
        switch (status) {
            case OK -> {
                handshakeSentTo = 0;
                handshakePatience.onAnswer(now);
                handshakeBackoff.onSuccess();
                if (phase == Phase.CLOSING) {
                    abandon();
                }
            }
            case SESSION_EXPIRED -> {
                if (phase == Phase.OPEN && commands.isAwaited()) {
                    // The command is told so too, and then it is known that it is not executed.
                    handshakeSentTo = 0;
                    handshakePatience.onAnswer(now);
                    handshakeBackoff.onSuccess();
                } else {
                    expire();
                }
            }
            case OVERLOADED,
                    UNAVAILABLE,
                    OUT_OF_ORDER,
                    REFUSED,
                    SERVICE_FAILURE,
                    FORGOTTEN,
                    UNKNOWN -> {
                if (handshakeSentTo == from) {
                    sendHandshakeAgain();
                    handshakeBackoff.onRefused(now);
                    leave(from);
                }
            }
        }
    }

    /// Moves on from a replica that does not serve.
    private void leave(int replica) {
        if (entries.entry() == replica && entries.moveOn()) {
            failovers++;
        }
    }

    @Override
    public void advance(long now) {
        if (phase == Phase.CLOSED) {
            return;
        }
        entries.dialDue(now, transport);
        commands.giveUpOverdue(now);
        queries.giveUpOverdue(now);
        failOverIfSilent(now);
        sendHandshake(now);
        sendCommands(now);
        sendQueries(now);
    }

    @Override
    public long nextDeadlineNanos() {
        if (phase == Phase.CLOSED) {
            return Long.MAX_VALUE;
        }
        long earliest = Math.min(commands.earliestDeadline(), queries.earliestDeadline());
        earliest = Math.min(earliest, entries.nextDialNanos());
        if (entries.entry() == 0) {
            return earliest;
        }
        earliest = Math.min(earliest, impatientAt());
        if (queries.hasUnsent()) {
            earliest = Math.min(earliest, Math.max(queries.pausedUntil(), fullUntil));
        }
        if (phase == Phase.OPEN && commands.hasUnsent()) {
            earliest = Math.min(earliest, Math.max(commands.pausedUntil(), fullUntil));
        }
        if (handshakeSentTo == 0) {
            earliest = Math.min(earliest, Math.max(handshakeBackoff.until(), handshakeDueAt()));
        }
        return earliest;
    }

    private long handshakeDueAt() {
        return switch (phase) {
            case OPENING, CLOSING -> Long.MIN_VALUE;
            case OPEN -> sentAt + options.sessionTimeoutNanos() / KEEP_ALIVES_PER_TIMEOUT;
            case EXPIRED, CLOSED -> Long.MAX_VALUE;
        };
    }

    private void sendHandshake(long now) {
        int entry = entries.entry();
        boolean due = handshakeSentTo == 0 && now >= handshakeDueAt();
        if (entry == 0 || !due || !handshakeBackoff.isOver(now)) {
            return;
        }
        switch (phase) {
            case OPENING ->
                    transport.send(
                            entry, new ClientRequest.Open(nonce, options.sessionTimeoutNanos()));
            case OPEN ->
                    transport.send(
                            entry, new ClientRequest.KeepAlive(session, commands.acknowledged()));
            case CLOSING -> transport.send(entry, new ClientRequest.Close(session));
            case EXPIRED, CLOSED -> {
                return;
            }
        }
        handshakeSentTo = entry;
        handshakePatience.begin(now);
        sentAt = now;
    }

    /// What was sent is not going to be answered; a keep-alive is due again at once.
    private void sendHandshakeAgain() {
        handshakeSentTo = 0;
        sentAt = Math.max(0, sentAt - options.sessionTimeoutNanos());
    }

    private void sendCommands(long now) {
        int entry = entries.entry();
        if (phase != Phase.OPEN || entry == 0) {
            return;
        }
        if (commands.send(now, entry, session) > 0) {
            sentAt = now;
        }
        if (commands.hasUnsent()) {
            fullUntil = now + FULL_NANOS;
        }
    }

    private void sendQueries(long now) {
        int entry = entries.entry();
        if (entry == 0) {
            return;
        }
        queries.send(now, entry, seenPosition);
        if (queries.hasUnsent()) {
            fullUntil = now + FULL_NANOS;
        }
    }

    private long impatientAt() {
        long at = Math.min(commands.impatientAt(), queries.impatientAt());
        return handshakeSentTo == 0 ? at : Math.min(at, handshakePatience.until());
    }

    /// Asks another replica for what one owes for too long. The only one that is connected is asked
    /// for the oldest again, not for everything: its connection loses nothing.
    private void failOverIfSilent(long now) {
        int silent = 0;
        if (now >= commands.impatientAt()) {
            silent = commands.awaitedFrom();
            commands.onImpatient(now);
        } else if (now >= queries.impatientAt()) {
            silent = queries.awaitedFrom();
            queries.onImpatient(now);
        } else if (handshakeSentTo != 0 && now >= handshakePatience.until()) {
            silent = handshakeSentTo;
            handshakePatience.onExhausted(now);
        }
        if (silent == 0) {
            return;
        }
        boolean wasEntry = silent == entries.entry();
        if (wasEntry && !entries.moveOn()) {
            commands.sendAgainOldest();
            queries.sendAgainOldest();
        } else {
            failovers += wasEntry ? 1 : 0;
            commands.sendAgainWhatWentTo(silent);
            queries.sendAgainWhatWentTo(silent);
        }
        if (handshakeSentTo == silent) {
            sendHandshakeAgain();
        }
    }

    private void expire() {
        if (phase == Phase.CLOSING) {
            abandon();
        } else if (phase == Phase.OPEN) {
            phase = Phase.EXPIRED;
            handshakeSentTo = 0;
            commands.failAll(Outcome.SESSION_EXPIRED, SESSION_ENDED);
        }
    }

    private static void fail(Completion whenKnown, Outcome outcome, String sentence) {
        byte[] bytes = sentence.getBytes(StandardCharsets.UTF_8);
        whenKnown.onOutcome(outcome, 0, bytes, 0, bytes.length);
    }
}
