package dev.lockstep.net.keys;

import dev.lockstep.core.Credentials;
import dev.lockstep.core.wire.Bytes;

import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;

/// The private key of a replica or a client, in memory. Equal contents get equal signatures, with
/// every library.
///
/// Threading: may be shared. A signature allocates itself and what the library does for it.
public final class SigningKey implements Credentials.Signer {

    private final SignatureLibrary library;
    private final PrivateKey key;
    private final Bytes publicKey;
    private final IdleSignatures idle = new IdleSignatures();

    SigningKey(SignatureLibrary library, PrivateKey key, Bytes seed) {
        this.library = library;
        this.key = key;
        byte[] derived = new byte[StrictEd25519.KEY_BYTES];
        Ed25519.generatePublicKey(seed.toByteArray(), 0, derived, 0);
        this.publicKey = Bytes.wrap(derived);
    }

    /// The public key that belongs to it, 32 bytes.
    public Bytes publicKey() {
        return publicKey;
    }

    /// The signature under `content`, 64 bytes.
    @Override
    public Bytes sign(Bytes content) {
        try {
            @Nullable Signature taken = idle.take();
            Signature signature = taken == null ? initialised() : taken;
            signature.update(content.backingArray(), content.backingOffset(), content.size());
            byte[] made = signature.sign();
            idle.giveBack(signature);
            return Bytes.wrap(made);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that signed before does not sign", e);
        }
    }

    private Signature initialised() throws GeneralSecurityException {
        Signature signature = library.newSignature();
        signature.initSign(key);
        return signature;
    }
}
