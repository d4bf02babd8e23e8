package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.Nullable;

/// A header with its payload. The hash is computed once.
final class Block {

    private final Header header;
    private final Payload payload;
    private final BlockRef ref;

    private Block(Header header, Payload payload) {
        this.header = header;
        this.payload = payload;
        this.ref = header.ref();
    }

    static Block of(Header header, Payload payload) {
        return new Block(header, payload);
    }

    Header header() {
        return header;
    }

    Payload payload() {
        return payload;
    }

    BlockRef ref() {
        return ref;
    }

    Hash hash() {
        return ref.hash();
    }

    /// True if the payload is the one that the header names.
    boolean isWhole() {
        return payload.hash().equals(header.payload());
    }

    /// True if nothing but closing blocks may follow.
    boolean ends() {
        return header.isClosing() || payload.sign() != null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Block that
                && header.equals(that.header)
                && payload.equals(that.payload);
    }

    @Override
    public int hashCode() {
        return ref.hashCode();
    }

    @Override
    public String toString() {
        return ref.toString();
    }
}
