package dev.lockstep.node;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lockstep.net.NetworkLoop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/// The port for operators while a replica gets back what its journal has lost: `/status` and
/// `/health` say how far that is, everything else that it does not take part yet.
///
/// Threading: the loop's thread.
final class MendingPort implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MendingPort.class);
    private static final JsonMapper JSON = new JsonMapper();

    /// How far it is.
    ///
    /// @param records how many were lost
    /// @param back how many of them are back
    /// @param waitsFor one sentence without its end
    record Progress(int records, int back, String waitsFor) {

        String sentence() {
            return "mending its journal: %d of %d records are back; it waits for %s"
                    .formatted(back, records, waitsFor);
        }
    }

    private final NodeConfig config;
    private final Identity identity;
    private final Supplier<Progress> progress;
    private @Nullable Channel channel;

    MendingPort(NodeConfig config, Identity identity, Supplier<Progress> progress) {
        this.config = config;
        this.identity = identity;
        this.progress = progress;
    }

    /// Listens; one of the two consumers is called within a later poll.
    void bind(
            NetworkLoop loop,
            InetSocketAddress address,
            IntConsumer whenListening,
            Consumer<Throwable> whenFailed) {
        AdminServer.bind(
                loop,
                address,
                Handler::new,
                bound -> {
                    channel = bound;
                    whenListening.accept(AdminServer.portOf(bound));
                },
                whenFailed);
    }

    private String status() {
        Progress now = progress.get();
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("self", config.self().value());
        page.put("version", Version.text());
        page.put("incarnation", identity.incarnation().toString());
        page.put("boot", identity.boot());
        page.put("cluster", identity.cluster().toString());
        page.put("serving", false);
        page.put("reason", now.sentence());
        ObjectNode mending = page.putObject("mending");
        mending.put("records", now.records());
        mending.put("back", now.back());
        return text(page);
    }

    private String health() {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("status", "not serving");
        page.put("replica", config.self().value());
        page.put("reason", progress.get().sentence());
        return text(page);
    }

    private static String text(ObjectNode page) {
        try {
            return JSON.writeValueAsString(page) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail to be written", e);
        }
    }

    @Override
    public void close() {
        Channel listening = channel;
        if (listening != null) {
            var _ = listening.close();
        }
    }

    private final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            // Whoever asks again may be answered by the replica itself, on the same port.
            AdminExchange exchange =
                    new AdminExchange(context, false, request.method().equals(HttpMethod.HEAD));
            boolean isHttp = request.decoderResult().isSuccess();
            String path = isHttp ? new QueryStringDecoder(request.uri()).path() : "";
            switch (path) {
                case "/status" ->
                        exchange.answer(HttpResponseStatus.OK, AdminExchange.JSON, status());
                case "/health" ->
                        exchange.answer(
                                HttpResponseStatus.SERVICE_UNAVAILABLE,
                                AdminExchange.JSON,
                                health());
                default ->
                        exchange.answer(
                                HttpResponseStatus.SERVICE_UNAVAILABLE,
                                AdminExchange.TEXT,
                                "replica %s does not take part yet: it is %s\n"
                                        .formatted(config.self(), progress.get().sentence()));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("closing the admin connection of {}", context.channel(), cause);
            var _ = context.close();
        }
    }
}
