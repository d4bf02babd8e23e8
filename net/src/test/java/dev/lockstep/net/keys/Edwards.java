package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The curve of Ed25519 as RFC 8032 defines it, slow and plain: to make signatures that nobody
/// should make.
final class Edwards {

    static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    static final BigInteger ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    private static final BigInteger D =
            BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);
    private static final BigInteger ROOT_OF_MINUS_ONE =
            BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P);

    static final Point NEUTRAL = new Point(BigInteger.ZERO, BigInteger.ONE);
    static final Point BASE =
            pointOf(BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P), 0);

    private Edwards() {}

    record Point(BigInteger x, BigInteger y) {

        Point plus(Point o) {
            BigInteger t = D.multiply(x).multiply(o.x).multiply(y).multiply(o.y).mod(P);
            BigInteger newX =
                    x.multiply(o.y)
                            .add(y.multiply(o.x))
                            .multiply(BigInteger.ONE.add(t).modInverse(P));
            BigInteger newY =
                    y.multiply(o.y)
                            .add(x.multiply(o.x))
                            .multiply(BigInteger.ONE.subtract(t).modInverse(P));
            return new Point(newX.mod(P), newY.mod(P));
        }

        Point times(BigInteger scalar) {
            Point sum = NEUTRAL;
            for (int bit = scalar.bitLength() - 1; bit >= 0; bit--) {
                sum = sum.plus(sum);
                if (scalar.testBit(bit)) {
                    sum = sum.plus(this);
                }
            }
            return sum;
        }

        Bytes encoded() {
            return Edwards.encoded(y, x.testBit(0));
        }
    }

    /// 255 bits of y, whatever they are, and the sign of x.
    static Bytes encoded(BigInteger y, boolean isOdd) {
        byte[] bytes = littleEndian(y, 32);
        if (isOdd) {
            bytes[31] |= (byte) 0x80;
        }
        return Bytes.wrap(bytes);
    }

    static byte[] littleEndian(BigInteger number, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = number.shiftRight(8 * i).byteValue();
        }
        return bytes;
    }

    static BigInteger number(byte[] littleEndian) {
        BigInteger number = BigInteger.ZERO;
        for (int i = littleEndian.length - 1; i >= 0; i--) {
            number = number.shiftLeft(8).or(BigInteger.valueOf(littleEndian[i] & 0xff));
        }
        return number;
    }

    /// The point with this y, and the parity of x as given.
    static Point pointOf(BigInteger y, int parity) {
        BigInteger yy = y.multiply(y).mod(P);
        BigInteger xx =
                yy.subtract(BigInteger.ONE)
                        .multiply(D.multiply(yy).add(BigInteger.ONE).modInverse(P))
                        .mod(P);
        BigInteger x = root(xx);
        return new Point(x.testBit(0) == (parity == 1) ? x : P.subtract(x).mod(P), y);
    }

    static BigInteger root(BigInteger square) {
        BigInteger x = square.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
        BigInteger other = x.multiply(ROOT_OF_MINUS_ONE).mod(P);
        if (x.multiply(x).mod(P).equals(square)) {
            return x;
        }
        if (other.multiply(other).mod(P).equals(square)) {
            return other;
        }
        throw new ArithmeticException("no square");
    }

    /// A point of order eight: what is left of some point when its part of prime order is gone.
    static Point ofOrderEight() {
        for (int y = 2; ; y++) {
            try {
                Point left = pointOf(BigInteger.valueOf(y), 0).times(ORDER);
                if (!left.times(BigInteger.valueOf(4)).equals(NEUTRAL)) {
                    return left;
                }
            } catch (ArithmeticException _) {
                // no point has this y
            }
        }
    }

    /// The number that a signature multiplies the key by.
    static BigInteger challenge(Bytes r, Bytes key, Bytes content) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            digest.update(r.toByteArray());
            digest.update(key.toByteArray());
            digest.update(content.toByteArray());
            return number(digest.digest()).mod(ORDER);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static Bytes signature(Bytes r, BigInteger s) {
        byte[] whole = new byte[64];
        r.copyTo(whole, 0);
        System.arraycopy(littleEndian(s, 32), 0, whole, 32, 32);
        return Bytes.wrap(whole);
    }

    /// What fits R, the encoding of `r` times the base point and anything of small order, to a key
    /// that is `a` times the base point and anything of small order.
    static Bytes signature(Bytes encodedR, BigInteger r, Bytes key, BigInteger a, Bytes content) {
        BigInteger k = challenge(encodedR, key, content);
        return signature(encodedR, r.add(k.multiply(a)).mod(ORDER));
    }
}
