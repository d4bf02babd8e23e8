package dev.lockstep.client;

import dev.lockstep.client.CommandWindow.State;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.jspecify.annotations.Nullable;

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
/// Threading: one thread. The driver calls [#advance] after every batch of inputs and at
/// [#nextDeadlineNanos].
public final class ClientEngine {

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

    private static final int MAX_BACKOFF_DOUBLINGS = 5;

    private final EngineOptions options;
    private final ClientTransport transport;
    private final Entries entries;
    private final CommandWindow commands;
    private final QueryWindow queries;
    private final long nonce;

    private Phase phase = Phase.OPENING;

    /// The session's id once it is open; 0 before.
    private long session;

    /// The entry that the opening or closing was last sent to; 0 if it is to be sent.
    private int handshakeSentTo;

    /// The highest position any reply has named: what SESSION queries must see.
    private long seenPosition;

    /// When a replica last answered anything, or something was first sent after an idle time.
    private long heardAt;

    /// When something of the session was last sent.
    private long sentAt;

    /// Silence that is tolerated now; doubles at each failover by silence.
    private long patienceNanos;

    /// Earlier than this no paused command is sent again.
    private long pausedUntil = Long.MIN_VALUE;

    private int pauses;
    private int pausedCommands;

    /// Slots from here on are not looked at when sending: all numbers below it are sent or
    /// answered.
    private long unsentFrom = 1;

    private long unsentQueriesFrom = 1;
    private long earliestDeadline = Long.MAX_VALUE;
    private long failovers;
    private long resends;

    /// An engine that has not dialled yet; the first [#advance] does.
    ///
    /// @param replicas the numbers of the replicas the transport can reach
    /// @param random for the session's nonce
    public ClientEngine(
            EngineOptions options,
            int[] replicas,
            ClientTransport transport,
            RandomGenerator random) {
        this.options = options;
        this.transport = transport;
        this.entries = new Entries(replicas, options.reconnectNanos());
        this.commands = new CommandWindow(options.window());
        this.queries = new QueryWindow(options.window());
        this.nonce = random.nextLong();
        this.patienceNanos = options.retryNanos();
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
        return resends;
    }

    /// The replica the session talks to; 0 if none is connected.
    public int entry() {
        return entries.entry();
    }

    /// Issues a command. Sent at the next [#advance], or at once if the session is open and idle
    /// entries allow; its outcome is told once.
    ///
    /// @param command given away to the engine until its outcome is told
    /// @param deadlineNanos monotonic time after which the caller is told `UNKNOWN` or, if no
    ///     replica admitted it, `OVERLOADED`
    public void command(long now, byte[] command, long deadlineNanos, Completion whenKnown) {
        if (phase == Phase.EXPIRED) {
            fail(whenKnown, Outcome.SESSION_EXPIRED, SESSION_ENDED);
            return;
        }
        if (phase == Phase.CLOSING || phase == Phase.CLOSED) {
            fail(whenKnown, Outcome.UNAVAILABLE, "the client is closed");
            return;
        }
        if (commands.isFull()) {
            fail(
                    whenKnown,
                    Outcome.OVERLOADED,
                    "the client has "
                            + options.window()
                            + " commands in flight already; wait for replies");
            return;
        }
        wakeIfIdle(now);
        long sequence = commands.add(command, deadlineNanos, whenKnown);
        earliestDeadline = Math.min(earliestDeadline, deadlineNanos);
        if (canSendCommands(now) && sequence == unsentFrom) {
            sendCommand(now, sequence);
            unsentFrom = sequence + 1;
        }
    }

    /// Asks a query; its outcome is told once. Queries need no session.
    public void query(
            long now, Bytes query, Freshness freshness, long deadlineNanos, Completion whenKnown) {
        if (phase == Phase.CLOSING || phase == Phase.CLOSED) {
            fail(whenKnown, Outcome.UNAVAILABLE, "the client is closed");
            return;
        }
        if (queries.isFull()) {
            fail(
                    whenKnown,
                    Outcome.OVERLOADED,
                    "the client has "
                            + options.window()
                            + " queries in flight already; wait for replies");
            return;
        }
        wakeIfIdle(now);
        long number = queries.add(query, freshness, deadlineNanos, whenKnown);
        earliestDeadline = Math.min(earliestDeadline, deadlineNanos);
        if (entries.entry() != 0 && number == unsentQueriesFrom) {
            sendQuery(number);
            unsentQueriesFrom = number + 1;
        }
    }

    /// Ends the session. The driver goes on until [#isClosed], or gives up after a while and calls
    /// [#abandon].
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
        failCommands(Outcome.UNKNOWN, "the client was closed before a reply came");
        failQueries("the client was closed before an answer came");
    }

    /// A connection to `replica` is ready.
    public void onConnected(long now, int replica) {
        entries.connected(replica);
        advance(now);
    }

    /// The connection to `replica` ended, or could not be made.
    public void onDisconnected(long now, int replica) {
        boolean wasEntry = entries.entry() == replica;
        entries.disconnected(replica, now);
        if (wasEntry) {
            failovers++;
        }
        sendAgainWhatWentTo(replica);
        if (handshakeSentTo == replica) {
            handshakeSentTo = 0;
        }
        advance(now);
    }

    /// The cluster's advice on the best entry; 0 if unknown.
    public void onPreferredEntry(int replica) {
        if (options.preferEntry() && replica != 0) {
            entries.prefer(replica);
        }
    }

    /// A reply came.
    ///
    /// @param bytes `length` bytes from `offset`, read during the call only
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
        heardAt = now;
        patienceNanos = options.retryNanos();
        seenPosition = Math.max(seenPosition, position);
        switch (kind) {
            case OPEN -> onOpened(status, replySession, sequence);
            case SESSION -> onSessionReply(status, replySession);
            case COMMAND -> {
                if (replySession == session && session != 0) {
                    onCommandReply(now, from, status, sequence, position, bytes, offset, length);
                }
            }
            case QUERY ->
                    onQueryReply(now, from, status, sequence, position, bytes, offset, length);
        }
    }

    private void onOpened(Status status, long id, long echoedNonce) {
        if (phase != Phase.OPENING || echoedNonce != nonce) {
            return;
        }
        if (status == Status.OK) {
            session = id;
            phase = Phase.OPEN;
        } else {
            handshakeSentTo = 0;
            pausedUntil = heardAt + backOff();
            if (status == Status.UNAVAILABLE) {
                entries.moveOn();
            }
        }
    }

    private void onSessionReply(Status status, long replySession) {
        if (replySession != session || session == 0) {
            return;
        }
        if (phase == Phase.CLOSING && (status == Status.OK || status == Status.SESSION_EXPIRED)) {
            abandon();
        } else if (status == Status.SESSION_EXPIRED) {
            expire();
        }
    }

    private void onCommandReply(
            long now,
            int from,
            Status status,
            long sequence,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        if (!commands.isOpen(sequence)) {
            return;
        }
        switch (status) {
            case OK -> settle(sequence, Outcome.OK, position, bytes, offset, length);
            case SERVICE_FAILURE ->
                    settle(sequence, Outcome.SERVICE_FAILURE, position, bytes, offset, length);
            case FORGOTTEN, UNKNOWN ->
                    settle(sequence, Outcome.UNKNOWN, position, bytes, offset, length);
            case SESSION_EXPIRED -> expire();
            case OVERLOADED, OUT_OF_ORDER -> pause(now, sequence);
            case UNAVAILABLE -> {
                pause(now, sequence);
                if (entries.entry() == from) {
                    failovers++;
                    entries.moveOn();
                }
            }
            case REFUSED -> {
                tell(sequence, Outcome.REFUSED, position, bytes, offset, length);
                commands.skip[commands.slot(sequence)] = true;
                pause(now, sequence);
            }
        }
    }

    private void onQueryReply(
            long now,
            int from,
            Status status,
            long number,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        if (!queries.isOpen(number)) {
            return;
        }
        switch (status) {
            case OK -> queries.close(number).onOutcome(Outcome.OK, position, bytes, offset, length);
            case SERVICE_FAILURE ->
                    queries.close(number)
                            .onOutcome(Outcome.SERVICE_FAILURE, position, bytes, offset, length);
            case REFUSED ->
                    queries.close(number)
                            .onOutcome(Outcome.REFUSED, position, bytes, offset, length);
            case OVERLOADED, OUT_OF_ORDER, SESSION_EXPIRED, FORGOTTEN, UNKNOWN, UNAVAILABLE -> {
                queries.sentTo[queries.slot(number)] = 0;
                unsentQueriesFrom = Math.min(unsentQueriesFrom, number);
                pausedUntil = now + backOff();
                if (status == Status.UNAVAILABLE && entries.entry() == from) {
                    failovers++;
                    entries.moveOn();
                }
            }
        }
    }

    /// Does what is due: dials, opens, sends, sends again, gives up, keeps alive.
    public void advance(long now) {
        if (phase == Phase.CLOSED) {
            return;
        }
        entries.dialDue(now, transport);
        if (now >= earliestDeadline) {
            giveUpOverdue(now);
        }
        failOverIfSilent(now);
        if (entries.entry() == 0) {
            return;
        }
        if (now >= pausedUntil) {
            resume();
            sendHandshake(now);
            sendCommands(now);
            sendQueries();
        }
        if (phase == Phase.OPEN && now - sentAt >= options.sessionTimeoutNanos() / 3) {
            transport.send(
                    entries.entry(), new ClientRequest.KeepAlive(session, commands.base() - 1));
            sentAt = now;
        }
    }

    /// When [#advance] is to be called at the latest, monotonic; `Long.MAX_VALUE` for never.
    public long nextDeadlineNanos() {
        if (phase == Phase.CLOSED) {
            return Long.MAX_VALUE;
        }
        long earliest = Math.min(earliestDeadline, entries.nextDialNanos());
        if (awaitsAnswer()) {
            earliest = Math.min(earliest, heardAt + patienceNanos);
        }
        if (entries.entry() != 0 && hasUnsent()) {
            earliest = Math.min(earliest, Math.max(pausedUntil, heardAt));
        }
        if (phase == Phase.OPEN) {
            earliest = Math.min(earliest, sentAt + options.sessionTimeoutNanos() / 3);
        }
        return earliest;
    }

    private boolean hasUnsent() {
        return pausedCommands > 0
                || (unsentFrom < commands.next() && phase == Phase.OPEN)
                || unsentQueriesFrom < queries.next()
                || (handshakeSentTo == 0 && (phase == Phase.OPENING || phase == Phase.CLOSING));
    }

    private boolean awaitsAnswer() {
        return !commands.isEmpty()
                || !queries.isEmpty()
                || phase == Phase.OPENING
                || phase == Phase.CLOSING;
    }

    private void wakeIfIdle(long now) {
        if (!awaitsAnswer()) {
            heardAt = now;
        }
    }

    private boolean canSendCommands(long now) {
        return phase == Phase.OPEN
                && entries.entry() != 0
                && pausedCommands == 0
                && now >= pausedUntil;
    }

    private void sendHandshake(long now) {
        if (handshakeSentTo != 0) {
            return;
        }
        if (phase == Phase.OPENING) {
            transport.send(
                    entries.entry(), new ClientRequest.Open(nonce, options.sessionTimeoutNanos()));
        } else if (phase == Phase.CLOSING) {
            transport.send(entries.entry(), new ClientRequest.Close(session));
        } else {
            return;
        }
        handshakeSentTo = entries.entry();
        sentAt = now;
    }

    private void sendCommands(long now) {
        if (phase != Phase.OPEN) {
            return;
        }
        long from = Math.max(unsentFrom, commands.base());
        for (long sequence = from; sequence < commands.next(); sequence++) {
            if (commands.state[commands.slot(sequence)] == State.WAITING) {
                sendCommand(now, sequence);
            }
        }
        unsentFrom = commands.next();
    }

    private void sendCommand(long now, long sequence) {
        int slot = commands.slot(sequence);
        long acknowledged = commands.base() - 1;
        int entry = entries.entry();
        if (commands.skip[slot]) {
            transport.send(entry, new ClientRequest.Skip(session, sequence, acknowledged));
        } else {
            transport.command(entry, session, sequence, acknowledged, commands.command[slot]);
        }
        commands.state[slot] = State.SENT;
        commands.sentTo[slot] = entry;
        commands.copies[slot]++;
        sentAt = now;
    }

    private void sendQueries() {
        long from = Math.max(unsentQueriesFrom, queries.base());
        for (long number = from; number < queries.next(); number++) {
            if (queries.isOpen(number) && queries.sentTo[queries.slot(number)] == 0) {
                sendQuery(number);
            }
        }
        unsentQueriesFrom = queries.next();
    }

    private void sendQuery(long number) {
        int slot = queries.slot(number);
        Freshness freshness = queries.freshness[slot];
        long atLeast = freshness == Freshness.SESSION ? seenPosition : 0;
        transport.send(
                entries.entry(),
                new ClientRequest.Query(number, freshness, atLeast, queries.query[slot]));
        queries.sentTo[slot] = entries.entry();
    }

    /// One copy was answered "not admitted": try again after a pause.
    private void pause(long now, long sequence) {
        int slot = commands.slot(sequence);
        commands.copies[slot]--;
        if (commands.state[slot] == State.SENT) {
            commands.state[slot] = State.PAUSED;
            pausedCommands++;
        }
        if (now >= pausedUntil) {
            pausedUntil = now + backOff();
        }
    }

    private long backOff() {
        long pause = options.overloadedPauseNanos() << Math.min(pauses, MAX_BACKOFF_DOUBLINGS);
        pauses++;
        return pause;
    }

    /// The pause is over: paused commands wait to be sent again.
    private void resume() {
        if (pausedCommands == 0) {
            return;
        }
        for (long sequence = commands.base(); sequence < commands.next(); sequence++) {
            int slot = commands.slot(sequence);
            if (commands.state[slot] == State.PAUSED) {
                commands.state[slot] = State.WAITING;
                resends++;
                unsentFrom = Math.min(unsentFrom, sequence);
            }
        }
        pausedCommands = 0;
    }

    private void failOverIfSilent(long now) {
        if (!awaitsAnswer() || now - heardAt < patienceNanos) {
            return;
        }
        int silent = entries.entry();
        heardAt = now;
        patienceNanos = Math.min(2 * patienceNanos, 8 * options.retryNanos());
        if (silent == 0) {
            return;
        }
        failovers++;
        entries.moveOn();
        sendAgainEverything();
    }

    private void sendAgainWhatWentTo(int replica) {
        for (long sequence = commands.base(); sequence < commands.next(); sequence++) {
            int slot = commands.slot(sequence);
            if (commands.state[slot] == State.SENT && commands.sentTo[slot] == replica) {
                waitAgain(sequence, slot);
            }
        }
        for (long number = queries.base(); number < queries.next(); number++) {
            if (queries.isOpen(number) && queries.sentTo[queries.slot(number)] == replica) {
                queries.sentTo[queries.slot(number)] = 0;
                unsentQueriesFrom = Math.min(unsentQueriesFrom, number);
            }
        }
    }

    private void sendAgainEverything() {
        handshakeSentTo = 0;
        for (long sequence = commands.base(); sequence < commands.next(); sequence++) {
            int slot = commands.slot(sequence);
            if (commands.state[slot] == State.SENT) {
                waitAgain(sequence, slot);
            }
        }
        for (long number = queries.base(); number < queries.next(); number++) {
            queries.sentTo[queries.slot(number)] = 0;
        }
        unsentQueriesFrom = queries.base();
    }

    private void waitAgain(long sequence, int slot) {
        commands.state[slot] = State.WAITING;
        resends++;
        unsentFrom = Math.min(unsentFrom, sequence);
    }

    private void giveUpOverdue(long now) {
        long earliest = Long.MAX_VALUE;
        for (long sequence = commands.base(); sequence < commands.next(); sequence++) {
            int slot = commands.slot(sequence);
            if (commands.completion[slot] == null) {
                continue;
            }
            if (commands.deadline[slot] > now) {
                earliest = Math.min(earliest, commands.deadline[slot]);
            } else if (commands.copies[slot] == 0) {
                commands.skip[slot] = true;
                tellSentence(
                        sequence,
                        Outcome.OVERLOADED,
                        "no replica took the command before its deadline; try again later");
            } else {
                tellSentence(
                        sequence,
                        Outcome.UNKNOWN,
                        "no reply came before the deadline; the command may or may not be executed, once");
            }
        }
        for (long number = queries.base(); number < queries.next(); number++) {
            if (!queries.isOpen(number)) {
                continue;
            }
            long deadline = queries.deadline[queries.slot(number)];
            if (deadline > now) {
                earliest = Math.min(earliest, deadline);
            } else {
                fail(
                        queries.close(number),
                        Outcome.UNAVAILABLE,
                        "no replica answered the query before its deadline");
            }
        }
        earliestDeadline = earliest;
    }

    private static final String SESSION_ENDED =
            "the cluster has ended this session because it was not heard of for too long; open a new client";

    private void expire() {
        phase = Phase.EXPIRED;
        failCommands(Outcome.SESSION_EXPIRED, SESSION_ENDED);
    }

    private void settle(
            long sequence, Outcome outcome, long position, byte[] bytes, int offset, int length) {
        int slot = commands.slot(sequence);
        if (commands.state[slot] == State.PAUSED) {
            pausedCommands--;
        }
        Completion whenKnown = commands.completion[slot];
        pauses = 0;
        commands.close(sequence);
        if (whenKnown != null) {
            whenKnown.onOutcome(outcome, position, bytes, offset, length);
        }
    }

    /// Tells the caller while the number goes on being pursued.
    private void tell(
            long sequence, Outcome outcome, long position, byte[] bytes, int offset, int length) {
        int slot = commands.slot(sequence);
        Completion whenKnown = commands.completion[slot];
        commands.completion[slot] = null;
        if (whenKnown != null) {
            whenKnown.onOutcome(outcome, position, bytes, offset, length);
        }
    }

    private void tellSentence(long sequence, Outcome outcome, String sentence) {
        byte[] bytes = sentence.getBytes(StandardCharsets.UTF_8);
        tell(sequence, outcome, 0, bytes, 0, bytes.length);
    }

    private void failCommands(Outcome outcome, String sentence) {
        pausedCommands = 0;
        for (long sequence = commands.base(); sequence < commands.next(); sequence++) {
            if (commands.isOpen(sequence)) {
                tellSentence(sequence, outcome, sentence);
                commands.close(sequence);
            }
        }
    }

    private void failQueries(String sentence) {
        for (long number = queries.base(); number < queries.next(); number++) {
            if (queries.isOpen(number)) {
                fail(queries.close(number), Outcome.UNAVAILABLE, sentence);
            }
        }
    }

    private static void fail(@Nullable Completion whenKnown, Outcome outcome, String sentence) {
        if (whenKnown != null) {
            byte[] bytes = sentence.getBytes(StandardCharsets.UTF_8);
            whenKnown.onOutcome(outcome, 0, bytes, 0, bytes.length);
        }
    }
}
