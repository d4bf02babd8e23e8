package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.io.DataInputStream;
import java.io.IOException;

/// How the content of a snapshot begins: of which cluster it is, where it was taken, and what the
/// protocol wants back to resume from there. The host's state follows, then the service's.
///
/// @param cluster whose
/// @param epoch the epoch of the position
/// @param position everything through here is in it
/// @param timeNanos agreed time there
/// @param anchor what the protocol delivered with the position
public record SnapshotHead(
        ClusterId cluster, long epoch, long position, long timeNanos, Bytes anchor) {

    private static final int MAGIC = 0x4c_53_53_43;
    private static final int VERSION = 1;
    private static final int FIXED_BYTES = 4 + 4 + 16 + 8 + 8 + 8 + 4;

    void encode(BytesWriter out) {
        out.putInt(MAGIC).putInt(VERSION);
        out.putLong(cluster.high()).putLong(cluster.low());
        out.putLong(epoch).putLong(position).putLong(timeNanos);
        out.putSized(anchor);
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    public static SnapshotHead read(DataInputStream in) throws IOException {
        byte[] fixed = new byte[FIXED_BYTES];
        in.readFully(fixed);
        BytesReader reader = new BytesReader(Bytes.wrap(fixed));
        if (reader.getInt() != MAGIC) {
            throw new MalformedException("no snapshot of a replica begins like this");
        }
        int version = reader.getInt();
        if (version != VERSION) {
            throw new MalformedException("a snapshot of version " + version + ", not " + VERSION);
        }
        ClusterId cluster = new ClusterId(reader.getLong(), reader.getLong());
        long epoch = reader.getNonNegativeLong("epoch");
        long position = reader.getNonNegativeLong("position");
        long timeNanos = reader.getLong();
        int size = reader.getInt();
        if (size < 0 || size > PeerFrames.MAX_ANCHOR_BYTES) {
            throw new MalformedException("an anchor of " + size + " bytes");
        }
        byte[] anchor = new byte[size];
        in.readFully(anchor);
        return new SnapshotHead(cluster, epoch, position, timeNanos, Bytes.wrap(anchor));
    }
}
