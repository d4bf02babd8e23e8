package dev.lockstep.net;

import dev.lockstep.core.wire.MalformedException;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Cuts the bytes of one connection into frames.
///
/// Bytes are copied once from the socket's buffer: into the loop's scratch memory, where frames are
/// parsed in place, or, for a handler that keeps them, each into an array of its own. Only the
/// unfinished end of what was read is kept. In place, memory for a frame that is still coming in
/// grows with what has come, so that a length that is only claimed costs nothing.
final class FrameReader implements UnfinishedFrames.Holder {

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int AFTER_LENGTH_BYTES = Frames.HEADER_BYTES - Frames.LENGTH_BYTES;
    private static final byte[] NOTHING = new byte[0];

    private final FrameConnection connection;
    private final NetworkLoop loop;

    /// The beginning of an unfinished frame: the first `keptSize` bytes.
    private byte[] kept = NOTHING;

    private int keptSize;

    /// The content of an unfinished frame for a handler that keeps frames: the first `ownSize`
    /// bytes. Null if there is none; then `kind` and `group` mean nothing.
    private byte @Nullable [] own;

    private int ownSize;
    private int kind;
    private int group;

    FrameReader(FrameConnection connection, NetworkLoop loop) {
        this.connection = connection;
        this.loop = loop;
    }

    /// Takes all of `in`. Whatever a handler throws reaches the loop's owner.
    void onBytes(ByteBuf in) {
        try {
            while (in.isReadable() && !connection.isClosed() && !loop.hasFailed()) {
                if (own != null) {
                    fillOwn(own, in);
                } else if (keptSize > 0) {
                    completeKept(in);
                } else if (connection.handler().keepsFrames()
                        && in.readableBytes() >= Frames.HEADER_BYTES) {
                    beginOwn(in.readIntLE(), in.readUnsignedByte(), in.readIntLE());
                } else {
                    parseInPlace(in);
                }
            }
        } catch (MalformedException malformed) {
            connection.onMalformed(String.valueOf(malformed.getMessage()));
        } catch (Throwable thrown) {
            loop.fail(thrown);
        }
    }

    void release() {
        keptSize = 0;
        own = null;
        keep(NOTHING);
    }

    @Override
    public int keptBytes() {
        return kept.length;
    }

    @Override
    public void giveUp(String why) {
        release();
        connection.onMalformed(why);
    }

    /// May end this connection, if too much is kept on the whole.
    private void keep(byte[] bytes) {
        int before = kept.length;
        kept = bytes;
        loop.unfinishedFrames().changed(this, before);
    }

    /// No frame is under way: delivers all whole frames in `in`, keeps the rest.
    private void parseInPlace(ByteBuf in) {
        int size = in.readableBytes();
        byte[] bytes = loop.scratch(size);
        in.readBytes(bytes, 0, size);
        int from = 0;
        while (size - from >= Frames.HEADER_BYTES) {
            int length = checked((int) INT.get(bytes, from));
            if (length > size - from - Frames.LENGTH_BYTES) {
                break;
            }
            deliver(bytes, from, length);
            from += Frames.LENGTH_BYTES + length;
            if (connection.isClosed() || loop.hasFailed()) {
                return;
            }
        }
        keptSize = size - from;
        if (keptSize > 0) {
            keep(Arrays.copyOfRange(bytes, from, size));
        }
    }

    /// A frame is under way: takes from `in` what it lacks, delivers it if it is whole.
    private void completeKept(ByteBuf in) {
        take(in, Frames.HEADER_BYTES);
        if (keptSize < Frames.HEADER_BYTES) {
            return;
        }
        int length = checked((int) INT.get(kept, 0));
        if (keptSize == Frames.HEADER_BYTES && connection.handler().keepsFrames()) {
            byte[] header = kept;
            keptSize = 0;
            beginOwn(length, header[4] & 0xff, (int) INT.get(header, 5));
            return;
        }
        int whole = Frames.LENGTH_BYTES + length;
        take(in, whole);
        if (keptSize == whole) {
            byte[] frame = kept;
            release();
            deliver(frame, 0, length);
        }
    }

    /// Moves bytes from `in` until `size` are kept or there are no more.
    private void take(ByteBuf in, int size) {
        int more = Math.min(size - keptSize, in.readableBytes());
        if (more <= 0) {
            return;
        }
        int needed = keptSize + more;
        if (needed > kept.length) {
            keep(Arrays.copyOf(kept, (int) Math.min(size, 2L * needed)));
            if (connection.isClosed()) {
                return;
            }
        }
        in.readBytes(kept, keptSize, more);
        keptSize = needed;
    }

    private void beginOwn(int length, int frameKind, int frameGroup) {
        kind = frameKind;
        group = frameGroup;
        ownSize = 0;
        byte[] content = new byte[checked(length) - AFTER_LENGTH_BYTES];
        if (content.length == 0) {
            connection.handler().onFrame(connection, kind, group, content, 0, 0);
        } else {
            own = content;
        }
    }

    private void fillOwn(byte[] content, ByteBuf in) {
        int more = Math.min(content.length - ownSize, in.readableBytes());
        in.readBytes(content, ownSize, more);
        ownSize += more;
        if (ownSize == content.length) {
            own = null;
            connection.handler().onFrame(connection, kind, group, content, 0, content.length);
        }
    }

    /// The length itself, if a frame may have it.
    private int checked(int length) {
        int content = length - AFTER_LENGTH_BYTES;
        if (length < AFTER_LENGTH_BYTES || content > connection.options().contentBytes()) {
            throw new MalformedException(
                    "a frame claims "
                            + Integer.toUnsignedString(length)
                            + " bytes, at most "
                            + (connection.options().contentBytes() + AFTER_LENGTH_BYTES)
                            + " are allowed");
        }
        return length;
    }

    private void deliver(byte[] bytes, int from, int length) {
        int frameKind = bytes[from + Frames.LENGTH_BYTES] & 0xff;
        int frameGroup = (int) INT.get(bytes, from + Frames.LENGTH_BYTES + 1);
        int offset = from + Frames.HEADER_BYTES;
        int size = length - AFTER_LENGTH_BYTES;
        FrameHandler handler = connection.handler();
        if (handler.keepsFrames()) {
            byte[] copy = Arrays.copyOfRange(bytes, offset, offset + size);
            handler.onFrame(connection, frameKind, frameGroup, copy, 0, size);
        } else {
            handler.onFrame(connection, frameKind, frameGroup, bytes, offset, size);
        }
    }
}
