package dev.lockstep.net.keys;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The public keys of a cluster, each from an epoch on: what all its members and clients agree on.
/// Signatures are checked against the keys of the epoch in which they were made.
///
/// Immutable.
public final class KeyRing {

    /// More keys than this are refused.
    public static final int MAX_KEYS = 10_000;

    private final ClusterId cluster;
    private final SortedMap<KeyOwner, SortedMap<Epoch, Bytes>> keys;
    private final int size;

    private KeyRing(Builder made) {
        this.cluster = made.cluster;
        this.keys = made.keys;
        this.size = made.owners.size();
    }

    /// One key.
    ///
    /// @param from the first epoch in which it is its owner's
    public record Entry(KeyOwner owner, Epoch from, Bytes key) {

        /// The line of the file.
        @Override
        public String toString() {
            return "%s from %s key %s".formatted(owner, from, Encodings.hex(key));
        }
    }

    /// Puts keys together. For one thread, and for one ring.
    static final class Builder {

        private final ClusterId cluster;
        private final SortedMap<KeyOwner, SortedMap<Epoch, Bytes>> keys = new TreeMap<>();

        /// Whose each key is, by its digits.
        private final SortedMap<String, KeyOwner> owners = new TreeMap<>();

        Builder(ClusterId cluster) {
            this.cluster = cluster;
        }

        ClusterId cluster() {
            return cluster;
        }

        /// One key more, unless it is there already.
        ///
        /// @throws KeyRefusedException if the key is none, is used already, or the owner has
        ///     another from that epoch on
        void add(Entry entry) {
            String digits = Encodings.hex(entry.key());
            SortedMap<Epoch, Bytes> own = keys.computeIfAbsent(entry.owner(), _ -> new TreeMap<>());
            Bytes there = own.get(entry.from());
            if (entry.key().equals(there)) {
                return;
            }
            if (there != null) {
                throw new KeyRefusedException(
                        "%s has two keys from epoch %s on, %s and %s: remove the one that is not in use"
                                .formatted(
                                        entry.owner(), entry.from(), Encodings.hex(there), digits));
            }
            if (owners.size() >= MAX_KEYS) {
                throw new KeyRefusedException(
                        "a cluster has at most %d keys: remove those of clients that are no more"
                                .formatted(MAX_KEYS));
            }
            KeyOwner other = owners.putIfAbsent(digits, entry.owner());
            if (other != null) {
                throw new KeyRefusedException(
                        "%s, of %s, is also a key of %s: every key is one's alone, and new in its epoch"
                                .formatted(digits, entry.owner(), other));
            }
            if (!StrictEd25519.isKey(entry.key())) {
                throw new KeyRefusedException(
                        "%s, of %s, is no public key of Ed25519 that a cluster takes: copy it from 'lockstep keys show' on its owner's machine"
                                .formatted(digits, entry.owner()));
            }
            own.put(entry.from(), entry.key());
        }

        KeyRing build() {
            return new KeyRing(this);
        }
    }

    /// Of a cluster where nobody has a key.
    public static KeyRing empty(ClusterId cluster) {
        return new Builder(cluster).build();
    }

    /// The same and one key more.
    ///
    /// @throws KeyRefusedException if the key is none, is used already, or the owner has another
    ///     from that epoch on
    public KeyRing with(Entry entry) {
        Builder more = new Builder(cluster);
        entries().forEach(more::add);
        more.add(entry);
        return more.build();
    }

    /// Whose keys they are.
    public ClusterId cluster() {
        return cluster;
    }

    /// All of them: replicas first, by number, then by epoch.
    public List<Entry> entries() {
        List<Entry> all = new ArrayList<>(size);
        keys.forEach(
                (owner, theirs) ->
                        theirs.forEach((from, key) -> all.add(new Entry(owner, from, key))));
        return List.copyOf(all);
    }

    /// Those of one owner, by epoch.
    public List<Entry> entries(KeyOwner owner) {
        return entries().stream().filter(entry -> entry.owner().equals(owner)).toList();
    }

    /// The key that `owner` has in `epoch`; null if it has none then.
    public @Nullable Entry keyOf(KeyOwner owner, Epoch epoch) {
        SortedMap<Epoch, Bytes> theirs = keys.get(owner);
        if (theirs == null) {
            return null;
        }
        SortedMap<Epoch, Bytes> until = theirs.headMap(epoch.next());
        return until.isEmpty()
                ? null
                : new Entry(owner, until.lastKey(), until.sequencedValues().getLast());
    }

    /// True if a member, a client or an operator may have this public key.
    public static boolean isKey(Bytes key) {
        return StrictEd25519.isKey(key);
    }

    /// The key of `owner` that is this one, whatever epoch it counts from; null if it is none of
    /// its keys.
    public @Nullable Entry entryOf(KeyOwner owner, Bytes key) {
        for (Entry entry : entries(owner)) {
            if (entry.key().equals(key)) {
                return entry;
            }
        }
        return null;
    }

    /// Without the keys of other replicas than these. Who joins later is known by the stop sign
    /// that
    /// takes it in, and not all machines have its line.
    public KeyRing withReplicas(Collection<ReplicaId> these) {
        Builder some = new Builder(cluster);
        for (Entry entry : entries()) {
            KeyOwner owner = entry.owner();
            if (owner.role() != KeyOwner.Role.REPLICA
                    || these.contains(new ReplicaId(owner.number()))) {
                some.add(entry);
            }
        }
        return some.build();
    }

    /// What members must have in common: SHA-256 over the pinned library and all keys, 32 bytes.
    public Bytes digest(SignatureProvider pinned) {
        MessageDigest digest = Sha256.fresh();
        String common = pinned.word() + "\n" + KeyRingText.of(this);
        return Bytes.wrap(digest.digest(common.getBytes(StandardCharsets.UTF_8)));
    }
}
