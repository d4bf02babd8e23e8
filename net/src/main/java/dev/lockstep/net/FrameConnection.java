package dev.lockstep.net;

import dev.lockstep.core.wire.Bytes;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One TCP connection that carries frames.
///
/// What is written gathers in one buffer and goes to the kernel at the loop's flush; what is read
/// is checked and handed to the [FrameHandler] frame by frame. While the other side does not take
/// what was written, nothing more is read from it.
///
/// Threading: the loop's thread.
public final class FrameConnection {

    private static final Logger LOG = LoggerFactory.getLogger(FrameConnection.class);

    /// A buffer that is fuller is sent as it is and another begun, so that growing stays cheap.
    private static final int CHUNK_BYTES = 256 << 10;

    private static final int FIRST_BUFFER_BYTES = 4 << 10;

    private final NetworkLoop loop;
    private final Channel channel;
    private final FrameReader reader;

    private ConnectionOptions options;
    private FrameHandler handler;

    /// What was written since the last flush and is not in Netty's hands; null if nothing.
    private @Nullable ByteBuf gathering;

    /// True while the loop knows that this connection is to be flushed.
    private boolean marked;

    /// True while nothing is read because too much waits to be sent.
    private boolean paused;

    /// True while the owner wants nothing to be read.
    private boolean stopped;

    /// True once nothing is sent or taken any more.
    private boolean closed;

    /// True once the handler was told.
    private boolean told;

    /// Called by the promise of the next write, once it was given to the kernel; null if nobody
    /// asked.
    private @Nullable Runnable whenFlushed;

    FrameConnection(
            NetworkLoop loop, Channel channel, ConnectionOptions options, FrameHandler handler) {
        this.loop = loop;
        this.channel = channel;
        this.options = options;
        this.handler = handler;
        this.reader = new FrameReader(this, loop);
    }

    /// Hands what comes in from now on to another handler.
    void handOver(FrameHandler next, ConnectionOptions nextOptions) {
        handler = next;
        options = nextOptions;
    }

    /// Writes a frame; it leaves at the loop's next flush.
    ///
    /// @return false if it was dropped: the connection is closed, or too much waits to be sent
    public boolean send(int kind, int group, Bytes head, Bytes body) {
        return send(
                kind,
                group,
                head.backingArray(),
                head.backingOffset(),
                head.size(),
                body.backingArray(),
                body.backingOffset(),
                body.size());
    }

    /// Writes a frame whose content is two parts, either of which may be empty.
    ///
    /// @return false if it was dropped: the connection is closed, or too much waits to be sent
    public boolean send(
            int kind,
            int group,
            byte[] head,
            int headOffset,
            int headLength,
            byte[] body,
            int bodyOffset,
            int bodyLength) {
        int size = Frames.HEADER_BYTES + headLength + bodyLength;
        if (!hasRoom(size)) {
            return false;
        }
        ByteBuf out = room(size);
        out.writeIntLE(size - Frames.LENGTH_BYTES);
        out.writeByte(kind);
        out.writeIntLE(group);
        out.writeBytes(head, headOffset, headLength);
        out.writeBytes(body, bodyOffset, bodyLength);
        return true;
    }

    /// True if `bytes` more may wait to be sent.
    public boolean hasRoom(int bytes) {
        return !closed && pendingBytes() + bytes <= options.outputBytes();
    }

    /// How many bytes wait to be sent.
    public long pendingBytes() {
        ByteBuf current = gathering;
        ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
        return (current == null ? 0 : current.readableBytes())
                + (outbound == null ? 0 : outbound.totalPendingWriteBytes());
    }

    /// Calls `action` when everything written so far was given to the kernel; never if the
    /// connection ends before.
    public void whenFlushed(Runnable action) {
        Runnable before = whenFlushed;
        whenFlushed =
                before == null
                        ? action
                        : () -> {
                            before.run();
                            action.run();
                        };
        mark();
    }

    /// Stops or resumes reading from the connection, for an owner that cannot take more.
    public void stopReading(boolean stop) {
        if (stopped != stop) {
            stopped = stop;
            readOrNot();
        }
    }

    /// Closes at once what was not flushed; the handler is told.
    public void close() {
        closed = true;
        dropGathering();
        var _ = channel.close();
    }

    /// Closes after everything written so far was sent; nothing more is taken.
    public void closeWhenSent() {
        flush();
        closed = true;
        var _ =
                channel.writeAndFlush(channel.alloc().buffer(0))
                        .addListener(ChannelFutureListener.CLOSE);
    }

    /// True once the connection has ended.
    public boolean isClosed() {
        return closed;
    }

    /// The other side's address, for people.
    public String remote() {
        return String.valueOf(channel.remoteAddress());
    }

    void flush() {
        marked = false;
        if (closed) {
            return;
        }
        ByteBuf current = gathering;
        if (current != null || whenFlushed != null) {
            gathering = null;
            write(current == null ? channel.alloc().buffer(0) : current);
        }
        channel.flush();
        pauseOrResume();
    }

    /// Takes what was read from the socket.
    void onBytes(ByteBuf in) {
        if (closed || loop.hasFailed()) {
            return;
        }
        reader.onBytes(in);
    }

    void onWritable() {
        if (!closed) {
            pauseOrResume();
        }
    }

    void onChannelClosed() {
        if (told) {
            return;
        }
        told = true;
        closed = true;
        dropGathering();
        reader.release();
        handler.onClosed(this);
    }

    /// One log line, then the end.
    void onMalformed(String what) {
        LOG.warn("closing the connection of {}: {}", remote(), what);
        close();
    }

    FrameHandler handler() {
        return handler;
    }

    ConnectionOptions options() {
        return options;
    }

    private void dropGathering() {
        ByteBuf current = gathering;
        if (current != null) {
            gathering = null;
            current.release();
        }
    }

    private ByteBuf room(int size) {
        ByteBuf current = gathering;
        if (current != null
                && current.writableBytes() < size
                && current.readableBytes() + size > CHUNK_BYTES) {
            gathering = null;
            write(current);
            current = null;
        }
        if (current == null) {
            current = loop.allocator().directBuffer(Math.max(FIRST_BUFFER_BYTES, size));
            gathering = current;
        }
        mark();
        return current;
    }

    private void mark() {
        if (!marked && !closed) {
            marked = true;
            loop.markUnflushed(this);
        }
    }

    private void write(ByteBuf buffer) {
        Runnable action = whenFlushed;
        if (action == null) {
            var _ = channel.write(buffer, channel.voidPromise());
            return;
        }
        whenFlushed = null;
        ChannelPromise promise = channel.newPromise();
        promise.addListener(
                future -> {
                    if (future.isSuccess()) {
                        loop.runGuarded(action);
                    }
                });
        var _ = channel.write(buffer, promise);
    }

    private void pauseOrResume() {
        long pending = pendingBytes();
        if (!paused && pending > options.pauseBytes()) {
            paused = true;
            readOrNot();
        } else if (paused && pending <= options.pauseBytes() / 4) {
            paused = false;
            readOrNot();
        }
    }

    private void readOrNot() {
        var _ = channel.config().setAutoRead(!paused && !stopped);
    }
}
