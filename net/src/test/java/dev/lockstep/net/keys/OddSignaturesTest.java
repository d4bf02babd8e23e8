package dev.lockstep.net.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The signatures that libraries are known to disagree about, in the kinds that have been published
/// and with keys and contents of our own: with all libraries the verdict is no.
final class OddSignaturesTest {

    private static final BigInteger A = BigInteger.valueOf(0x5eed_1234_5678L);
    private static final BigInteger R = BigInteger.valueOf(0x0dd_9876_5432L);
    private static final Edwards.Point KEY = Edwards.BASE.times(A);
    private static final Edwards.Point TORSION = Edwards.ofOrderEight();
    private static final Map<SignatureProvider, SignatureLibrary> LIBRARIES =
            new EnumMap<>(SignatureProvider.class);

    static {
        for (SignatureProvider provider : SignatureProvider.values()) {
            LIBRARIES.put(provider, SignatureLibrary.open(provider));
        }
    }

    private static SignatureLibrary library(SignatureProvider provider) {
        return Objects.requireNonNull(LIBRARIES.get(provider));
    }

    /// A key, a content, and a signature that some library or other takes.
    record Odd(String what, Bytes key, Bytes content, Bytes signature) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static Bytes content(int number) {
        return Bytes.wrap(("content " + number).getBytes(StandardCharsets.US_ASCII));
    }

    /// A content for which k is a multiple of eight, so that a key's component of small order
    /// vanishes, or is none, so that it does not.
    private static Bytes content(Bytes r, Bytes key, boolean vanishes) {
        for (int i = 0; ; i++) {
            BigInteger k = Edwards.challenge(r, key, content(i));
            if ((k.mod(BigInteger.valueOf(8)).signum() == 0) == vanishes) {
                return content(i);
            }
        }
    }

    private static Odd odd(String what, Bytes r, BigInteger dlog, Bytes key, BigInteger a) {
        Bytes content = content(r, key, false);
        return new Odd(what, key, content, Edwards.signature(r, dlog, key, a, content));
    }

    static List<Odd> oddSignatures() {
        Bytes good = KEY.encoded();
        Bytes goodR = Edwards.BASE.times(R).encoded();
        Bytes mixedKey = KEY.plus(TORSION).encoded();
        Bytes mixedR = Edwards.BASE.times(R).plus(TORSION).encoded();
        Bytes neutral = Edwards.NEUTRAL.encoded();
        Bytes negativeZero = Edwards.encoded(BigInteger.ONE, true);
        Bytes tooLarge = Edwards.encoded(Edwards.P.add(BigInteger.ONE), false);
        Bytes small = TORSION.encoded();
        BigInteger zero = BigInteger.ZERO;
        List<Odd> all = new ArrayList<>();
        all.add(odd("key and R of small order, S zero", small, zero, small, zero));
        all.add(odd("key of small order, R mixed", mixedR, R, small, zero));
        all.add(odd("key of small order, R good", goodR, R, small, zero));
        all.add(odd("key neutral", goodR, R, neutral, zero));
        all.add(odd("key mixed, R of small order", small, zero, mixedKey, A));
        all.add(odd("key mixed, R good", goodR, R, mixedKey, A));
        all.add(odd("key and R mixed", mixedR, R, mixedKey, A));
        Bytes vanishing = content(goodR, mixedKey, true);
        all.add(
                new Odd(
                        "key mixed, and its odd part vanishes",
                        mixedKey,
                        vanishing,
                        Edwards.signature(goodR, R, mixedKey, A, vanishing)));
        all.add(odd("key not canonical", goodR, R, tooLarge, zero));
        all.add(odd("key with the sign of a zero", goodR, R, negativeZero, zero));
        all.add(odd("key zero", goodR, R, Edwards.encoded(zero, false), zero));
        all.add(odd("R neutral", neutral, zero, good, A));
        all.add(odd("R neutral, not canonical", tooLarge, zero, good, A));
        all.add(odd("R neutral, with the sign of a zero", negativeZero, zero, good, A));
        all.add(odd("R of small order", small, zero, good, A));
        for (int i = 1; i < 8; i++) {
            Bytes r = Edwards.BASE.times(R).plus(TORSION.times(BigInteger.valueOf(i))).encoded();
            for (int j = 0; j < 8; j++) {
                Bytes content = content(j);
                all.add(
                        new Odd(
                                "R mixed, " + i + ", " + j,
                                good,
                                content,
                                Edwards.signature(r, R, good, A, content)));
            }
        }
        Bytes content = content(0);
        BigInteger s = R.add(Edwards.challenge(goodR, good, content).multiply(A));
        BigInteger least = s.mod(Edwards.ORDER);
        for (int multiple = 1; multiple < 16; multiple++) {
            BigInteger more = least.add(Edwards.ORDER.multiply(BigInteger.valueOf(multiple)));
            if (more.bitLength() <= 256) {
                all.add(
                        new Odd(
                                "S more than the order, " + multiple,
                                good,
                                content,
                                Edwards.signature(goodR, more)));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("oddSignatures")
    void no_library_takes_it(Odd odd) {
        LIBRARIES.forEach(
                (provider, library) ->
                        assertThat(isTaken(library, odd))
                                .as("%s with %s", odd, provider)
                                .isFalse());
    }

    private static boolean isTaken(SignatureLibrary library, Odd odd) {
        try {
            return library.verifyingKey(odd.key()).isGenuine(odd.content(), odd.signature());
        } catch (KeyRefusedException _) {
            return false;
        }
    }

    /// Without this the checks would have no reason.
    @Test
    void left_alone_the_libraries_disagree() {
        int disagreements = 0;
        int takenByBouncyCastleOnly = 0;
        for (Odd odd : oddSignatures()) {
            boolean accp = isTakenAlone(SignatureProvider.ACCP, odd);
            boolean bouncyCastle = isTakenAlone(SignatureProvider.BOUNCY_CASTLE, odd);
            boolean jdk = isTakenAlone(SignatureProvider.JDK, odd);
            disagreements += accp == bouncyCastle && bouncyCastle == jdk ? 0 : 1;
            takenByBouncyCastleOnly += bouncyCastle && !accp && !jdk ? 1 : 0;
        }
        assertThat(disagreements).isPositive();
        assertThat(takenByBouncyCastleOnly).isPositive();
    }

    private static boolean isTakenAlone(SignatureProvider provider, Odd odd) {
        try {
            Signature checker = library(provider).newSignature();
            KeyFactory keys =
                    provider == SignatureProvider.BOUNCY_CASTLE
                            ? KeyFactory.getInstance("Ed25519", checker.getProvider())
                            : KeyFactory.getInstance("Ed25519", "SunEC");
            checker.initVerify(
                    keys.generatePublic(new X509EncodedKeySpec(Encodings.x509(odd.key()))));
            checker.update(odd.content().toByteArray());
            return checker.verify(odd.signature().toByteArray());
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(SignatureProvider.class)
    void what_anybody_may_sign_is_taken(SignatureProvider provider) {
        Bytes key = KEY.encoded();
        Bytes r = Edwards.BASE.times(R).encoded();
        VerifyingKey verifying = library(provider).verifyingKey(key);
        for (int i = 0; i < 16; i++) {
            Bytes signature = Edwards.signature(r, R, key, A, content(i));
            assertThat(verifying.isGenuine(content(i), signature)).isTrue();
            assertThat(verifying.isGenuine(content(i + 1), signature)).isFalse();
        }
    }

    /// RFC 8032, 7.1, tests 1 and 2.
    @ParameterizedTest
    @EnumSource(SignatureProvider.class)
    void the_examples_of_the_standard_are_met(SignatureProvider provider) {
        check(
                provider,
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                        + "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
        check(
                provider,
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
                        + "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    }

    private static void check(
            SignatureProvider provider, String seed, String key, String content, String expected) {
        SignatureLibrary library = library(provider);
        SigningKey signing = library.signingKey(bytes(seed));
        assertThat(signing.publicKey()).isEqualTo(bytes(key));
        assertThat(signing.sign(bytes(content))).isEqualTo(bytes(expected));
        assertThat(library.verifyingKey(bytes(key)).isGenuine(bytes(content), bytes(expected)))
                .isTrue();
    }

    private static Bytes bytes(String hex) {
        return Bytes.wrap(HexFormat.of().parseHex(hex));
    }

    @Test
    void a_bit_more_or_less_is_no_signature_with_any_library() {
        SigningKey signing = library(SignatureProvider.ACCP).signingKey(bytes("07".repeat(32)));
        Bytes content = content(0);
        Bytes good = signing.sign(content);
        for (int bit = 0; bit < 512; bit++) {
            byte[] flipped = good.toByteArray();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            for (SignatureProvider provider :
                    List.of(SignatureProvider.ACCP, SignatureProvider.BOUNCY_CASTLE)) {
                assertThat(
                                library(provider)
                                        .verifyingKey(signing.publicKey())
                                        .isGenuine(content, Bytes.wrap(flipped)))
                        .isFalse();
            }
        }
        for (int size = 0; size < 130; size++) {
            byte[] other = new byte[size];
            System.arraycopy(good.toByteArray(), 0, other, 0, Math.min(size, 64));
            if (size != 64) {
                assertThat(StrictEd25519.isSignature(Bytes.wrap(other))).isFalse();
            }
        }
    }

    @Test
    void all_points_of_small_order_are_known() {
        for (int i = 0; i < 8; i++) {
            Bytes point = TORSION.times(BigInteger.valueOf(i)).encoded();
            assertThat(StrictEd25519.isSignature(Edwards.signature(point, BigInteger.ONE)))
                    .isFalse();
            assertThatThrownBy(() -> library(SignatureProvider.ACCP).verifyingKey(point))
                    .isInstanceOf(KeyRefusedException.class);
        }
    }

    @Test
    void numbers_are_compared_at_their_bounds() {
        Bytes r = Edwards.BASE.encoded();
        BigInteger one = BigInteger.ONE;
        assertThat(StrictEd25519.isSignature(Edwards.signature(r, Edwards.ORDER))).isFalse();
        assertThat(StrictEd25519.isSignature(Edwards.signature(r, Edwards.ORDER.subtract(one))))
                .isTrue();
        BigInteger all = one.shiftLeft(256).subtract(one);
        assertThat(StrictEd25519.isSignature(Edwards.signature(r, all))).isFalse();
        assertThat(StrictEd25519.isSignature(Edwards.signature(r, BigInteger.ZERO))).isTrue();
        for (int i = 0; i < 19; i++) {
            Bytes tooLarge = Edwards.encoded(Edwards.P.add(BigInteger.valueOf(i)), false);
            assertThat(StrictEd25519.isSignature(Edwards.signature(tooLarge, one))).isFalse();
        }
        Bytes largest = Edwards.encoded(Edwards.P.subtract(BigInteger.TWO), false);
        assertThat(StrictEd25519.isSignature(Edwards.signature(largest, one))).isTrue();
    }
}
