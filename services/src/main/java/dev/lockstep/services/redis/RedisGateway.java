package dev.lockstep.services.redis;

import dev.lockstep.api.StateMachine;
import dev.lockstep.node.GatewayContext;
import dev.lockstep.node.GatewayService;
import dev.lockstep.services.kv.KvStateMachine;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/// The Redis protocol port: `redis-port` in cluster.yaml.
///
/// Threading: the loop's thread.
public final class RedisGateway implements GatewayService {

    private static final int BACKLOG = 511;

    /// While more than the second number of bytes waits to be sent to a client, nothing is read
    /// from it, until there are fewer than the first.
    private static final WriteBufferWaterMark OUTPUT_BYTES =
            new WriteBufferWaterMark(256 << 10, 1 << 20);

    private final long mostReplyBytes;

    private @Nullable RedisPort port;
    private @Nullable Channel listener;
    private boolean closed;

    /// For [java.util.ServiceLoader].
    public RedisGateway() {
        this(ReplyRoom.defaultBytes());
    }

    /// @param mostReplyBytes see [ReplyRoom]
    RedisGateway(long mostReplyBytes) {
        this.mostReplyBytes = mostReplyBytes;
    }

    /// The port, once it was started; null before.
    @Nullable RedisPort port() {
        return port;
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public boolean serves(Class<? extends StateMachine> machineType) {
        return KvStateMachine.class.isAssignableFrom(machineType);
    }

    @Override
    public void start(GatewayContext context) {
        closed = false;
        RedisPort started = new RedisPort(context, mostReplyBytes);
        port = started;
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(context.eventLoop())
                        .channel(context.serverChannelType())
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childOption(ChannelOption.ALLOCATOR, context.allocator())
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, OUTPUT_BYTES)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel accepted) {
                                        accept(started, accepted);
                                    }
                                });
        ChannelFuture binding = bootstrap.bind(context.address());
        binding.addListener(
                future -> {
                    Throwable cause = future.cause();
                    if (cause != null) {
                        context.failed(cause);
                    } else if (closed) {
                        var _ = binding.channel().close();
                    } else {
                        listener = binding.channel();
                        int bound =
                                ((InetSocketAddress) binding.channel().localAddress()).getPort();
                        started.listeningPort(bound);
                        context.listening(bound);
                    }
                });
    }

    @Override
    public void close() {
        closed = true;
        Channel listening = listener;
        if (listening != null) {
            var _ = listening.close();
        }
        RedisPort started = port;
        if (started != null) {
            started.closeAll();
        }
    }

    private static void accept(RedisPort port, Channel accepted) {
        RedisConnection connection = port.accept(accepted);
        if (connection != null) {
            accepted.pipeline().addLast(connection);
        } else {
            byte[] refusal =
                    "-ERR max number of clients reached\r\n".getBytes(StandardCharsets.US_ASCII);
            var _ =
                    accepted.writeAndFlush(Unpooled.wrappedBuffer(refusal))
                            .addListener(ChannelFutureListener.CLOSE);
        }
    }
}
