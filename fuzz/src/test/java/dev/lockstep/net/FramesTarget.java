package dev.lockstep.net;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.fuzz.Target;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// The bytes of one connection: a byte that says how to cut them up, then the bytes. However they
/// are cut, the same frames come out, and the same connections are closed.
public final class FramesTarget implements Target {

    private static final ConnectionOptions OPTIONS =
            new ConnectionOptions(Frames.MAX_HANDSHAKE_BYTES, 1 << 20, 1 << 20);

    /// Never polled while all is well.
    private NetworkLoop loop = NetworkLoop.withNio();

    /// The target, with a loop that its connections share.
    public FramesTarget() {}

    @Override
    public String name() {
        return "frames";
    }

    @Override
    public boolean takes(byte[] input) {
        if (input.length == 0) {
            return false;
        }
        SplittableRandom random = new SplittableRandom(input[0]);
        Recorder whole = new Recorder(false);
        read(input, input.length, random, whole);
        for (boolean keeps : new boolean[] {false, true}) {
            Recorder cut = new Recorder(keeps);
            read(input, 9, random, cut);
            if (!cut.frames.equals(whole.frames) || cut.closed != whole.closed) {
                throw new AssertionError(
                        "whole: %s, closed %d; cut: %s, closed %d"
                                .formatted(whole.frames, whole.closed, cut.frames, cut.closed));
            }
        }
        return whole.closed == 0 && !whole.frames.isEmpty();
    }

    private void read(byte[] input, int most, SplittableRandom random, Recorder recorder) {
        EmbeddedChannel channel = new EmbeddedChannel();
        FrameConnection connection = FrameChannel.open(loop, channel, recorder);
        connection.handOver(recorder, OPTIONS);
        for (int at = 1; at < input.length && channel.isOpen(); ) {
            int size = most == input.length ? most : 1 + random.nextInt(most);
            size = Math.min(size, input.length - at);
            channel.writeInbound(Unpooled.wrappedBuffer(input, at, size));
            at += size;
        }
        if (loop.hasFailed()) {
            throwFailure();
        }
        int closedByReading = recorder.closed;
        var _ = channel.close();
        recorder.closed = closedByReading;
    }

    /// Throws what reading threw: the loop keeps it for whoever polls.
    private void throwFailure() {
        try (NetworkLoop failed = loop) {
            loop = NetworkLoop.withNio();
            failed.poll(0);
        }
    }

    private static final class Recorder implements FrameHandler {

        private final boolean keeps;
        private final List<String> frames = new ArrayList<>();
        private int closed;

        Recorder(boolean keeps) {
            this.keeps = keeps;
        }

        @Override
        public boolean keepsFrames() {
            return keeps;
        }

        @Override
        public void onFrame(
                FrameConnection connection,
                int kind,
                int group,
                byte[] bytes,
                int offset,
                int length) {
            int crc = Bytes.wrap(bytes, offset, length).crc32c();
            frames.add(kind + "/" + group + "/" + length + "/" + crc);
        }

        @Override
        public void onClosed(FrameConnection connection) {
            closed++;
        }
    }

    /// Three channels with their pipelines, and up to a string for every nine bytes.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (512L << 10) + 1024L * inputBytes;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("one", stream(frame(3, 0, new byte[] {1, 2, 3})));
        seeds.put("empty", stream(frame(20, 1, new byte[0])));
        seeds.put("three", stream(frame(16, 0, new byte[16]), frame(17, 7, new byte[70])));
        seeds.put("unfinished", stream(frame(3, 0, new byte[5]), new byte[] {40, 0, 0, 0, 3, 0}));
        return seeds;
    }

    private static byte[] stream(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(1);
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] frame(int kind, int group, byte[] content) {
        var out = Unpooled.buffer(Frames.HEADER_BYTES + content.length);
        out.writeIntLE(content.length + 5).writeByte(kind).writeIntLE(group).writeBytes(content);
        return out.array();
    }
}
