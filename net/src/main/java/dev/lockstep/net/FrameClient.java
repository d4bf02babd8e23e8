package dev.lockstep.net;

import dev.lockstep.core.GroupId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.core.wire.MalformedException;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.NetUtil;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.RejectedExecutionException;

/// Dials and shakes hands.
///
/// Threading: the loop's thread.
public final class FrameClient {

    private static final Logger LOG = LoggerFactory.getLogger(FrameClient.class);
    private static final int CONNECT_MILLIS = 1_000;

    private FrameClient() {}

    /// Hears how a dial went: one of its methods named `on…`, once.
    public interface Dialled {

        /// False if the connection is of no use any more, though nothing has failed: it is asked
        /// before the greeting is sent.
        default boolean isWanted() {
            return true;
        }

        /// The other side accepted.
        ///
        /// @return who takes the frames that follow, within which bounds; null to hang up
        @Nullable Reception onWelcome(FrameConnection connection, Welcome.Accepted welcome);

        /// The other side refused.
        void onRefused(Welcome.Refused refusal);

        /// There is no connection, or it ended before an answer.
        ///
        /// @param why for people
        void onFailed(String why);
    }

    /// Who takes frames, within which bounds.
    public record Reception(FrameHandler handler, ConnectionOptions options) {}

    /// Dials `host:port` and greets with `hello`. A name is looked up on another thread.
    public static void dial(NetworkLoop loop, String host, int port, Hello hello, Dialled dialled) {
        Greeting greeting = new Greeting(dialled);
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            connect(loop, new InetSocketAddress(host, port), hello, greeting);
        } else {
            Thread.ofVirtual()
                    .name("lookup-" + host)
                    .start(() -> lookUp(loop, host, port, hello, greeting));
        }
    }

    private static void lookUp(
            NetworkLoop loop, String host, int port, Hello hello, Greeting greeting) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        try {
            loop.execute(
                    () -> {
                        if (address.isUnresolved()) {
                            greeting.fail("the name " + host + " is not known");
                        } else {
                            connect(loop, address, hello, greeting);
                        }
                    });
        } catch (RejectedExecutionException e) {
            LOG.debug("the loop was closed while {} was looked up", host, e);
        }
    }

    private static void connect(
            NetworkLoop loop, InetSocketAddress address, Hello hello, Greeting greeting) {
        ChannelFuture connected =
                new Bootstrap()
                        .group(loop.eventLoop())
                        .channel(loop.channelType())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        greeting.connection =
                                                FrameChannel.open(loop, channel, greeting);
                                    }
                                })
                        .connect(address);
        connected.addListener(
                future ->
                        loop.runGuarded(
                                () -> {
                                    FrameConnection connection = greeting.connection;
                                    if (connection != null && !greeting.dialled.isWanted()) {
                                        greeting.fail("it is not wanted any more");
                                        connection.close();
                                    } else if (future.isSuccess() && connection != null) {
                                        sendHello(connection, hello);
                                        loop.schedule(
                                                greeting::onOverdue, FrameServer.HANDSHAKE_NANOS);
                                    } else {
                                        greeting.fail(reasonOf(future.cause()));
                                    }
                                }));
    }

    /// In words: what the transport throws names its own classes and error numbers.
    private static String reasonOf(@Nullable Throwable cause) {
        return switch (cause) {
            case null -> "it hung up";
            case ConnectTimeoutException _ -> "it does not answer";
            case NoRouteToHostException _ -> "there is no route to it";
            case ConnectException _ -> "it refuses connections; nothing may be running there";
            case UnknownHostException _, UnresolvedAddressException _ -> "the host is not known";
            default -> String.valueOf(cause.getMessage());
        };
    }

    private static void sendHello(FrameConnection connection, Hello hello) {
        BytesWriter out = new BytesWriter(128);
        hello.encode(out);
        connection.send(FrameKind.HELLO, GroupId.ZERO.value(), out.toBytes(), Bytes.EMPTY);
    }

    /// Takes the first frame of the other side.
    private static final class Greeting implements FrameHandler {

        private final Dialled dialled;
        private boolean done;

        /// Set when the channel exists.
        private @Nullable FrameConnection connection;

        Greeting(Dialled dialled) {
            this.dialled = dialled;
        }

        @Override
        public void onFrame(
                FrameConnection from, int kind, int group, byte[] bytes, int offset, int length) {
            if (done || kind != FrameKind.WELCOME) {
                throw new MalformedException("the first frame is a welcome, not of kind " + kind);
            }
            Welcome welcome = Welcome.decode(Bytes.wrap(bytes, offset, length));
            done = true;
            switch (welcome) {
                case Welcome.Refused refused -> {
                    from.close();
                    dialled.onRefused(refused);
                }
                case Welcome.Accepted accepted -> {
                    Reception reception = dialled.onWelcome(from, accepted);
                    if (reception == null) {
                        from.close();
                    } else {
                        from.handOver(reception.handler(), reception.options());
                    }
                }
            }
        }

        void onOverdue() {
            FrameConnection mine = connection;
            if (!done && mine != null) {
                mine.close();
            }
        }

        void fail(String why) {
            if (!done) {
                done = true;
                dialled.onFailed(why);
            }
        }

        @Override
        public void onClosed(FrameConnection from) {
            fail("the connection ended before an answer came");
        }
    }
}
