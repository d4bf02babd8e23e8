package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Reign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.io.DataInputStream;
import java.io.IOException;

/// How the content of a snapshot begins: of which cluster it is, where it was taken, and what the
/// protocol wants back to resume from there. The host's state follows, then the service's.
///
/// @param cluster whose
/// @param reign the epoch of the position; null for the first one as every member is configured,
///     which is how a restored cluster begins
/// @param position everything through here is in it
/// @param timeNanos agreed time there
/// @param anchor what the protocol delivered with the position
public record SnapshotHead(
        ClusterId cluster, @Nullable Reign reign, long position, long timeNanos, Bytes anchor) {

    private static final int MAGIC = 0x4c_53_53_43;
    private static final int VERSION = 2;
    private static final int MOST_REIGN_BYTES = 4_096;
    private static final int FIXED_BYTES = 4 + 4 + 16 + 8 + 8 + 4;

    void encode(BytesWriter out) {
        out.putInt(MAGIC).putInt(VERSION);
        out.putLong(cluster.high()).putLong(cluster.low());
        out.putLong(position).putLong(timeNanos);
        BytesWriter written = new BytesWriter(256);
        if (reign != null) {
            reign.encode(written);
        }
        out.putSized(written.toBytes());
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
        long position = reader.getNonNegativeLong("position");
        long timeNanos = reader.getLong();
        byte[] written = sized(in, reader.getInt(), MOST_REIGN_BYTES, "an epoch");
        byte[] size = new byte[Integer.BYTES];
        in.readFully(size);
        int anchorSize = Bytes.wrap(size).getInt(0);
        byte[] anchor = sized(in, anchorSize, PeerFrames.MAX_ANCHOR_BYTES, "an anchor");
        Reign reign = written.length == 0 ? null : reignOf(Bytes.wrap(written));
        return new SnapshotHead(cluster, reign, position, timeNanos, Bytes.wrap(anchor));
    }

    private static Reign reignOf(Bytes written) {
        BytesReader in = new BytesReader(written);
        Reign reign = Reign.decode(in);
        in.requireEnd();
        return reign;
    }

    private static byte[] sized(DataInputStream in, int size, int most, String what)
            throws IOException {
        if (size < 0 || size > most) {
            throw new MalformedException(what + " of " + size + " bytes");
        }
        byte[] bytes = new byte[size];
        in.readFully(bytes);
        return bytes;
    }
}
