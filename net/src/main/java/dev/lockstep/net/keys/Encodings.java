package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;

import java.util.HexFormat;

/// How others write keys of Ed25519: RFC 8410 puts the 32 bytes behind a constant.
final class Encodings {

    private static final byte[] PKCS8_PREFIX =
            HexFormat.of().parseHex("302e020100300506032b657004220420");
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private Encodings() {}

    static byte[] pkcs8(Bytes seed) {
        return behind(PKCS8_PREFIX, seed);
    }

    static byte[] x509(Bytes key) {
        return behind(X509_PREFIX, key);
    }

    /// True if `der` is a private key in the form that [#pkcs8] writes.
    static boolean isPkcs8(Bytes der) {
        int prefix = PKCS8_PREFIX.length;
        return der.size() == prefix + StrictEd25519.KEY_BYTES
                && der.slice(0, prefix).equals(Bytes.wrap(PKCS8_PREFIX));
    }

    static Bytes seedOf(Bytes pkcs8) {
        return pkcs8.slice(PKCS8_PREFIX.length, StrictEd25519.KEY_BYTES);
    }

    static String hex(Bytes bytes) {
        return HexFormat.of()
                .formatHex(
                        bytes.backingArray(),
                        bytes.backingOffset(),
                        bytes.backingOffset() + bytes.size());
    }

    private static byte[] behind(byte[] prefix, Bytes key) {
        if (key.size() != StrictEd25519.KEY_BYTES) {
            throw new IllegalArgumentException("a key has 32 bytes, not " + key.size());
        }
        byte[] whole = new byte[prefix.length + StrictEd25519.KEY_BYTES];
        System.arraycopy(prefix, 0, whole, 0, prefix.length);
        key.copyTo(whole, prefix.length);
        return whole;
    }
}
