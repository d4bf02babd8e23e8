package dev.lockstep.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The answer to a command or query.
public final class Reply {

    private final byte[] bytes;
    private final long position;

    /// @param bytes what the state machine wrote, given away
    /// @param position where in the total order the command was executed, or the state that was
    /// read
    public Reply(byte[] bytes, long position) {
        this.bytes = bytes;
        this.position = position;
    }

    /// What the state machine wrote; the receiver owns the array.
    public byte[] bytes() {
        return bytes;
    }

    /// The same bytes, big-endian, from the first on.
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes);
    }

    /// The same bytes as UTF-8 text.
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// Where in the total order the command was executed, or the state that was read.
    public long position() {
        return position;
    }

    @Override
    public String toString() {
        return bytes.length + " bytes at position " + position;
    }
}
