package dev.lockstep.replica;

import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientReply.Status;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/// Which of the connections to this replica waits for which request, and what is in flight for it.
///
/// Local: other replicas know nothing of it. A request is a client that signs, 0 where nobody does,
/// with a session and a sequence number, or one of the codes below: nobody waits in another's
/// place.
/// Open addressing on primitive arrays, because every command passes
/// through here twice.
final class ReplyRouting {

    /// In place of a sequence: the opening of a session, whose nonce is in place of its id.
    static final long OPENING = -1;

    /// In place of a sequence: a keep-alive.
    static final long KEEPING_ALIVE = -2;

    /// In place of a sequence: the end of a session.
    static final long CLOSING = -3;

    /// In place of a sequence: a query that is ordered, whose name is in place of a session.
    static final long QUERYING = -4;

    /// A wish for the next epoch, for which no client waits; the key is its name.
    static final long WISHING = -5;

    private static final int INITIAL_CAPACITY = 64;
    private static final byte[] NOTHING = new byte[0];

    /// What a client's connection has in flight.
    private static final class Connection {
        private long bytes;
    }

    private final ClientPort port;
    private final ReplicaListener listener;
    private final LongMap<Connection> connections = new LongMap<>();

    /// Slots of equal index belong together; one is in use where `bytes` is not 0.
    private int[] clients = new int[INITIAL_CAPACITY];

    private long[] sessions = new long[INITIAL_CAPACITY];
    private long[] sequences = new long[INITIAL_CAPACITY];
    private long[] waiting = new long[INITIAL_CAPACITY];
    private int[] bytes = new int[INITIAL_CAPACITY];

    /// How many slots are in use; at most half of them.
    private int size;

    private int preferredEntry;

    ReplyRouting(ClientPort port, ReplicaListener listener) {
        this.port = port;
        this.listener = listener;
    }

    /// How many requests wait for an answer.
    int size() {
        return size;
    }

    /// Notes that a connection is in use; tells a new one the best entry.
    void touch(long connection) {
        if (connections.get(connection) == null) {
            connections.put(connection, new Connection());
            if (preferredEntry != 0) {
                port.preferredEntry(connection, preferredEntry);
            }
        }
    }

    void gone(long connection) {
        connections.remove(connection);
    }

    /// Tells every connection that the best entry has changed.
    void preferEntry(int replica) {
        if (replica == preferredEntry) {
            return;
        }
        preferredEntry = replica;
        for (long connection : connections.sortedKeys()) {
            port.preferredEntry(connection, replica);
        }
    }

    /// Admitted for this connection and not yet answered.
    long inFlightBytes(long connection) {
        Connection known = connections.get(connection);
        return known == null ? 0 : known.bytes;
    }

    /// True if this connection is in use and not gone.
    boolean isKnown(long connection) {
        return connections.get(connection) != null;
    }

    boolean isWaiting(int client, long session, long sequence) {
        return bytes[find(client, session, sequence)] != 0;
    }

    /// The answer to this request goes to `connection`, the latest that asked for it.
    ///
    /// @param requestBytes what it counts for, at least 1
    void expect(int client, long session, long sequence, long connection, int requestBytes) {
        int slot = find(client, session, sequence);
        if (bytes[slot] != 0) {
            count(waiting[slot], -bytes[slot]);
        } else {
            size++;
        }
        clients[slot] = client;
        sessions[slot] = session;
        sequences[slot] = sequence;
        waiting[slot] = connection;
        bytes[slot] = requestBytes;
        count(connection, requestBytes);
        if (2 * size > bytes.length) {
            grow();
        }
    }

    private void count(long connection, int difference) {
        Connection known = connections.get(connection);
        if (known != null) {
            known.bytes += difference;
        }
    }

    /// Answers a command or skip if a client waits for it here.
    void answer(
            Status status,
            int client,
            long session,
            long sequence,
            long position,
            byte[] reply,
            int offset,
            int length) {
        int slot = find(client, session, sequence);
        if (bytes[slot] != 0) {
            long connection = take(slot);
            send(
                    connection,
                    ClientReply.Kind.COMMAND,
                    status,
                    session,
                    sequence,
                    position,
                    reply,
                    offset,
                    length);
        }
    }

    /// Answers a command or skip with a sentence if a client waits for it here.
    void answer(
            Status status,
            int client,
            long session,
            long sequence,
            long position,
            String sentence) {
        if (isWaiting(client, session, sequence)) {
            byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
            answer(status, client, session, sequence, position, text, 0, text.length);
        }
    }

    /// Answers the opening with this nonce if a client waits for it here.
    ///
    /// @param session the session that was opened, 0 if none was
    void answerOpening(
            Status status,
            int client,
            long nonce,
            long session,
            long position,
            @Nullable String sentence) {
        answerRare(
                ClientReply.Kind.OPEN, status, client, nonce, OPENING, session, position, sentence);
    }

    /// Answers a keep-alive or the end of a session if a client waits for it here.
    ///
    /// @param what [#KEEPING_ALIVE] or [#CLOSING]
    void answerSession(
            Status status,
            int client,
            long session,
            long what,
            long position,
            @Nullable String sentence) {
        answerRare(
                ClientReply.Kind.SESSION,
                status,
                client,
                session,
                what,
                session,
                position,
                sentence);
    }

    /// Answers a query that was ordered if a client waits for it here.
    void answerQuery(
            Status status, int client, long name, long position, byte[] reply, int length) {
        int slot = find(client, name, QUERYING);
        if (bytes[slot] != 0) {
            send(take(slot), ClientReply.Kind.QUERY, status, 0, name, position, reply, 0, length);
        }
    }

    /// Tells whoever waits here for a request, of whatever kind, why it is not taken.
    void refuse(Status status, RequestName name, String reason) {
        if (name.what() > 0) {
            answer(status, name.client(), name.session(), name.what(), 0, reason);
        } else if (name.what() == OPENING) {
            answerOpening(status, name.client(), name.session(), 0, 0, reason);
        } else if (name.what() == QUERYING) {
            byte[] text = reason.getBytes(StandardCharsets.UTF_8);
            answerQuery(status, name.client(), name.session(), 0, text, text.length);
        } else {
            answerSession(status, name.client(), name.session(), name.what(), 0, reason);
        }
    }

    private void answerRare(
            ClientReply.Kind kind,
            Status status,
            int client,
            long key,
            long what,
            long session,
            long position,
            @Nullable String sentence) {
        int slot = find(client, key, what);
        if (bytes[slot] == 0) {
            return;
        }
        byte[] text = sentence == null ? NOTHING : sentence.getBytes(StandardCharsets.UTF_8);
        long sequence = what == OPENING ? key : 0;
        send(take(slot), kind, status, session, sequence, position, text, 0, text.length);
    }

    /// Sends a reply that nobody was noted as waiting for, unless the connection is gone.
    void send(
            long connection,
            ClientReply.Kind kind,
            Status status,
            long session,
            long sequence,
            long position,
            byte[] reply,
            int offset,
            int length) {
        if (connections.get(connection) != null) {
            port.reply(
                    connection, kind, status, session, sequence, position, reply, offset, length);
            listener.onReplied(connection, kind, status, session, sequence, position);
        }
    }

    private long take(int slot) {
        long connection = waiting[slot];
        count(connection, -bytes[slot]);
        size--;
        closeGap(slot);
        return connection;
    }

    private int find(int client, long session, long sequence) {
        int mask = bytes.length - 1;
        int slot = home(session, sequence, mask);
        while (bytes[slot] != 0
                && (sequences[slot] != sequence
                        || sessions[slot] != session
                        || clients[slot] != client)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void closeGap(int freed) {
        int mask = bytes.length - 1;
        int gap = freed;
        int slot = freed;
        while (true) {
            slot = (slot + 1) & mask;
            if (bytes[slot] == 0) {
                bytes[gap] = 0;
                return;
            }
            int home = home(sessions[slot], sequences[slot], mask);
            if (((slot - home) & mask) >= ((slot - gap) & mask)) {
                clients[gap] = clients[slot];
                sessions[gap] = sessions[slot];
                sequences[gap] = sequences[slot];
                waiting[gap] = waiting[slot];
                bytes[gap] = bytes[slot];
                gap = slot;
            }
        }
    }

    private void grow() {
        int[] oldClients = clients;
        long[] oldSessions = sessions;
        long[] oldSequences = sequences;
        long[] oldWaiting = waiting;
        int[] oldBytes = bytes;
        int capacity = 2 * oldBytes.length;
        clients = new int[capacity];
        sessions = new long[capacity];
        sequences = new long[capacity];
        waiting = new long[capacity];
        bytes = new int[capacity];
        for (int i = 0; i < oldBytes.length; i++) {
            if (oldBytes[i] != 0) {
                int slot = find(oldClients[i], oldSessions[i], oldSequences[i]);
                clients[slot] = oldClients[i];
                sessions[slot] = oldSessions[i];
                sequences[slot] = oldSequences[i];
                waiting[slot] = oldWaiting[i];
                bytes[slot] = oldBytes[i];
            }
        }
    }

    /// Eight consecutive numbers of a session lie side by side, which the processor's caches like;
    /// longer runs would make those of two sessions collide from end to end.
    private static int home(long session, long sequence, int mask) {
        return (int) (Mixing.fold(session, sequence >>> 3) + (sequence & 7)) & mask;
    }
}
