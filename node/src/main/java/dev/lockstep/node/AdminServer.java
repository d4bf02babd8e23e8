package dev.lockstep.node;

import dev.lockstep.net.NetworkLoop;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.ReadTimeoutHandler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/// The port for operators: `/health`, `/metrics`, `/status`, `/order`, `/evidence`, `/members`,
/// `/digest`,
/// `/chain` and what backups are made of, over HTTP; and `/member` and `/switch`, which change the
/// cluster.
///
/// Threading: the loop's thread; the metrics' page is written on another.
final class AdminServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int MAX_REQUEST_BYTES = 16 << 10;
    private static final int IDLE_SECONDS = 60;
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final AdminPages pages;
    private final BackupPages backup;
    private final DigestPages digests;
    private final MemberPages members;
    private final NodeView view;

    /// Made at the first scrape, because it takes a while and many nodes are never scraped.
    private volatile @Nullable PrometheusPage prometheus;

    private @Nullable Channel channel;

    AdminServer(NodeView view) {
        this.view = view;
        this.pages = new AdminPages(view);
        this.backup = new BackupPages(view);
        this.digests = new DigestPages(view);
        this.members = new MemberPages(view);
    }

    /// Listens; one of the two consumers is called within a later poll.
    void bind(
            NetworkLoop loop,
            InetSocketAddress address,
            IntConsumer whenListening,
            Consumer<Throwable> whenFailed) {
        bind(
                loop,
                address,
                Handler::new,
                bound -> {
                    channel = bound;
                    whenListening.accept(portOf(bound));
                },
                whenFailed);
    }

    static int portOf(Channel bound) {
        return ((InetSocketAddress) bound.localAddress()).getPort();
    }

    /// Listens for HTTP; one of the two consumers is called within a later poll.
    ///
    /// @param handler made for each connection
    static void bind(
            NetworkLoop loop,
            InetSocketAddress address,
            Supplier<ChannelHandler> handler,
            Consumer<Channel> whenListening,
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
                                                .addLast(handler.get());
                                    }
                                })
                        .bind(address);
        bound.addListener(
                future -> {
                    Throwable cause = future.cause();
                    if (cause == null) {
                        whenListening.accept(bound.channel());
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
                new AdminExchange(context, false, false)
                        .answer(HttpResponseStatus.BAD_REQUEST, AdminExchange.TEXT, "not HTTP\n");
                return;
            }
            AdminExchange exchange = new AdminExchange(context, keepAlive, head);
            QueryStringDecoder uri = new QueryStringDecoder(request.uri());
            boolean isPost = request.method().equals(HttpMethod.POST);
            if (isPost && request.headers().contains(HttpHeaderNames.ORIGIN)) {
                // A page that somebody looks at must not change the cluster.
                exchange.answer(
                        HttpResponseStatus.FORBIDDEN, AdminExchange.TEXT, "not from a browser\n");
            } else if (isPost && uri.path().equals(BackupPages.PATH)) {
                backup.begin(exchange);
            } else if (isPost && uri.path().equals(MemberPages.CHANGE_PATH)) {
                members.change(exchange, uri.parameters());
            } else if (isPost && uri.path().equals(MemberPages.WISH_PATH)) {
                members.wish(exchange, uri.parameters());
            } else if (isPost && uri.path().equals(MemberPages.SWITCH_PATH)) {
                members.switchOrder(exchange, uri.parameters());
            } else if (!head && !request.method().equals(HttpMethod.GET)) {
                exchange.answer(
                        HttpResponseStatus.METHOD_NOT_ALLOWED,
                        AdminExchange.TEXT,
                        "only GET, and POST to /backup, /member and /switch\n");
            } else {
                show(exchange, uri);
            }
        }

        private void show(AdminExchange exchange, QueryStringDecoder uri) {
            switch (uri.path()) {
                case "/health" ->
                        exchange.answer(
                                pages.isServing()
                                        ? HttpResponseStatus.OK
                                        : HttpResponseStatus.SERVICE_UNAVAILABLE,
                                AdminExchange.JSON,
                                pages.health());
                case "/status" ->
                        exchange.answer(HttpResponseStatus.OK, AdminExchange.JSON, pages.status());
                case "/evidence" ->
                        exchange.answer(
                                HttpResponseStatus.OK, AdminExchange.JSON, pages.evidence());
                case "/order" ->
                        exchange.answer(HttpResponseStatus.OK, AdminExchange.JSON, pages.order());
                case MemberPages.PATH -> members.show(exchange);
                case MemberPages.CHANGE_PATH, MemberPages.SWITCH_PATH, MemberPages.WISH_PATH ->
                        exchange.answer(
                                HttpResponseStatus.METHOD_NOT_ALLOWED,
                                AdminExchange.TEXT,
                                "that changes the cluster: only POST\n");
                case DigestPages.CHAIN_PATH -> digests.chain(exchange);
                case DigestPages.COMMANDS_PATH -> commands(exchange, uri);
                case "/digest" -> digest(exchange, uri);
                case "/metrics" -> scrape(exchange);
                case BackupPages.PATH -> backup.describe(exchange);
                case BackupPages.SNAPSHOT_PATH -> backup.chunk(exchange, uri.parameters());
                case BackupPages.HISTORY_PATH -> backup.history(exchange, uri.parameters());
                default ->
                        exchange.answer(
                                HttpResponseStatus.NOT_FOUND,
                                AdminExchange.TEXT,
                                "there are /health, /metrics, /status, /order, /evidence, /members,"
                                        + " /member, /switch, /digest, /chain, /commands and"
                                        + " /backup\n");
            }
        }

        private void commands(AdminExchange exchange, QueryStringDecoder uri) {
            OptionalLong position = AdminExchange.number(uri.parameters(), "at");
            if (position.isPresent()) {
                digests.commands(exchange, position.getAsLong());
            } else {
                exchange.answer(
                        HttpResponseStatus.BAD_REQUEST,
                        AdminExchange.TEXT,
                        "name a position: at=…\n");
            }
        }

        private void digest(AdminExchange exchange, QueryStringDecoder uri) {
            OptionalLong position = AdminExchange.number(uri.parameters(), "at");
            if (position.isPresent()) {
                digests.digest(exchange, position.getAsLong());
            } else if (uri.parameters().containsKey("at")) {
                exchange.answer(
                        HttpResponseStatus.BAD_REQUEST,
                        AdminExchange.TEXT,
                        "name a position: at=…\n");
            } else {
                exchange.answer(
                        view.status() == null
                                ? HttpResponseStatus.SERVICE_UNAVAILABLE
                                : HttpResponseStatus.OK,
                        AdminExchange.JSON,
                        pages.digest());
            }
        }

        private void scrape(AdminExchange exchange) {
            NodeView.@Nullable Sample sample = view.sample();
            Thread.ofVirtual()
                    .name("scrape")
                    .start(
                            () ->
                                    exchange.answer(
                                            HttpResponseStatus.OK,
                                            PROMETHEUS,
                                            prometheusPage().show(sample)));
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
}
