package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;

/// What hosts say to each other about epochs; frames as in [PeerFrames].
///
/// | kind | content |
/// |---|---|
/// | MOVED | nothing: what was sent is of an epoch that has ended |
/// | BEGUN | nothing: the sender is in the epoch, and that is durable |
/// | PROGRESS | position u64: the sender is no member, and follows through here |
///
/// That an epoch has come is in every frame's header; how, is in the history.
final class EpochFrames {

    static final int MOVED = 9;
    static final int BEGUN = 10;
    static final int PROGRESS = 11;

    private EpochFrames() {}

    static Bytes moved(long epoch) {
        return begin(MOVED, epoch).toBytes();
    }

    static Bytes begun(long epoch) {
        return begin(BEGUN, epoch).toBytes();
    }

    static Bytes progress(long epoch, long position) {
        return begin(PROGRESS, epoch).putLong(position).toBytes();
    }

    static long decodeProgress(Bytes content) {
        BytesReader in = new BytesReader(content);
        long position = in.getNonNegativeLong("position");
        in.requireEnd();
        return position;
    }

    private static BytesWriter begin(int kind, long epoch) {
        BytesWriter out = new BytesWriter(PeerFrames.HEADER_BYTES + Long.BYTES);
        PeerFrames.begin(kind, epoch, out);
        return out;
    }
}
