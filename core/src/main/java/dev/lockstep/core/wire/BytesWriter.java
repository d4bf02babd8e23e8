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
    private int size;

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

    /// Appends the size of `bytes` as four bytes, then the bytes.
    public BytesWriter putSized(Bytes bytes) {
        return putInt(bytes.size()).put(bytes);
    }

    /// Overwrites the four bytes at `index`, which must have been written.
    public BytesWriter setInt(int index, int value) {
        Objects.checkFromIndexSize(index, Integer.BYTES, size);
        INT.set(array, index, value);
        return this;
    }

    /// How many bytes were written.
    public int size() {
        return size;
    }

    /// Forgets what was written, keeping the memory.
    public void clear() {
        size = 0;
    }

    /// The array that holds the bytes 0 to `size() - 1`; valid until the next write.
    public byte[] array() {
        return array;
    }

    /// A copy of what was written.
    public Bytes toBytes() {
        return Bytes.wrap(Arrays.copyOf(array, size));
    }

    private void require(int more) {
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
