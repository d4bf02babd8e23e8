package dev.lockstep.net.keys;

import org.jspecify.annotations.Nullable;

import java.security.Signature;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The library's objects for one key that nobody uses at the moment. Such an object is one thread's
/// at a time and keeps the key in the library's own form, which is expensive to make; so few are
/// kept, and whoever finds none makes another.
///
/// Threading: any number of threads, no locks.
final class IdleSignatures {

    private static final int MOST = 4;

    private final AtomicReferenceArray<@Nullable Signature> idle = new AtomicReferenceArray<>(MOST);

    /// One that is nobody else's; null if none is idle.
    @Nullable Signature take() {
        for (int i = 0; i < MOST; i++) {
            if (idle.getPlain(i) != null) {
                Signature taken = idle.getAndSet(i, null);
                if (taken != null) {
                    return taken;
                }
            }
        }
        return null;
    }

    /// To be called only with one that is as good as new.
    void giveBack(Signature signature) {
        for (int i = 0; i < MOST; i++) {
            if (idle.getPlain(i) == null && idle.compareAndSet(i, null, signature)) {
                return;
            }
        }
    }
}
