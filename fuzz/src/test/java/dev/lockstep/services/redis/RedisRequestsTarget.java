package dev.lockstep.services.redis;

import dev.lockstep.fuzz.Target;

import io.netty.buffer.Unpooled;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// What a Redis client sends: a byte that says how to cut it up, then the bytes. However they are
/// cut, the same requests come of them.
public final class RedisRequestsTarget implements Target {

    private static final int MAX_REQUEST_BYTES = 1_000;

    /// Room for a request with its headers, a line, and growth.
    private static final int MOST_HELD_BYTES = 2 * (RequestReader.MOST_LINE_BYTES + (64 << 10));

    private final RequestReader.Scratch scratch = new RequestReader.Scratch(Long.MAX_VALUE);

    /// The target; its memory is a port's, which its connections share.
    public RedisRequestsTarget() {}

    @Override
    public String name() {
        return "redis-requests";
    }

    @Override
    public boolean takes(byte[] input) {
        if (input.length == 0) {
            return false;
        }
        List<String> whole = read(input, input.length);
        List<String> cut = read(input, 9);
        if (!cut.equals(whole)) {
            throw new AssertionError("whole: " + whole + ", cut: " + cut);
        }
        return !whole.isEmpty() && !whole.getLast().startsWith("error");
    }

    private List<String> read(byte[] input, int most) {
        RequestReader reader = new RequestReader(scratch, MAX_REQUEST_BYTES);
        SplittableRandom random = new SplittableRandom(input[0]);
        List<String> found = new ArrayList<>();
        try {
            for (int at = 1; at < input.length; ) {
                int size = most == input.length ? most : 1 + random.nextInt(most);
                size = Math.min(size, input.length - at);
                reader.take(Unpooled.wrappedBuffer(input, at, size));
                readAll(reader, found);
                reader.keep();
                if (reader.heldBytes() > MOST_HELD_BYTES) {
                    throw new AssertionError("a connection holds " + reader.heldBytes());
                }
                at += size;
            }
        } catch (ProtocolError error) {
            found.add("error: " + error.words());
        }
        reader.release();
        if (scratch.heldBytes() != 0) {
            throw new AssertionError("a connection that ended holds " + scratch.heldBytes());
        }
        return found;
    }

    private static void readAll(RequestReader reader, List<String> found) throws ProtocolError {
        for (RequestReader.Event event = reader.next();
                event != RequestReader.Event.MORE;
                event = reader.next()) {
            if (event == RequestReader.Event.TOO_LARGE) {
                found.add("too large: " + reader.refusedBytes() + "/" + reader.refusedWords());
            } else {
                found.add(text(reader.words()));
                reader.consume();
            }
        }
    }

    private static String text(Words words) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < words.count(); i++) {
            texts.add(words.text(i));
        }
        return texts.toString();
    }

    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (512L << 10) + 1024L * inputBytes;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("array", bytes("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"));
        seeds.put(
                "pipeline", bytes("*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"));
        seeds.put("inline", bytes("SET k \"a\\x41\\n\" 'b\\'c'\r\nPING\n"));
        seeds.put("nothing", bytes("\r\n*0\r\n*-1\r\nPING\r\n"));
        seeds.put("too-large", bytes("*2\r\n$1\r\na\r\n$1001\r\n" + "b".repeat(1001) + "\r\n"));
        seeds.put("too-many", bytes("PING\r\n*1048577\r\n$1\r\na\r\n"));
        return seeds;
    }

    private static byte[] bytes(String text) {
        return ("\1" + text).getBytes(StandardCharsets.ISO_8859_1);
    }
}
