package dev.lockstep.ordering.leader;

import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

/// A place in a log and everything before it: two logs with an equal mark are equal through it.
///
/// @param index the entry's index in the epoch, 1, 2, 3, …; 0 before the first
/// @param term the term whose leader made the entry
/// @param chain checksum over this entry and all before it (`Chain`)
public record Mark(long index, long term, long chain) {

    /// How many bytes [#encode] writes.
    static final int BYTES = 3 * Long.BYTES;

    public Mark {
        if (index < 0 || term < 0) {
            throw new IllegalArgumentException("index " + index + ", term " + term);
        }
    }

    void encode(BytesWriter out) {
        out.putLong(index).putLong(term).putLong(chain);
    }

    static Mark decode(BytesReader in) {
        long index = in.getNonNegativeLong("index");
        long term = in.getNonNegativeLong("term");
        if (index == 0 && term != 0) {
            throw new MalformedException("index 0 has term " + term);
        }
        return new Mark(index, term, in.getLong());
    }

    /// Such as `7@3`: index 7, term 3.
    @Override
    public String toString() {
        return index + "@" + term;
    }
}
