package dev.lockstep.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A growing buffer into which a state machine writes one reply, big-endian.
///
/// Reused from command to command by the replica, so that a reply costs no allocation. Not
/// thread-safe.
public final class ReplyBuffer {

    private static final int INITIAL_BYTES = 256;

    private final int limitBytes;
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int size;

    /// A buffer that refuses to grow past `limitBytes`.
    public ReplyBuffer(int limitBytes) {
        if (limitBytes < 1) {
            throw new IllegalArgumentException("limitBytes must be positive: " + limitBytes);
        }
        this.limitBytes = limitBytes;
    }

    /// Appends one byte, the low eight bits of `value`.
    public ReplyBuffer putByte(int value) {
        require(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /// Appends four bytes, big-endian.
    public ReplyBuffer putInt(int value) {
        require(4);
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
        return this;
    }

    /// Appends eight bytes, big-endian.
    public ReplyBuffer putLong(long value) {
        require(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
        return this;
    }

    /// Appends a `double` as [Double#doubleToLongBits] has it.
    public ReplyBuffer putDouble(double value) {
        return putLong(Double.doubleToLongBits(value));
    }

    /// Appends all of `source`.
    public ReplyBuffer put(byte[] source) {
        return put(source, 0, source.length);
    }

    /// Appends `length` bytes of `source` from `offset`.
    public ReplyBuffer put(byte[] source, int offset, int length) {
        require(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    /// Appends what remains in `source`, whose position does not move.
    public ReplyBuffer put(ByteBuffer source) {
        int length = source.remaining();
        require(length);
        source.get(source.position(), bytes, size, length);
        size += length;
        return this;
    }

    /// Appends `text` in UTF-8, without a length.
    public ReplyBuffer putUtf8(String text) {
        return put(text.getBytes(StandardCharsets.UTF_8));
    }

    /// How many bytes were written.
    public int size() {
        return size;
    }

    /// Forgets what was written.
    public void clear() {
        size = 0;
    }

    /// The array that holds the bytes 0 to `size() - 1`; valid until the next write.
    public byte[] array() {
        return bytes;
    }

    /// A copy of what was written.
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    private void require(int more) {
        if (more > limitBytes - size) {
            throw new ReplyTooLargeException((long) size + more, limitBytes);
        }
        if (size + more > bytes.length) {
            int doubled = (int) Math.min(limitBytes, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, Math.max(size + more, doubled));
        }
    }
}
