package dev.lockstep.core.wire;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.zip.CRC32C;

/// An immutable slice of a byte array, by agreement: whoever wraps an array gives it away.
///
/// Slices share the array, so that the bytes of a batch are one object from the socket to the
/// journal, the followers and the state machine. Multi-byte values are little-endian.
public final class Bytes {

    /// No bytes.
    public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] array;
    private final int offset;
    private final int size;

    private Bytes(byte[] array, int offset, int size) {
        this.array = array;
        this.offset = offset;
        this.size = size;
    }

    /// The whole of `array`, which the caller must not write to any more.
    public static Bytes wrap(byte[] array) {
        return array.length == 0 ? EMPTY : new Bytes(array, 0, array.length);
    }

    /// A part of `array`, which the caller must not write to any more.
    public static Bytes wrap(byte[] array, int offset, int size) {
        Objects.checkFromIndexSize(offset, size, array.length);
        return size == 0 ? EMPTY : new Bytes(array, offset, size);
    }

    /// A copy of what remains in `source`, whose position does not move.
    public static Bytes copyOf(ByteBuffer source) {
        byte[] copy = new byte[source.remaining()];
        source.get(source.position(), copy);
        return wrap(copy);
    }

    /// How many bytes there are.
    public int size() {
        return size;
    }

    /// True if there are none.
    public boolean isEmpty() {
        return size == 0;
    }

    /// The byte at `index`.
    public byte getByte(int index) {
        Objects.checkIndex(index, size);
        return array[offset + index];
    }

    /// The four bytes from `index`, little-endian.
    public int getInt(int index) {
        Objects.checkFromIndexSize(index, Integer.BYTES, size);
        return (int) INT.get(array, offset + index);
    }

    /// The eight bytes from `index`, little-endian.
    public long getLong(int index) {
        Objects.checkFromIndexSize(index, Long.BYTES, size);
        return (long) LONG.get(array, offset + index);
    }

    /// `length` bytes from `index`, sharing the array.
    public Bytes slice(int index, int length) {
        Objects.checkFromIndexSize(index, length, size);
        return length == 0 ? EMPTY : new Bytes(array, offset + index, length);
    }

    /// Copies all bytes to `target` from `targetOffset` on.
    public void copyTo(byte[] target, int targetOffset) {
        System.arraycopy(array, offset, target, targetOffset, size);
    }

    /// Puts all bytes into `target`, moving its position.
    public void putInto(ByteBuffer target) {
        target.put(array, offset, size);
    }

    /// A big-endian view for a state machine. Not read-only, because such views are several times
    /// slower; who gets it has promised not to write.
    public ByteBuffer asByteBuffer() {
        return ByteBuffer.wrap(array, offset, size);
    }

    /// The backing array, for adapters that hand it on without a copy; not to be written to.
    public byte[] backingArray() {
        return array;
    }

    /// Where the bytes begin in [#backingArray()].
    public int backingOffset() {
        return offset;
    }

    /// A copy of the bytes.
    public byte[] toByteArray() {
        return Arrays.copyOfRange(array, offset, offset + size);
    }

    /// The CRC32C (Castagnoli) of the bytes, computed at each call.
    public int crc32c() {
        CRC32C crc = new CRC32C();
        crc.update(array, offset, size);
        return (int) crc.getValue();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that
                && Arrays.equals(
                        array,
                        offset,
                        offset + size,
                        that.array,
                        that.offset,
                        that.offset + that.size);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + size; i++) {
            hash = 31 * hash + array[i];
        }
        return hash;
    }

    /// The first bytes in hexadecimal and the size, for people.
    @Override
    public String toString() {
        int shown = Math.min(size, 16);
        String hex = HexFormat.of().formatHex(array, offset, offset + shown);
        return size + " bytes [" + hex + (shown < size ? "…]" : "]");
    }
}
