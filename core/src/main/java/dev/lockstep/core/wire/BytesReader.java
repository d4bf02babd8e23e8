package dev.lockstep.core.wire;

/// Reads little-endian values from [Bytes] in turn and believes nothing: reading past the end is a
/// [MalformedException], never another exception.
public final class BytesReader {

    private final Bytes bytes;
    private int position;

    /// A reader at the start of `bytes`.
    public BytesReader(Bytes bytes) {
        this.bytes = bytes;
    }

    /// The next byte, 0 to 255.
    public int getByte() {
        return bytes.getByte(advance(1)) & 0xff;
    }

    /// The next two bytes, 0 to 65,535.
    public int getShort() {
        int low = getByte();
        return low | getByte() << 8;
    }

    /// The next four bytes.
    public int getInt() {
        return bytes.getInt(advance(Integer.BYTES));
    }

    /// The next eight bytes.
    public long getLong() {
        return bytes.getLong(advance(Long.BYTES));
    }

    /// The next eight bytes, refused if negative; `what` names the field in the message.
    public long getNonNegativeLong(String what) {
        long value = getLong();
        if (value < 0) {
            throw new MalformedException(what + " is negative: " + value);
        }
        return value;
    }

    /// Four bytes of count, refused outside 0 to `most`; `what` names the field in the message.
    /// Each of the things counted takes `leastBytesEach`, so that a count no message could hold is
    /// refused before anything is allocated for it.
    public int getCount(int most, int leastBytesEach, String what) {
        int count = getInt();
        if (count < 0 || count > most || (long) count * leastBytesEach > remaining()) {
            throw new MalformedException(what + " out of range: " + count);
        }
        return count;
    }

    /// Four bytes of size, then that many bytes, sharing memory; sizes over `mostBytes` are
    /// refused.
    public Bytes getSized(int mostBytes, String what) {
        int size = getInt();
        if (size < 0 || size > mostBytes) {
            throw new MalformedException(
                    what + " has " + size + " bytes, at most " + mostBytes + " are allowed");
        }
        return getBytes(size);
    }

    /// The next `size` bytes, sharing memory.
    public Bytes getBytes(int size) {
        return bytes.slice(advance(size), size);
    }

    /// How many bytes are left.
    public int remaining() {
        return bytes.size() - position;
    }

    /// Refuses bytes that are left over.
    public void requireEnd() {
        if (remaining() != 0) {
            throw new MalformedException(remaining() + " bytes too many");
        }
    }

    private int advance(int size) {
        if (size < 0 || size > remaining()) {
            throw new MalformedException(
                    "ends after "
                            + bytes.size()
                            + " bytes, "
                            + size
                            + " more expected at "
                            + position);
        }
        int at = position;
        position += size;
        return at;
    }
}
