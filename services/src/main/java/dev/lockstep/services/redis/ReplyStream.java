package dev.lockstep.services.redis;

import dev.lockstep.core.wire.ClientReply;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// The replies of one connection on their way: brought into the order of the requests, gathered,
/// and handed to the channel; or dropped, if the client does not want them.
///
/// Threading: the loop's thread.
final class ReplyStream {

    /// A buffer that is fuller is handed on and another begun, so that growing stays cheap.
    private static final int CHUNK_BYTES = 256 << 10;

    private static final int FIRST_BUFFER_BYTES = 4 << 10;

    private final RedisConnection connection;
    private final RedisPort port;
    private final Channel channel;
    private final ReplyRing ring;
    private final RespOut resp = new RespOut();
    private final ReplyDebt debt;

    /// Replies since the last flush; null if there are none.
    private @Nullable ByteBuf out;

    /// What was handed to the channel since the last flush, in buffers.
    private int unflushedEntries;

    /// What the channel counts for each buffer beside its bytes.
    private long entryBytes;

    /// True once nothing is written any more.
    private boolean released;

    private boolean resp3;

    /// True while the client wants no replies at all.
    private boolean answersNone;

    /// True while the current request is not to be answered.
    private boolean skipping;

    /// True if the next request is not to be answered.
    private boolean skipsNext;

    ReplyStream(RedisConnection connection, RedisPort port, Channel channel) {
        this.connection = connection;
        this.port = port;
        this.channel = channel;
        this.ring = new ReplyRing(connection);
        this.debt = new ReplyDebt(port.room(), this);
    }

    ReplyDebt debt() {
        return debt;
    }

    boolean isResp3() {
        return resp3;
    }

    void useResp3(boolean use) {
        resp3 = use;
    }

    /// `CLIENT REPLY ON`.
    void answerAll() {
        answersNone = false;
        skipping = false;
    }

    /// `CLIENT REPLY OFF`.
    void answerNone() {
        answersNone = true;
    }

    /// `CLIENT REPLY SKIP`.
    void skipNext() {
        skipsNext = !answersNone;
    }

    /// Answers what comes after this request.
    void answerFromNowOn() {
        answersNone = false;
        skipsNext = false;
    }

    /// The current request is done with.
    void endRequest() {
        skipping = skipsNext;
        skipsNext = false;
    }

    private boolean isSilent() {
        return answersNone || skipping;
    }

    /// How many replies are owed.
    int size() {
        return ring.size();
    }

    /// The reply that so many go before.
    PendingReply get(int index) {
        return ring.get(index);
    }

    /// True if no reply that is owed goes before this one.
    boolean isFirst(PendingReply reply) {
        return !ring.isEmpty() && ring.first() == reply;
    }

    /// The place of the current request's reply, which comes from the gateway.
    PendingReply begin(PendingReply.Kind kind) {
        return ring.add(kind, resp3, isSilent());
    }

    /// Takes back the place that was given last.
    void withdrawLast() {
        ring.removeLast();
    }

    /// Writes one of the connection's own replies, in its turn.
    void reply(Consumer<RespOut> writer) {
        if (released || isSilent()) {
            ByteBuf unwanted = port.allocator().heapBuffer(64);
            try {
                writer.accept(resp.reset(unwanted, resp3));
            } finally {
                unwanted.release();
            }
            return;
        }
        if (ring.isEmpty()) {
            writer.accept(resp.reset(room(256), resp3));
        } else {
            PendingReply pending = ring.add(PendingReply.Kind.LOCAL, resp3, false);
            ByteBuf buffer = port.allocator().heapBuffer(64);
            pending.early = buffer;
            writer.accept(resp.reset(buffer, resp3));
            debt.early(buffer.readableBytes());
        }
        debt.count();
    }

    /// Writes a reply of the gateway's, in its turn.
    void deliver(
            PendingReply reply, ClientReply.Status status, byte[] bytes, int offset, int length) {
        if (ring.first() == reply && !reply.silent) {
            write(reply, status, bytes, offset, length, room(length));
            if (released) {
                return;
            }
            ring.removeFirst();
        } else {
            ByteBuf early = port.allocator().heapBuffer(length + 16);
            // Before it is written: what the ring has is freed even if writing fails.
            reply.early = early;
            write(reply, status, bytes, offset, length, early);
            if (reply.silent) {
                early.clear();
            }
            debt.early(early.readableBytes());
        }
        reply.query = null;
        writeEarly();
    }

    private void write(
            PendingReply reply,
            ClientReply.Status status,
            byte[] bytes,
            int offset,
            int length,
            ByteBuf target) {
        ReplyShape shape = reply.shape;
        if (status != ClientReply.Status.OK) {
            String sentence = new String(bytes, offset, length, StandardCharsets.UTF_8);
            byte[] error =
                    ("-" + Failures.text(status, sentence).replaceAll("[\r\n]", " ") + "\r\n")
                            .getBytes(StandardCharsets.UTF_8);
            if (shape == null) {
                target.writeBytes(error);
            } else {
                shape.write(connection, error, 0, resp.reset(target, reply.resp3));
            }
        } else if (shape == null) {
            ServiceReplies.write(bytes, offset, length, reply.resp3, target);
        } else {
            shape.write(connection, bytes, offset, resp.reset(target, reply.resp3));
        }
    }

    private void writeEarly() {
        while (!ring.isEmpty()) {
            ByteBuf early = ring.first().early;
            if (early == null) {
                return;
            }
            int bytes = early.readableBytes();
            if (bytes > 0) {
                ByteBuf target = room(bytes);
                if (released) {
                    return;
                }
                target.writeBytes(early);
            }
            early.release();
            debt.earlySent(bytes);
            ring.first().early = null;
            ring.removeFirst();
        }
    }

    private ByteBuf room(int size) {
        ByteBuf current = out;
        if (current != null && current.readableBytes() + size > CHUNK_BYTES) {
            out = null;
            handOver(current);
            current = null;
        }
        if (current == null) {
            current = port.allocator().buffer(Math.max(FIRST_BUFFER_BYTES, size));
            out = current;
        }
        port.markUnflushed(connection);
        return current;
    }

    /// The channel may be closed: writing then ends in [#release], so nothing may refer to these
    /// replies any more.
    private void handOver(ByteBuf replies) {
        int bytes = replies.readableBytes();
        long pendingBefore = pendingBytes();
        debt.written(bytes, pendingBefore == 0);
        var _ = channel.write(replies, channel.voidPromise());
        long more = pendingBytes() - pendingBefore;
        if (more >= bytes) {
            entryBytes = more - bytes;
            unflushedEntries++;
        }
    }

    /// Gives what was gathered to the kernel.
    void flush() {
        ByteBuf gathered = out;
        out = null;
        if (gathered != null) {
            handOver(gathered);
        }
        unflushedEntries = 0;
        channel.flush();
        debt.count();
    }

    /// Replies that were gathered since the last flush.
    int gatheredBytes() {
        ByteBuf gathered = out;
        return gathered == null ? 0 : gathered.readableBytes();
    }

    /// The memory of replies that the kernel has not taken yet: of each buffer all until all is
    /// taken.
    long pendingBytes() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /// How much of the replies handed to the channel the kernel has not taken yet.
    long untakenBytes() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer == null) {
            return 0;
        }
        long entries = (long) buffer.size() + unflushedEntries;
        return buffer.totalPendingWriteBytes() - buffer.currentProgress() - entries * entryBytes;
    }

    /// Frees all memory; nothing is written any more.
    void release() {
        released = true;
        ring.release();
        ByteBuf gathered = out;
        out = null;
        if (gathered != null) {
            gathered.release();
        }
        debt.cancel();
    }
}
