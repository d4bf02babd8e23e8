package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.ArrayList;
import java.util.List;

/// What hosts say to each other, and the envelope of what protocols say: one byte of kind, eight of
/// epoch, content.
///
/// | kind | content |
/// |---|---|
/// | PROTOCOL | one message of the epoch's protocol |
/// | NEED_HISTORY | first wanted position u64 |
/// | HISTORY | first position u64, delivered through u64, count u32, entries |
/// | CHAIN | position u64, digest u64 |
///
/// An entry of HISTORY: agreed time u64, anchor with its size, batch.
final class PeerFrames {

    static final int PROTOCOL = 1;
    static final int NEED_HISTORY = 2;
    static final int HISTORY = 3;
    static final int CHAIN = 4;

    /// What [#begin] writes.
    static final int HEADER_BYTES = 1 + 8;

    /// No protocol's anchor is larger.
    static final int MAX_ANCHOR_BYTES = 1 << 20;

    private static final int LEAST_ENTRY_BYTES = 8 + 4 + Batch.HEADER_BYTES;

    /// A part of delivered history.
    ///
    /// @param from the position of the first entry, as it was asked for
    /// @param deliveredThrough how far the sender has delivered
    record History(long from, long deliveredThrough, List<HistoryEntry> entries) {}

    /// A member's reply chain.
    ///
    /// @param position how far it has executed
    record Chain(long position, long digest) {}

    private PeerFrames() {}

    static void begin(int kind, long epoch, BytesWriter out) {
        out.putByte(kind).putLong(epoch);
    }

    static int kind(Bytes frame) {
        requireHeader(frame);
        return frame.getByte(0) & 0xff;
    }

    static long epoch(Bytes frame) {
        requireHeader(frame);
        return frame.getLong(1);
    }

    static Bytes content(Bytes frame) {
        requireHeader(frame);
        return frame.slice(HEADER_BYTES, frame.size() - HEADER_BYTES);
    }

    private static void requireHeader(Bytes frame) {
        if (frame.size() < HEADER_BYTES) {
            throw new MalformedException("a peer's frame of " + frame.size() + " bytes");
        }
    }

    static Bytes needHistory(long epoch, long from) {
        BytesWriter out = new BytesWriter(HEADER_BYTES + 8);
        begin(NEED_HISTORY, epoch, out);
        return out.putLong(from).toBytes();
    }

    static long decodeNeedHistory(Bytes content) {
        BytesReader in = new BytesReader(content);
        long from = positive(in.getLong());
        in.requireEnd();
        return from;
    }

    static Bytes chain(long epoch, long position, long digest) {
        BytesWriter out = new BytesWriter(HEADER_BYTES + 16);
        begin(CHAIN, epoch, out);
        return out.putLong(position).putLong(digest).toBytes();
    }

    static Chain decodeChain(Bytes content) {
        BytesReader in = new BytesReader(content);
        Chain chain = new Chain(in.getNonNegativeLong("position"), in.getLong());
        in.requireEnd();
        return chain;
    }

    /// Appends one entry of a HISTORY frame, in the order of positions.
    static void putEntry(long timeNanos, Bytes anchor, Batch batch, BytesWriter out) {
        out.putLong(timeNanos).putSized(anchor);
        batch.encode(out);
    }

    static History decodeHistory(Bytes content) {
        BytesReader in = new BytesReader(content);
        long from = positive(in.getLong());
        long deliveredThrough = in.getNonNegativeLong("position");
        int count = in.getCount(1 << 20, LEAST_ENTRY_BYTES, "number of entries");
        if (count > Long.MAX_VALUE - from) {
            throw new MalformedException("history ends after the last position");
        }
        List<HistoryEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long timeNanos = in.getLong();
            Bytes anchor = in.getSized(MAX_ANCHOR_BYTES, "anchor");
            entries.add(new HistoryEntry(from + i, Batch.decode(in), timeNanos, anchor));
        }
        in.requireEnd();
        return new History(from, deliveredThrough, entries);
    }

    private static long positive(long position) {
        if (position < 1) {
            throw new MalformedException("no position is " + position);
        }
        return position;
    }
}
