package dev.lockstep.services.redis;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes the port's own replies in the protocol version of a connection. Reused from reply to
/// reply.
final class RespOut {

    private ByteBuf out = Unpooled.EMPTY_BUFFER;
    private boolean resp3;

    RespOut reset(ByteBuf target, boolean isResp3) {
        out = target;
        resp3 = isResp3;
        return this;
    }

    ByteBuf buffer() {
        return out;
    }

    boolean isResp3() {
        return resp3;
    }

    RespOut ok() {
        return simple("OK");
    }

    RespOut simple(String text) {
        return line('+', text);
    }

    /// An error with the code before it; line ends in it become spaces, as in Redis.
    RespOut error(String text) {
        return line('-', text.replace('\r', ' ').replace('\n', ' '));
    }

    RespOut integer(long value) {
        return line(':', Long.toString(value));
    }

    RespOut bulk(@Nullable String text) {
        return text == null ? nothing() : bulk(text.getBytes(StandardCharsets.UTF_8));
    }

    RespOut bulk(byte[] bytes) {
        return bulk(bytes, 0, bytes.length);
    }

    RespOut bulk(byte[] array, int offset, int length) {
        line('$', Integer.toString(length));
        out.writeBytes(array, offset, length);
        out.writeShort('\r' << 8 | '\n');
        return this;
    }

    /// Text for people, which RESP3 tells apart from values.
    RespOut verbatim(String text) {
        if (!resp3) {
            return bulk(text);
        }
        byte[] bytes = ("txt:" + text).getBytes(StandardCharsets.UTF_8);
        line('=', Integer.toString(bytes.length));
        out.writeBytes(bytes);
        out.writeShort('\r' << 8 | '\n');
        return this;
    }

    RespOut nothing() {
        return line(resp3 ? '_' : '$', resp3 ? "" : "-1");
    }

    RespOut nothingArray() {
        return line(resp3 ? '_' : '*', resp3 ? "" : "-1");
    }

    RespOut array(int items) {
        return line('*', Integer.toString(items));
    }

    RespOut set(int items) {
        return line(resp3 ? '~' : '*', Integer.toString(items));
    }

    RespOut map(int pairs) {
        return resp3 ? line('%', Integer.toString(pairs)) : array(2 * pairs);
    }

    RespOut bulks(List<String> texts) {
        array(texts.size());
        texts.forEach(this::bulk);
        return this;
    }

    RespOut simples(List<String> texts) {
        array(texts.size());
        texts.forEach(this::simple);
        return this;
    }

    /// Something that is RESP already.
    RespOut raw(byte[] reply, int offset, int length) {
        out.writeBytes(reply, offset, length);
        return this;
    }

    /// A reply of the service.
    RespOut service(byte[] reply, int offset, int length) {
        ServiceReplies.write(reply, offset, length, resp3, out);
        return this;
    }

    private RespOut line(int type, String text) {
        out.writeByte(type);
        out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        out.writeShort('\r' << 8 | '\n');
        return this;
    }
}
