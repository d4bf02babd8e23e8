package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;

/// What members say of their whole states; a frame as in [PeerFrames].
///
/// | kind | content |
/// |---|---|
/// | STATE | position u64, digest u64 |
final class StateFrames {

    static final int STATE = 17;

    /// A member's state.
    ///
    /// @param position how far it had executed
    /// @param digest see [StateDigest#whole()]
    record State(long position, long digest) {}

    private StateFrames() {}

    static Bytes state(long epoch, State state) {
        BytesWriter out = new BytesWriter(PeerFrames.HEADER_BYTES + 16);
        PeerFrames.begin(STATE, epoch, out);
        return out.putLong(state.position()).putLong(state.digest()).toBytes();
    }

    static State decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        State state = new State(in.getNonNegativeLong("position"), in.getLong());
        in.requireEnd();
        return state;
    }
}
