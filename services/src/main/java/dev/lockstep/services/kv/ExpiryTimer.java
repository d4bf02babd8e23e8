package dev.lockstep.services.kv;

/// A key that expires, in the [ExpiryQueue].
final class ExpiryTimer {

    final long hash;
    final byte[] key;

    /// Where the queue has it; -1 if it has not. The queue's own.
    int index = -1;

    ExpiryTimer(long hash, byte[] key) {
        this.hash = hash;
        this.key = key;
    }
}
