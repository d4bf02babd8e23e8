package dev.lockstep.net.keys;

import org.jspecify.annotations.Nullable;

import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// SHA-256 objects that nobody uses at the moment; to look one up in the platform's list takes as
/// long as to hash a hundred bytes.
///
/// Threading: any number of threads, no locks.
final class IdleDigests {

    private static final int MOST = 4;

    private final AtomicReferenceArray<@Nullable MessageDigest> idle =
            new AtomicReferenceArray<>(MOST);

    /// One that is nobody else's, as good as new.
    MessageDigest take() {
        for (int i = 0; i < MOST; i++) {
            if (idle.getPlain(i) != null) {
                MessageDigest taken = idle.getAndSet(i, null);
                if (taken != null) {
                    return taken;
                }
            }
        }
        return Sha256.fresh();
    }

    /// To be called only with one that is as good as new.
    void giveBack(MessageDigest digest) {
        for (int i = 0; i < MOST; i++) {
            if (idle.getPlain(i) == null && idle.compareAndSet(i, null, digest)) {
                return;
            }
        }
    }
}
