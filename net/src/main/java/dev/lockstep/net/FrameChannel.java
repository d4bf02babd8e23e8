package dev.lockstep.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;

/// Ties a Netty channel to its [FrameConnection].
final class FrameChannel extends ChannelInboundHandlerAdapter {

    /// How long the kernel tries to get bytes acknowledged before it reports the connection dead.
    private static final int USER_TIMEOUT_MILLIS = 10_000;

    /// An idle connection is probed after this long, and again at this interval.
    private static final int KEEP_ALIVE_SECONDS = 5;

    private final NetworkLoop loop;
    private final FrameConnection connection;

    private FrameChannel(NetworkLoop loop, FrameConnection connection) {
        this.loop = loop;
        this.connection = connection;
    }

    /// Makes `channel` a connection whose first frames go to `handler`.
    static FrameConnection open(NetworkLoop loop, Channel channel, FrameHandler handler) {
        ConnectionOptions handshake =
                new ConnectionOptions(
                        Frames.MAX_HANDSHAKE_BYTES,
                        Frames.MAX_HANDSHAKE_BYTES,
                        4L * Frames.MAX_HANDSHAKE_BYTES);
        FrameConnection connection = new FrameConnection(loop, channel, handshake, handler);
        channel.config().setAllocator(loop.allocator());
        channel.config()
                .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(NetworkLoop.READ_BYTES));
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        if (loop.isEpoll()) {
            channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
            channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, KEEP_ALIVE_SECONDS);
            channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, KEEP_ALIVE_SECONDS);
        }
        channel.pipeline().addLast(new FrameChannel(loop, connection));
        return connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            connection.onBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        connection.onWritable();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        loop.runGuarded(connection::onChannelClosed);
    }

    /// A reset or a failed write: the connection is of no use any more.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        connection.close();
    }
}
