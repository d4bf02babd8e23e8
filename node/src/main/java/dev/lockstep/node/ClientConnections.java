package dev.lockstep.node;

import dev.lockstep.core.GroupId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.net.ClientMembers;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Arrays;

/// The clients that are connected to this node, by the numbers under which the replica knows them.
///
/// A number is a place in a table and how many connections had a number before: looked up without a
/// hash, never used again.
///
/// Threading: the loop's thread.
final class ClientConnections {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnections.class);
    private static final int PLACE_BITS = 20;

    /// More connections than this are refused.
    static final int MAX_CONNECTIONS = 1 << PLACE_BITS;

    private final NodeMetrics metrics;

    private @Nullable ClientConnection[] places = new ClientConnection[16];

    /// The first `freeCount` are places that nobody has.
    private int[] free = new int[16];

    private int freeCount;

    /// Places below this have been used.
    private int placesUsed;

    private long serial = 1;
    private int count;
    private final BytesWriter head = new BytesWriter(64);

    ClientConnections(NodeMetrics metrics) {
        this.metrics = metrics;
    }

    /// How many there are.
    int count() {
        return count;
    }

    boolean isFull() {
        return count == MAX_CONNECTIONS;
    }

    /// Bytes that wait to be sent to all clients together.
    long pendingBytes() {
        long pending = 0;
        for (int i = 0; i < placesUsed; i++) {
            ClientConnection client = places[i];
            pending += client == null ? 0 : client.connection().pendingBytes();
        }
        return pending;
    }

    /// Gives a connection its number.
    long add(ClientConnection client) {
        int place = freeCount > 0 ? free[--freeCount] : placesUsed++;
        if (place == places.length) {
            places = Arrays.copyOf(places, 2 * places.length);
        }
        places[place] = client;
        count++;
        metrics.clientsAccepted++;
        return serial++ << PLACE_BITS | place;
    }

    void remove(long number) {
        if (find(number) == null) {
            return;
        }
        int place = (int) number & MAX_CONNECTIONS - 1;
        places[place] = null;
        count--;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, 2 * free.length);
        }
        free[freeCount++] = place;
    }

    private @Nullable ClientConnection find(long number) {
        int place = (int) number & MAX_CONNECTIONS - 1;
        ClientConnection client = place < places.length ? places[place] : null;
        return client != null && client.number() == number ? client : null;
    }

    /// Writes a REPLY frame. A client that leaves so much unread that there is no room is
    /// disconnected: it asks again, and the bound holds.
    void reply(
            long number,
            ClientReply.Kind kind,
            ClientReply.Status status,
            long session,
            long sequence,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        ClientConnection client = find(number);
        if (client == null) {
            return;
        }
        head.clear();
        ClientCodec.encodeReplyHeader(kind, status, session, sequence, position, head);
        boolean sent =
                client.connection()
                        .send(
                                FrameKind.REPLY,
                                GroupId.ZERO.value(),
                                head.array(),
                                0,
                                head.size(),
                                bytes,
                                offset,
                                length);
        if (sent) {
            client.replies++;
            metrics.clientReplies++;
        } else if (!client.connection().isClosed()) {
            metrics.clientsTooSlow++;
            LOG.warn(
                    "closing the connection of {}: it leaves {} bytes of replies unread",
                    client.connection().remote(),
                    client.connection().pendingBytes());
            client.connection().close();
        }
    }

    /// Writes a PREFERRED_ENTRY frame.
    void preferredEntry(long number, int replica) {
        ClientConnection client = find(number);
        if (client != null) {
            head.clear();
            head.putInt(replica);
            client.connection()
                    .send(
                            FrameKind.PREFERRED_ENTRY,
                            GroupId.ZERO.value(),
                            head.toBytes(),
                            Bytes.EMPTY);
        }
    }

    /// Writes a MEMBERS frame to all. Whoever has no room for it learns of the members when it
    /// connects the next time.
    void tellMembers(ClientMembers members) {
        Bytes content = members.encode();
        for (int i = 0; i < placesUsed; i++) {
            ClientConnection client = places[i];
            if (client != null) {
                client.connection()
                        .send(FrameKind.MEMBERS, GroupId.ZERO.value(), content, Bytes.EMPTY);
            }
        }
    }

    /// Ends all connections once what was written is sent.
    void closeWhenSent() {
        for (int i = 0; i < placesUsed; i++) {
            ClientConnection client = places[i];
            if (client != null) {
                client.connection().closeWhenSent();
            }
        }
    }
}
