package dev.lockstep.services.kv;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// One key with its value, as it is between two changes. Immutable, so that a frozen view may share
/// it.
final class Entry {

    /// The key does not expire. Redis uses the same number.
    static final long NEVER = -1;

    /// [KeyHash] of the key.
    final long hash;

    /// Not to be written to.
    final byte[] key;

    /// Not to be written to; a `byte[]` is a string.
    final Object value;

    /// Agreed time in Unix milliseconds through which the key lives, or [#NEVER].
    final long expiresAtMillis;

    /// The number of the change that made this entry; positive and growing.
    final long version;

    /// The key's place in the expiry queue, null if and only if it does not expire. Not part of the
    /// state.
    final @Nullable ExpiryTimer timer;

    Entry(
            long hash,
            byte[] key,
            Object value,
            long expiresAtMillis,
            long version,
            @Nullable ExpiryTimer timer) {
        this.hash = hash;
        this.key = key;
        this.value = value;
        this.expiresAtMillis = expiresAtMillis;
        this.version = version;
        this.timer = timer;
    }

    boolean hasKey(byte[] array, int offset, int length) {
        return Arrays.equals(key, 0, key.length, array, offset, offset + length);
    }

    boolean expires() {
        return expiresAtMillis != NEVER;
    }

    boolean isExpired(long nowMillis) {
        return expiresAtMillis != NEVER && expiresAtMillis < nowMillis;
    }
}
