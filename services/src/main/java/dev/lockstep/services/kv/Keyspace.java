package dev.lockstep.services.kv;

import dev.lockstep.api.FrozenState;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// The state of the service: keys with their values and expiry, and what `WATCH` needs to know of
/// the past.
///
/// Every change has a number, the same on every replica. A key's version is the number of the
/// change that made its entry; the version of a key that is not there is the complement of the last
/// change that removed a key of its stripe. So whatever happens to a key changes its version, and
/// seldom, the removal of another key changes the version of an absent one: a `WATCH` may then fail
/// without need, as it may not the other way round.
final class Keyspace {

    /// How many stripes absent keys share.
    static final int STRIPES = 1 << 16;

    private static final int STRIPE_SHIFT = 63 - 16;

    private KeyTable table = new KeyTable();
    private ExpiryQueue expiries = new ExpiryQueue();

    /// The number of the current change.
    private long change;

    /// See [#changed()].
    private long changed;

    /// By stripe: the last change that removed a key; 0 if none did.
    private long[] removals = new long[STRIPES];

    /// True while a frozen view holds `removals`.
    private boolean removalsShared;

    /// From here on changes have a new number.
    void beginChange() {
        change++;
        changed = 0;
    }

    /// A digest of what was changed since [#beginChange]: keys, values and expiries that were
    /// written, and keys that were removed; 0 if nothing was. In whatever order: keys that expire
    /// at
    /// the same time go in another order at a replica that has restored a snapshot.
    long changed() {
        return changed;
    }

    long change() {
        return change;
    }

    int size() {
        return table.size();
    }

    /// How many keys expire.
    int expiring() {
        return expiries.size();
    }

    /// The end of the life of the key that expires first, in Unix milliseconds; `Long.MAX_VALUE` if
    /// none does. The key is there in that millisecond and gone after it.
    long earliestExpiry() {
        return expiries.earliest();
    }

    @Nullable Entry find(long hash, byte[] key, int offset, int length) {
        return table.find(hash, key, offset, length);
    }

    /// Gives a key a value in place of what it had.
    ///
    /// @param old the key's entry, or null if it has none
    /// @param key given away; not looked at if there is an old entry
    /// @param value given away
    void put(@Nullable Entry old, long hash, byte[] key, Object value, long expiresAtMillis) {
        ExpiryTimer timer = old == null ? null : old.timer;
        byte[] ownKey = old == null ? key : old.key;
        if (expiresAtMillis != Entry.NEVER) {
            if (timer == null) {
                timer = new ExpiryTimer(hash, ownKey);
            }
            if (timer.index < 0 || old == null || old.expiresAtMillis != expiresAtMillis) {
                expiries.schedule(timer, expiresAtMillis);
            }
        } else if (timer != null) {
            expiries.cancel(timer);
            timer = null;
        }
        var _ = table.put(new Entry(hash, ownKey, value, expiresAtMillis, change, timer));
        long written = KeyHash.fold(hash, expiresAtMillis);
        if (value instanceof byte[] string) {
            written = KeyHash.fold(written, KeyHash.of(string, 0, string.length));
        }
        changed += written;
    }

    /// Removes an entry that is there.
    void remove(Entry entry) {
        byte[] key = entry.key;
        var _ = table.remove(entry.hash, key, 0, key.length);
        ExpiryTimer timer = entry.timer;
        if (timer != null) {
            expiries.cancel(timer);
        }
        noteRemoval(entry.hash);
    }

    /// Removes all keys.
    void clear() {
        changed += KeyHash.fold(~table.size(), 0);
        if (table.size() > 4 * STRIPES) {
            ownRemovals();
            Arrays.fill(removals, change);
        } else {
            KeyTable.Walk walk = table.view().walk(0);
            for (Entry entry = walk.next(); entry != null; entry = walk.next()) {
                noteRemoval(entry.hash);
            }
        }
        table = new KeyTable();
        expiries = new ExpiryQueue();
    }

    /// Removes the keys whose life ended before `nowMillis`.
    void expire(long nowMillis) {
        while (expiries.earliest() < nowMillis) {
            ExpiryTimer timer = expiries.first();
            expiries.cancel(timer);
            var _ = table.remove(timer.hash, timer.key, 0, timer.key.length);
            noteRemoval(timer.hash);
        }
    }

    /// The version of a key, see [Keyspace].
    long version(@Nullable Entry entry, long hash) {
        return entry == null ? ~removals[(int) (hash >>> STRIPE_SHIFT)] : entry.version;
    }

    /// The keys in the order of their hashes, to be used before the next change.
    KeyTable.Walk walk(long fromHash) {
        return table.view().walk(fromHash);
    }

    FrozenState freeze() {
        removalsShared = true;
        return new KvSnapshot(change, removals, table.freeze());
    }

    /// Puts in what a snapshot says. Only for a keyspace that nothing else has touched.
    void load(long lastChange, long[] lastRemovals) {
        change = lastChange;
        removals = lastRemovals;
    }

    /// Puts in an entry of a snapshot.
    ///
    /// @return false if the key is there already
    boolean load(byte[] key, Object value, long expiresAtMillis, long version) {
        long hash = KeyHash.of(key, 0, key.length);
        ExpiryTimer timer = null;
        if (expiresAtMillis != Entry.NEVER) {
            timer = new ExpiryTimer(hash, key);
            expiries.schedule(timer, expiresAtMillis);
        }
        return table.put(new Entry(hash, key, value, expiresAtMillis, version, timer)) == null;
    }

    private void noteRemoval(long hash) {
        changed += KeyHash.fold(~hash, 0);
        ownRemovals();
        removals[(int) (hash >>> STRIPE_SHIFT)] = change;
    }

    private void ownRemovals() {
        if (removalsShared) {
            removals = removals.clone();
            removalsShared = false;
        }
    }
}
