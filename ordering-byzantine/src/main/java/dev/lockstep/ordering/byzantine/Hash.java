package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// A SHA-256, with the equality of a value (§8, §12).
record Hash(long a, long b, long c, long d) implements Comparable<Hash> {

    static final int BYTES = 32;

    /// What is hashed; the first byte of its content, so that no two kinds can be confused.
    enum Domain {
        /// The payload of a block.
        PAYLOAD,
        /// A block's header.
        HEADER,
        /// A timeout certificate.
        TIMEOUT_CERTIFICATE,
        /// A certificate, for the memory of those that were verified.
        CERTIFICATE,
        /// Where an epoch begins.
        ROOT
    }

    static Hash of(Domain domain, BytesWriter content) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update((byte) domain.ordinal());
            // A payload is not copied for it.
            Bytes head = content.head();
            Bytes tail = content.tail();
            sha.update(head.backingArray(), head.backingOffset(), head.size());
            sha.update(tail.backingArray(), tail.backingOffset(), tail.size());
            return decode(new BytesReader(Bytes.wrap(sha.digest())));
        } catch (NoSuchAlgorithmException _) {
            throw Invariant.broken("every Java platform has SHA-256");
        }
    }

    void encode(BytesWriter out) {
        out.putLong(a).putLong(b).putLong(c).putLong(d);
    }

    static Hash decode(BytesReader in) {
        return new Hash(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    Bytes bytes() {
        BytesWriter out = new BytesWriter(BYTES);
        encode(out);
        return out.toBytes();
    }

    @Override
    public int compareTo(Hash other) {
        int order = Long.compare(a, other.a);
        order = order != 0 ? order : Long.compare(b, other.b);
        order = order != 0 ? order : Long.compare(c, other.c);
        return order != 0 ? order : Long.compare(d, other.d);
    }

    /// The first digits, for people.
    @Override
    public String toString() {
        return "%08x".formatted((int) a);
    }
}
