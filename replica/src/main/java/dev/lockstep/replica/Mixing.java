package dev.lockstep.replica;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Mixing of 64-bit words: fast, the same everywhere, and no defence against anybody who means to
/// find a collision.
final class Mixing {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private Mixing() {}

    /// A bijection of which every output bit depends on every input bit (Stafford's variant 13, as
    /// in SplittableRandom).
    static long finish(long word) {
        long mixed = word;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    /// Folds `word` into `hash`.
    static long fold(long hash, long word) {
        return finish((Long.rotateLeft(hash, 27) + GOLDEN) ^ word);
    }

    /// Folds `length` bytes from `offset`, and their number, into `hash`.
    static long fold(long hash, byte[] bytes, int offset, int length) {
        long folded = fold(hash, length);
        int at = offset;
        int end = offset + length;
        for (; end - at >= Long.BYTES; at += Long.BYTES) {
            folded = fold(folded, (long) LONG.get(bytes, at));
        }
        long last = 0;
        for (int shift = 0; at < end; at++, shift += 8) {
            last |= (bytes[at] & 0xffL) << shift;
        }
        return length % Long.BYTES == 0 ? folded : fold(folded, last);
    }
}
