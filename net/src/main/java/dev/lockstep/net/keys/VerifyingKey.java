package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.security.InvalidKeyException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;

/// The public key of a replica or a client, known to be a good one. What it says of a signature is
/// the same with every library.
///
/// Threading: may be shared.
public final class VerifyingKey {

    private final SignatureLibrary library;
    private final PublicKey key;
    private final Bytes encoded;
    private final IdleSignatures idle = new IdleSignatures();

    VerifyingKey(SignatureLibrary library, PublicKey key, Bytes encoded) {
        this.library = library;
        this.key = key;
        this.encoded = encoded;
    }

    /// The key as RFC 8032 encodes it, 32 bytes.
    public Bytes encoded() {
        return encoded;
    }

    /// True if `signature` is this key's under `content`. Whatever the bytes are, it does not
    /// throw.
    public boolean isGenuine(Bytes content, Bytes signature) {
        if (!StrictEd25519.isSignature(signature)) {
            return false;
        }
        @Nullable Signature taken = idle.take();
        Signature checker = taken == null ? initialised() : taken;
        try {
            checker.update(content.backingArray(), content.backingOffset(), content.size());
            boolean isGenuine =
                    checker.verify(
                            signature.backingArray(), signature.backingOffset(), signature.size());
            idle.giveBack(checker);
            return isGenuine && library.confirms(signature);
        } catch (SignatureException _) {
            return false; // for some libraries an R that is no point is no signature at all
        }
    }

    private Signature initialised() {
        try {
            Signature signature = library.newSignature();
            signature.initVerify(key);
            return signature;
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("a key that was good is not", e);
        }
    }
}
