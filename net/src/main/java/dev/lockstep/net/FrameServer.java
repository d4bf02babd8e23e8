package dev.lockstep.net;

import dev.lockstep.core.GroupId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.core.wire.MalformedException;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/// Listens on one port and shakes hands with whoever dials.
///
/// Threading: the loop's thread.
public final class FrameServer implements AutoCloseable {

    /// A caller that has not sent its greeting after this long is disconnected.
    static final long HANDSHAKE_NANOS = 5_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(FrameServer.class);
    private static final int BACKLOG = 1024;

    private final Channel channel;

    private FrameServer(Channel channel) {
        this.channel = channel;
    }

    /// Decides about callers.
    public interface Doorman {

        /// Judges a greeting whose wire version this build speaks.
        Verdict onHello(FrameConnection connection, Hello hello);
    }

    /// What becomes of a caller.
    public sealed interface Verdict {

        /// It is welcome.
        ///
        /// @param whenWelcome run once the welcome is written, before the handler's first frame
        record Accept(
                Welcome.Accepted welcome,
                FrameHandler handler,
                ConnectionOptions options,
                Runnable whenWelcome)
                implements Verdict {}

        /// It is told why not and disconnected.
        record Refuse(Welcome.Reason reason, String sentence) implements Verdict {}
    }

    /// Listens at `address`. Returns before it does; call [NetworkLoop#poll] until `whenDone` was
    /// told.
    ///
    /// @param whenDone takes the server, or is not called
    /// @param whenFailed takes what went wrong, such as a port in use, or is not called
    public static void bind(
            NetworkLoop loop,
            InetSocketAddress address,
            Doorman doorman,
            Consumer<FrameServer> whenDone,
            Consumer<IOException> whenFailed) {
        RefusalLog refusals = new RefusalLog();
        SilenceLog silences =
                new SilenceLog(LOG::warn, task -> loop.schedule(task, SilenceLog.INTERVAL_NANOS));
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(loop.eventLoop())
                        .channel(loop.serverChannelType())
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel accepted) {
                                        accept(loop, accepted, doorman, refusals, silences);
                                    }
                                });
        ChannelFuture bound = bootstrap.bind(address);
        bound.addListener(
                future ->
                        loop.runGuarded(
                                () -> {
                                    Throwable cause = future.cause();
                                    if (cause == null) {
                                        whenDone.accept(new FrameServer(bound.channel()));
                                    } else {
                                        whenFailed.accept(
                                                cause instanceof IOException io
                                                        ? io
                                                        : new IOException(cause));
                                    }
                                }));
    }

    /// The port that was bound: of interest if 0 was asked for.
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /// Stops listening. Accepted connections live on.
    @Override
    public void close() {
        var _ = channel.close();
    }

    private static void accept(
            NetworkLoop loop,
            Channel accepted,
            Doorman doorman,
            RefusalLog refusals,
            SilenceLog silences) {
        Greeting greeting = new Greeting(doorman, refusals, silences);
        FrameConnection connection = FrameChannel.open(loop, accepted, greeting);
        loop.schedule(() -> greeting.onOverdue(connection), HANDSHAKE_NANOS);
    }

    static void sendWelcome(FrameConnection connection, Welcome welcome) {
        BytesWriter out = new BytesWriter(256);
        welcome.encode(out);
        connection.send(FrameKind.WELCOME, GroupId.ZERO.value(), out.toBytes(), Bytes.EMPTY);
    }

    /// Logs a refusal once and not again until another caller is refused for another reason: a
    /// member that is refused dials twice a second.
    private static final class RefusalLog {

        private String last = "";

        void onRefused(FrameConnection connection, String sentence) {
            if (!sentence.equals(last)) {
                last = sentence;
                LOG.warn("refused {}: {}", connection.remote(), sentence);
            }
        }
    }

    /// Takes the first frame of a caller.
    private static final class Greeting implements FrameHandler {

        private final Doorman doorman;
        private final RefusalLog refusals;
        private final SilenceLog silences;
        private boolean done;

        Greeting(Doorman doorman, RefusalLog refusals, SilenceLog silences) {
            this.doorman = doorman;
            this.refusals = refusals;
            this.silences = silences;
        }

        @Override
        public void onFrame(
                FrameConnection connection,
                int kind,
                int group,
                byte[] bytes,
                int offset,
                int length) {
            if (done || kind != FrameKind.HELLO) {
                throw new MalformedException("the first frame is a greeting, not of kind " + kind);
            }
            done = true;
            Hello hello = Hello.decode(Bytes.wrap(bytes, offset, length));
            switch (judge(connection, hello)) {
                case Verdict.Refuse refuse -> {
                    refusals.onRefused(connection, refuse.sentence());
                    sendWelcome(
                            connection, new Welcome.Refused(refuse.reason(), refuse.sentence()));
                    connection.closeWhenSent();
                }
                case Verdict.Accept accept -> {
                    sendWelcome(connection, accept.welcome());
                    connection.handOver(accept.handler(), accept.options());
                    accept.whenWelcome().run();
                }
            }
        }

        private Verdict judge(FrameConnection connection, Hello hello) {
            if (hello.lowestVersion() > Hello.WIRE_VERSION
                    || hello.highestVersion() < Hello.WIRE_VERSION) {
                return new Verdict.Refuse(
                        Welcome.Reason.WRONG,
                        "the caller speaks wire versions %d to %d, this replica speaks %d; run versions of Lockstep that have one in common"
                                .formatted(
                                        hello.lowestVersion(),
                                        hello.highestVersion(),
                                        Hello.WIRE_VERSION));
            }
            return doorman.onHello(connection, hello);
        }

        void onOverdue(FrameConnection connection) {
            if (!done && !connection.isClosed()) {
                silences.onSilent(String.valueOf(connection.remote()));
                connection.close();
            }
        }

        @Override
        public void onClosed(FrameConnection connection) {
            done = true;
        }
    }
}
