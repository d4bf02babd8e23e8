package dev.lockstep.services.kv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The hash by which keys are placed and, because `SCAN` and snapshots walk in its order, a part of
/// the service's behaviour: it is the same in every process and must not change.
final class KeyHash {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long SEED = 0x9e37_79b9_7f4a_7c15L;
    private static final long FOLD = 0xd6e8_feb8_6659_fd93L;

    private KeyHash() {}

    /// 63 bits, never negative.
    static long of(byte[] array, int offset, int length) {
        long hash = SEED * (length + 1L);
        int at = offset;
        int end = offset + length;
        for (; end - at >= Long.BYTES; at += Long.BYTES) {
            hash = fold(hash ^ (long) LONG.get(array, at));
        }
        long tail = 0;
        for (int shift = 0; at < end; at++, shift += Byte.SIZE) {
            tail |= (array[at] & 0xffL) << shift;
        }
        hash = fold(hash ^ tail);
        hash = (hash ^ hash >>> 33) * 0xff51_afd7_ed55_8ccdL;
        return (hash ^ hash >>> 33) >>> 1;
    }

    /// Folds a word into a digest.
    static long fold(long digest, long word) {
        return fold(Long.rotateLeft(digest, 27) ^ word);
    }

    private static long fold(long word) {
        long mixed = word + SEED;
        return Math.unsignedMultiplyHigh(mixed, FOLD) ^ mixed * FOLD;
    }
}
