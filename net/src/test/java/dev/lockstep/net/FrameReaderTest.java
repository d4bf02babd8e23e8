package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// However the network cuts a stream of frames, the same frames come out.
class FrameReaderTest {

    private static final ConnectionOptions OPTIONS =
            new ConnectionOptions(200_000, 1 << 20, 1 << 20);

    private final NetworkLoop loop = NetworkLoop.withNio();

    @AfterEach
    void closeLoop() {
        loop.close();
    }

    @Property(tries = 200)
    void framesSurviveAnyCutting(
            @ForAll boolean keeps,
            @ForAll @Size(max = 12) List<@IntRange(max = 5000) Integer> sizes,
            @ForAll long seed) {
        RandomGenerator random = new java.util.Random(seed);
        NetworkLoop mine = NetworkLoop.withNio();
        Recorder recorder = new Recorder(keeps);
        EmbeddedChannel channel = connect(mine, recorder);
        List<String> sent = new ArrayList<>();
        ByteBuf stream = Unpooled.buffer();
        for (int size : sizes) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            int kind = random.nextInt(256);
            int group = random.nextInt(3);
            write(stream, kind, group, content);
            sent.add(kind + "/" + group + "/" + Bytes.wrap(content).crc32c() + "/" + size);
        }
        while (stream.isReadable()) {
            int cut = 1 + random.nextInt(random.nextBoolean() ? 12 : 4000);
            channel.writeInbound(stream.readRetainedSlice(Math.min(cut, stream.readableBytes())));
        }

        assertThat(recorder.frames).isEqualTo(sent);
        mine.close();
    }

    @Test
    void aLengthPastTheBoundClosesTheConnection() {
        Recorder recorder = new Recorder(false);
        EmbeddedChannel channel = connect(loop, recorder);

        channel.writeInbound(Unpooled.buffer().writeIntLE(Integer.MAX_VALUE).writeZero(10));

        assertThat(channel.isOpen()).isFalse();
        assertThat(recorder.closed).isEqualTo(1);
        assertThat(recorder.frames).isEmpty();
    }

    @Test
    void aLengthBelowTheHeaderClosesTheConnection() {
        for (int length : new int[] {-1, 0, 4, Integer.MIN_VALUE}) {
            Recorder recorder = new Recorder(true);
            EmbeddedChannel channel = connect(loop, recorder);

            channel.writeInbound(Unpooled.buffer().writeIntLE(length).writeZero(10));

            assertThat(channel.isOpen()).as("length %d", length).isFalse();
            assertThat(recorder.closed).isEqualTo(1);
        }
    }

    @Test
    void nothingAfterAMalformedFrameIsHandedIn() {
        Recorder recorder = new Recorder(false);
        recorder.malformedKind = 66;
        EmbeddedChannel channel = connect(loop, recorder);
        ByteBuf stream = Unpooled.buffer();
        write(stream, 1, 0, new byte[3]);
        write(stream, 66, 0, new byte[3]);
        write(stream, 2, 0, new byte[3]);

        channel.writeInbound(stream);

        assertThat(recorder.frames).hasSize(1);
        assertThat(channel.isOpen()).isFalse();
    }

    private static EmbeddedChannel connect(NetworkLoop loop, Recorder recorder) {
        EmbeddedChannel channel = new EmbeddedChannel();
        FrameConnection connection = FrameChannel.open(loop, channel, recorder);
        connection.handOver(recorder, OPTIONS);
        return channel;
    }

    private static void write(ByteBuf stream, int kind, int group, byte[] content) {
        stream.writeIntLE(content.length + 5).writeByte(kind).writeIntLE(group);
        stream.writeBytes(content);
    }

    private static final class Recorder implements FrameHandler {

        private final boolean keeps;
        private final List<String> frames = new ArrayList<>();
        private int closed;
        private int malformedKind = -1;

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
            if (kind == malformedKind) {
                throw new MalformedException("kind " + kind);
            }
            if (keeps) {
                assertThat(offset).isZero();
                assertThat(bytes).hasSize(length);
            }
            int crc = Bytes.wrap(bytes, offset, length).crc32c();
            frames.add(kind + "/" + group + "/" + crc + "/" + length);
        }

        @Override
        public void onClosed(FrameConnection connection) {
            closed++;
        }
    }
}
