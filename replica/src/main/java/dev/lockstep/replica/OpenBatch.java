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
/// | if the kind has [RequestKind#SIGNED]: the client u32, size of the proof u16, proof | |
final class OpenBatch {

    /// What stands before a request's body.
    static final int HEADER_BYTES = 1 + 4 + 3 * 8;

    /// What stands between the body of a signed request and its proof.
    static final int TRAILER_BYTES = 4 + 2;

    private static final int SMALLEST_BYTES = 512;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
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

    /// How many bytes a request takes.
    static int sizeOf(int bodyBytes, Asker asker) {
        return HEADER_BYTES
                + bodyBytes
                + (asker.hasSigned() ? TRAILER_BYTES + asker.proof().size() : 0);
    }

    /// One request as it stands in a batch.
    static byte[] record(
            int kind,
            Asker asker,
            long session,
            long sequence,
            long acknowledged,
            byte[] body,
            int offset,
            int length) {
        byte[] record = new byte[sizeOf(length, asker)];
        boolean isSigned = asker.hasSigned();
        record[0] = (byte) (isSigned ? kind | RequestKind.SIGNED : kind);
        INT.set(record, 1, length);
        LONG.set(record, 5, session);
        LONG.set(record, 13, sequence);
        LONG.set(record, 21, acknowledged);
        System.arraycopy(body, offset, record, HEADER_BYTES, length);
        if (isSigned) {
            Bytes proof = asker.proof();
            int trailer = HEADER_BYTES + length;
            INT.set(record, trailer, asker.client());
            SHORT.set(record, trailer + 4, (short) proof.size());
            System.arraycopy(
                    proof.backingArray(),
                    proof.backingOffset(),
                    record,
                    trailer + TRAILER_BYTES,
                    proof.size());
        }
        return record;
    }

    /// Adds what [#record] made.
    void add(byte[] record) {
        int end = size + record.length;
        if (end > array.length) {
            array = Arrays.copyOf(array, Math.max(end, 2 * array.length));
        }
        System.arraycopy(record, 0, array, size, record.length);
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
