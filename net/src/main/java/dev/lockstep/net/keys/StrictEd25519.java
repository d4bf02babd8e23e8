package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;

import org.bouncycastle.math.ec.rfc8032.Ed25519;

/// What libraries disagree about, refused before any of them sees it.
final class StrictEd25519 {

    static final int KEY_BYTES = 32;
    static final int SIGNATURE_BYTES = 64;

    private static final long SIGN_BIT = Long.MIN_VALUE;

    /// The prime p = 2^255 - 19 as four words, the lowest first.
    private static final long[] P = {0xffff_ffff_ffff_ffedL, -1, -1, Long.MAX_VALUE};

    /// The order of the base point as four words, the lowest first.
    private static final long[] ORDER = {
        0x5812_631a_5cf5_d3edL, 0x14de_f9de_a2f7_9cd6L, 0, 0x1000_0000_0000_0000L
    };

    /// The y coordinates of the eight points whose order divides eight: those of order four, the
    /// neutral one, that of order two, and two times two of order eight.
    private static final long[][] SMALL_ORDER = {
        {0, 0, 0, 0},
        {1, 0, 0, 0},
        {0xffff_ffff_ffff_ffecL, -1, -1, Long.MAX_VALUE},
        {
            0x4fd8_4d3d_706a_17c7L,
            0x0f67_100d_760b_3cbaL,
            0xc6cc_392c_fa53_202aL,
            0x7a03_ac92_77fd_c74eL
        },
        {
            0xb027_b2c2_8f95_e826L,
            0xf098_eff2_89f4_c345L,
            0x3933_c6d3_05ac_dfd5L,
            0x05fc_536d_8802_38b1L
        }
    };

    private StrictEd25519() {}

    /// True of what can be a key: the right size, the one encoding of its point, and the point in
    /// the subgroup of prime order. Takes about as long as checking a signature.
    static boolean isKey(Bytes key) {
        return key.size() == KEY_BYTES
                && isPoint(key)
                && Ed25519.validatePublicKeyFull(key.toByteArray(), 0);
    }

    /// True of what can be a signature: the right size, R a canonical encoding and not of small
    /// order, S less than the order of the group. Whether R is on the curve is not looked at.
    static boolean isSignature(Bytes signature) {
        return signature.size() == SIGNATURE_BYTES
                && isPoint(signature)
                && isLess(signature, KEY_BYTES, -1, ORDER);
    }

    /// True if R, the point that a signature begins with, is in the subgroup of prime order.
    static boolean isInSubgroup(Bytes signature) {
        return Ed25519.validatePublicKeyFull(signature.slice(0, KEY_BYTES).toByteArray(), 0);
    }

    /// A zero x with the sign of a negative one is left to the second condition: such points have
    /// small order.
    private static boolean isPoint(Bytes encoded) {
        if (!isLess(encoded, 0, ~SIGN_BIT, P)) {
            return false;
        }
        for (long[] small : SMALL_ORDER) {
            if ((encoded.getLong(24) & ~SIGN_BIT) == small[3]
                    && encoded.getLong(16) == small[2]
                    && encoded.getLong(8) == small[1]
                    && encoded.getLong(0) == small[0]) {
                return false;
            }
        }
        return true;
    }

    /// True if the 256 bits from `at`, the highest word masked, are less than `bound`.
    private static boolean isLess(Bytes number, int at, long mask, long[] bound) {
        for (int word = 3; word >= 0; word--) {
            long value = number.getLong(at + 8 * word);
            int order = Long.compareUnsigned(word == 3 ? value & mask : value, bound[word]);
            if (order != 0) {
                return order < 0;
            }
        }
        return false;
    }
}
