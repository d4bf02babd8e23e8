package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The batch that admission is filling: one array, into which every request's bytes are copied
/// once and which becomes the batch's payload as it is.
///
/// | field | bytes |
/// |---|---|
/// | kind ([RequestKind]) | u8 |
/// | size of the body | u32 |
/// | session | u64 |
/// | sequence | u64 |
/// | acknowledged | u64 |
/// | body | |
final class OpenBatch {

    /// What stands before a request's body.
    static final int HEADER_BYTES = 1 + 4 + 3 * 8;

    private static final int SMALLEST_BYTES = 512;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] array = new byte[SMALLEST_BYTES];
    private int size;
    private int requests;

    /// How many bytes the payload has by now.
    int size() {
        return size;
    }

    /// How many requests are in it by now.
    int requests() {
        return requests;
    }

    boolean isEmpty() {
        return requests == 0;
    }

    void add(
            int kind,
            long session,
            long sequence,
            long acknowledged,
            byte[] body,
            int offset,
            int length) {
        int start = size;
        int end = start + HEADER_BYTES + length;
        if (end > array.length) {
            array = Arrays.copyOf(array, Math.max(end, 2 * array.length));
        }
        array[start] = (byte) kind;
        INT.set(array, start + 1, length);
        LONG.set(array, start + 5, session);
        LONG.set(array, start + 13, sequence);
        LONG.set(array, start + 21, acknowledged);
        System.arraycopy(body, offset, array, start + HEADER_BYTES, length);
        size = end;
        requests++;
    }

    /// The payload; the next batch begins in memory of its own, as large as this one turned out.
    Bytes take() {
        Bytes payload = Bytes.wrap(array, 0, size);
        array = new byte[Math.max(SMALLEST_BYTES, size + size / 8)];
        size = 0;
        requests = 0;
        return payload;
    }
}
