package dev.lockstep.node;

import dev.lockstep.net.NetworkLoop;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.ReadTimeoutHandler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// The port for operators: `/health`, `/metrics`, `/status` and `/digest`, over HTTP.
///
/// Threading: the loop's thread; the metrics' page is written on another.
final class AdminServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int MAX_REQUEST_BYTES = 16 << 10;
    private static final int IDLE_SECONDS = 60;
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final AdminPages pages;
    private final NodeView view;

    /// Made at the first scrape, because it takes a while and many nodes are never scraped.
    private volatile @Nullable PrometheusPage prometheus;

    private @Nullable Channel channel;

    AdminServer(NodeView view) {
        this.view = view;
        this.pages = new AdminPages(view);
    }

    /// Listens; one of the two consumers is called within a later poll.
    void bind(
            NetworkLoop loop,
            InetSocketAddress address,
            IntConsumer whenListening,
            Consumer<Throwable> whenFailed) {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loop.eventLoop())
                        .channel(loop.serverChannelType())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel accepted) {
                                        accepted.pipeline()
                                                .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                                                .addLast(new HttpServerCodec())
                                                .addLast(
                                                        new HttpObjectAggregator(MAX_REQUEST_BYTES))
                                                .addLast(new Handler());
                                    }
                                })
                        .bind(address);
        bound.addListener(
                future -> {
                    Throwable cause = future.cause();
                    if (cause == null) {
                        channel = bound.channel();
                        whenListening.accept(
                                ((InetSocketAddress) bound.channel().localAddress()).getPort());
                    } else {
                        whenFailed.accept(cause);
                    }
                });
    }

    @Override
    public void close() {
        Channel listening = channel;
        if (listening != null) {
            var _ = listening.close();
        }
        PrometheusPage page = prometheus;
        if (page != null) {
            page.close();
        }
    }

    private final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            boolean keepAlive = HttpUtil.isKeepAlive(request);
            boolean head = request.method().equals(HttpMethod.HEAD);
            if (!request.decoderResult().isSuccess()) {
                LOG.warn(
                        "closing the connection of {}: what it sent to the admin port is no HTTP",
                        context.channel().remoteAddress());
                answer(context, HttpResponseStatus.BAD_REQUEST, TEXT, "not HTTP\n", false, false);
                return;
            }
            if (!head && !request.method().equals(HttpMethod.GET)) {
                answer(
                        context,
                        HttpResponseStatus.METHOD_NOT_ALLOWED,
                        TEXT,
                        "only GET\n",
                        keepAlive,
                        false);
                return;
            }
            String path = new QueryStringDecoder(request.uri()).path();
            switch (path) {
                case "/health" ->
                        answer(
                                context,
                                pages.isServing()
                                        ? HttpResponseStatus.OK
                                        : HttpResponseStatus.SERVICE_UNAVAILABLE,
                                JSON,
                                pages.health(),
                                keepAlive,
                                head);
                case "/status" ->
                        answer(
                                context,
                                HttpResponseStatus.OK,
                                JSON,
                                pages.status(),
                                keepAlive,
                                head);
                case "/digest" ->
                        answer(
                                context,
                                view.status() == null
                                        ? HttpResponseStatus.SERVICE_UNAVAILABLE
                                        : HttpResponseStatus.OK,
                                JSON,
                                pages.digest(),
                                keepAlive,
                                head);
                case "/metrics" -> scrape(context, keepAlive, head);
                default ->
                        answer(
                                context,
                                HttpResponseStatus.NOT_FOUND,
                                TEXT,
                                "there are /health, /metrics, /status and /digest\n",
                                keepAlive,
                                head);
            }
        }

        private void scrape(ChannelHandlerContext context, boolean keepAlive, boolean head) {
            NodeView.@Nullable Sample sample = view.sample();
            Thread.ofVirtual()
                    .name("scrape")
                    .start(
                            () ->
                                    answer(
                                            context,
                                            HttpResponseStatus.OK,
                                            PROMETHEUS,
                                            prometheusPage().show(sample),
                                            keepAlive,
                                            head));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("closing the admin connection of {}", context.channel(), cause);
            var _ = context.close();
        }
    }

    private PrometheusPage prometheusPage() {
        PrometheusPage page = prometheus;
        if (page == null) {
            synchronized (this) {
                page = prometheus;
                if (page == null) {
                    page = new PrometheusPage(view);
                    prometheus = page;
                }
            }
        }
        return page;
    }

    /// Any thread.
    private static void answer(
            ChannelHandlerContext context,
            HttpResponseStatus status,
            String type,
            String body,
            boolean keepAlive,
            boolean head) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        status,
                        head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
        HttpUtil.setKeepAlive(response, keepAlive);
        ChannelFuture written = context.writeAndFlush(response);
        if (!keepAlive) {
            var _ = written.addListener(ChannelFutureListener.CLOSE);
        }
    }
}
