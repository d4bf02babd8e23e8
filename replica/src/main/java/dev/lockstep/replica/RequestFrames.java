package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

/// Requests that a replica passes on to the others, because they should have been ordered by now.
///
/// | kind | content |
/// |---|---|
/// | REQUESTS | requests as in a batch ([OpenBatch]) |
final class RequestFrames {

    static final int REQUESTS = 18;

    private RequestFrames() {}

    static Bytes requests(long epoch, Bytes payload) {
        BytesWriter out = new BytesWriter(PeerFrames.HEADER_BYTES + payload.size());
        PeerFrames.begin(REQUESTS, epoch, out);
        return out.put(payload).toBytes();
    }
}
