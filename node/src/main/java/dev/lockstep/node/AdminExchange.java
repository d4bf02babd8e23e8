package dev.lockstep.node;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// One question of an operator that is answered once, now or later.
///
/// Threading: any thread.
final class AdminExchange {

    static final String JSON = "application/json";
    static final String TEXT = "text/plain; charset=utf-8";
    static final String BYTES = "application/octet-stream";

    private final ChannelHandlerContext context;
    private final boolean keepAlive;

    /// True if only the headers are wanted.
    private final boolean head;

    AdminExchange(ChannelHandlerContext context, boolean keepAlive, boolean head) {
        this.context = context;
        this.keepAlive = keepAlive;
        this.head = head;
    }

    /// The number that a question's parameter gives; empty if it gives none that is not negative.
    static OptionalLong number(Map<String, List<String>> parameters, String name) {
        try {
            long value = Long.parseLong(parameters.getOrDefault(name, List.of("")).getFirst());
            return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }

    void answer(HttpResponseStatus status, String type, String body) {
        answer(status, type, body.getBytes(StandardCharsets.UTF_8), () -> {});
    }

    /// @param whenGone called when the answer is given to the kernel, or the connection has ended
    void answer(HttpResponseStatus status, String type, byte[] body, Runnable whenGone) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        status,
                        head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
        HttpUtil.setKeepAlive(response, keepAlive);
        ChannelFuture written = context.writeAndFlush(response);
        var _ = written.addListener(_ -> whenGone.run());
        if (!keepAlive) {
            var _ = written.addListener(ChannelFutureListener.CLOSE);
        }
    }
}
