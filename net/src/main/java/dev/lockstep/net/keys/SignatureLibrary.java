package dev.lockstep.net.keys;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;

import dev.lockstep.core.wire.Bytes;

import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/// Makes keys that sign and check with one library. Registered nowhere in the process: what else
/// runs in it keeps the libraries that it has.
///
/// Threading: may be shared.
public final class SignatureLibrary {

    private static final String ALGORITHM = "Ed25519";

    private final SignatureProvider which;
    private final Provider provider;
    private final KeyFactory keys;

    private SignatureLibrary(SignatureProvider which, Provider provider, Provider ofKeys)
            throws GeneralSecurityException {
        this.which = which;
        this.provider = provider;
        this.keys = KeyFactory.getInstance(ALGORITHM, ofKeys);
    }

    /// Loads a library, its native part included.
    ///
    /// @throws KeyRefusedException if this machine or this Java cannot run it
    public static SignatureLibrary open(SignatureProvider which) {
        try {
            return switch (which) {
                // It reads the keys of others; its own factory is there only if a property says so.
                case ACCP -> new SignatureLibrary(which, healthyAccp(), jdk());
                case BOUNCY_CASTLE -> {
                    Provider bouncyCastle = new BouncyCastleProvider();
                    yield new SignatureLibrary(which, bouncyCastle, bouncyCastle);
                }
                case JDK -> new SignatureLibrary(which, jdk(), jdk());
            };
        } catch (GeneralSecurityException | LinkageError e) {
            throw unavailable(which, e);
        }
    }

    private static Provider healthyAccp() {
        AmazonCorrettoCryptoProvider accp = AmazonCorrettoCryptoProvider.INSTANCE;
        Throwable reason = accp.getLoadingError();
        if (reason != null) {
            throw unavailable(SignatureProvider.ACCP, reason);
        }
        return accp;
    }

    private static Provider jdk() throws GeneralSecurityException {
        @Nullable Provider provider = Security.getProvider("SunEC");
        if (provider == null) {
            throw new GeneralSecurityException("this Java has no provider SunEC");
        }
        return provider;
    }

    private static KeyRefusedException unavailable(SignatureProvider which, Throwable reason) {
        return new KeyRefusedException(
                "this machine cannot make signatures with %s, which the cluster has pinned (%s): run the member on Linux on x86_64 or aarch64, or write signatures: {provider: bouncy-castle} in the cluster.yaml of all members"
                        .formatted(which.word(), reason),
                reason);
    }

    /// Which library it is.
    public SignatureProvider provider() {
        return which;
    }

    /// A key that signs.
    ///
    /// @param seed 32 bytes, from which everything else of the key follows
    /// @throws IllegalArgumentException if it has another size
    public SigningKey signingKey(Bytes seed) {
        try {
            byte[] encoded = Encodings.pkcs8(seed);
            return new SigningKey(
                    this, keys.generatePrivate(new PKCS8EncodedKeySpec(encoded)), seed);
        } catch (InvalidKeySpecException e) {
            throw unusable(e);
        }
    }

    /// A key that tells signatures.
    ///
    /// @param key 32 bytes as RFC 8032 encodes them
    /// @throws KeyRefusedException if no good key is encoded so
    public VerifyingKey verifyingKey(Bytes key) {
        if (!StrictEd25519.isKey(key)) {
            throw new KeyRefusedException(
                    "%s is no public key of Ed25519 that a cluster takes: copy it from 'lockstep keys show' of the one who has it"
                            .formatted(Encodings.hex(key)));
        }
        try {
            byte[] encoded = Encodings.x509(key);
            return new VerifyingKey(
                    this, keys.generatePublic(new X509EncodedKeySpec(encoded)), key);
        } catch (InvalidKeySpecException e) {
            throw unusable(e);
        }
    }

    Signature newSignature() {
        try {
            return Signature.getInstance(ALGORITHM, provider);
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    /// What is left to ask once the library has said yes: to BouncyCastle an R is as good as
    /// another that differs by a point of small order, and the others compare encodings.
    boolean confirms(Bytes signature) {
        return which != SignatureProvider.BOUNCY_CASTLE || StrictEd25519.isInSubgroup(signature);
    }

    private IllegalStateException unusable(Exception e) {
        return new IllegalStateException(which.word() + " does not do what it did at first", e);
    }
}
