package dev.lockstep.core.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/// A growing little-endian buffer that codecs write to. Reusable; not thread-safe.
public final class BytesWriter {

    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] array;

    /// How many bytes of `array` are written: everything but the tail.
    private int size;

    /// The last bytes written, kept by reference until more is written; empty if there are none.
    private Bytes tail = Bytes.EMPTY;

    /// A writer with room for `capacityBytes` before it grows.
    public BytesWriter(int capacityBytes) {
        this.array = new byte[Math.max(16, capacityBytes)];
    }

    /// Appends the low eight bits of `value`.
    public BytesWriter putByte(int value) {
        require(1);
        array[size++] = (byte) value;
        return this;
    }

    /// Appends the low sixteen bits of `value`.
    public BytesWriter putShort(int value) {
        require(Short.BYTES);
        SHORT.set(array, size, (short) value);
        size += Short.BYTES;
        return this;
    }

    /// Appends four bytes.
    public BytesWriter putInt(int value) {
        require(Integer.BYTES);
        INT.set(array, size, value);
        size += Integer.BYTES;
        return this;
    }

    /// Appends eight bytes.
    public BytesWriter putLong(long value) {
        require(Long.BYTES);
        LONG.set(array, size, value);
        size += Long.BYTES;
        return this;
    }

    /// Appends all of `bytes`, without a length.
    public BytesWriter put(Bytes bytes) {
        return put(bytes.backingArray(), bytes.backingOffset(), bytes.size());
    }

    /// Appends a part of `source`, without a length.
    public BytesWriter put(byte[] source, int offset, int length) {
        require(length);
        System.arraycopy(source, offset, array, size, length);
        size += length;
        return this;
    }

    /// Appends all of `bytes`, without a length, and keeps them by reference while nothing follows,
    /// so that [#head()] and [#tail()] can be handed on without copying a payload. What is written
    /// is the same as with [#put(Bytes)].
    public BytesWriter putShared(Bytes bytes) {
        require(0);
        tail = bytes;
        return this;
    }

    /// Appends the size of `bytes` as four bytes, then the bytes.
    public BytesWriter putSized(Bytes bytes) {
        return putInt(bytes.size()).put(bytes);
    }

    /// Overwrites the four bytes at `index`, which must have been written.
    public BytesWriter setInt(int index, int value) {
        require(0);
        Objects.checkFromIndexSize(index, Integer.BYTES, size);
        INT.set(array, index, value);
        return this;
    }

    /// How many bytes were written.
    public int size() {
        return size + tail.size();
    }

    /// Forgets what was written, keeping the memory.
    public void clear() {
        size = 0;
        tail = Bytes.EMPTY;
    }

    /// The array that holds the bytes 0 to `size() - 1`; valid until the next write.
    public byte[] array() {
        require(0);
        return array;
    }

    /// Everything written before [#tail()], in the writer's own memory: valid until the next write
    /// or [#clear()].
    public Bytes head() {
        return Bytes.wrap(array, 0, size);
    }

    /// The bytes of a [#putShared] after which nothing was written; empty otherwise.
    public Bytes tail() {
        return tail;
    }

    /// A copy of what was written.
    public Bytes toBytes() {
        require(0);
        return Bytes.wrap(Arrays.copyOf(array, size));
    }

    /// Makes room for `more` bytes after everything written so far.
    private void require(int more) {
        Bytes shared = tail;
        if (!shared.isEmpty()) {
            tail = Bytes.EMPTY;
            put(shared);
        }
        int needed = Math.addExact(size, more);
        if (needed > array.length) {
            array =
                    Arrays.copyOf(
                            array,
                            (int)
                                    Math.min(
                                            Integer.MAX_VALUE - 8,
                                            Math.max(needed, 2L * array.length)));
        }
    }
}
