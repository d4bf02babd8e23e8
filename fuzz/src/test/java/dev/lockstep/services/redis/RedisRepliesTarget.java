package dev.lockstep.services.redis;

import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;
import dev.lockstep.services.kv.KvReply;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Replies of the key-value service, as clients of Lockstep decode them and as the Redis port hands
/// them on. The port believes the service, so it gets only what the service could have written.
public final class RedisRepliesTarget implements Target {

    /// The target; it has no state.
    public RedisRepliesTarget() {}

    @Override
    public String name() {
        return "redis-replies";
    }

    @Override
    public boolean takes(byte[] input) {
        KvReply reply;
        try {
            reply = KvReply.decode(input);
        } catch (MalformedException refused) {
            return false;
        }
        if (!Arrays.equals(encoded(reply, false), input) || hasOtherNull(input)) {
            return false;
        }
        if (ServiceReplies.endOf(input, 0) != input.length) {
            throw new AssertionError("ends at " + ServiceReplies.endOf(input, 0));
        }
        require(input, false, input);
        require(input, true, encoded(reply, true));
        return true;
    }

    /// A null array cannot be told from a null string in what was decoded.
    private static boolean hasOtherNull(byte[] input) {
        return new String(input, StandardCharsets.ISO_8859_1).contains("*-1\r\n");
    }

    private static void require(byte[] reply, boolean resp3, byte[] expected) {
        ByteBuf out = Unpooled.buffer();
        ServiceReplies.write(reply, 0, reply.length, resp3, out);
        byte[] written = new byte[out.readableBytes()];
        out.readBytes(written);
        if (!Arrays.equals(written, expected)) {
            throw new AssertionError("resp3 " + resp3 + ": " + Arrays.toString(written));
        }
    }

    private static byte[] encoded(KvReply reply, boolean resp3) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        encode(reply, resp3, out);
        return out.toByteArray();
    }

    private static void encode(KvReply reply, boolean resp3, ByteArrayOutputStream out) {
        switch (reply) {
            case KvReply.Text text -> line(out, "+" + text.text());
            case KvReply.Failure failure -> line(out, "-" + failure.text());
            case KvReply.Number number -> line(out, ":" + number.value());
            case KvReply.Nothing _ -> line(out, resp3 ? "_" : "$-1");
            case KvReply.Value value -> {
                line(out, "$" + value.value().length);
                out.writeBytes(value.value());
                line(out, "");
            }
            case KvReply.Items items -> {
                line(out, "*" + items.items().size());
                items.items().forEach(item -> encode(item, resp3, out));
            }
        }
    }

    private static void line(ByteArrayOutputStream out, String text) {
        out.writeBytes((text + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        List.of("+OK\r\n", "-ERR no such key\r\n", ":-7\r\n", "$-1\r\n", "$2\r\n\r\n\r\n", "*0\r\n")
                .forEach(text -> seeds.put("reply-" + seeds.size(), bytes(text)));
        seeds.put("items", bytes("*3\r\n$1\r\na\r\n$-1\r\n*2\r\n:1\r\n+b\r\n"));
        return seeds;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
