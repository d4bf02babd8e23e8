package dev.lockstep.ordering.leader;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;

import org.jspecify.annotations.Nullable;

/// What leader ordering wants back to resume from a delivered position, or to check history: where
/// in which epoch's log the position was.
///
/// @param epoch whose log
/// @param mark where in it
/// @param sign the stop sign, if that is what the position holds
record Anchor(long epoch, Mark mark, @Nullable StopSign sign) {

    /// Tells these anchors from other orders' when a cluster has switched.
    private static final int TAG = 0x4c;

    private static final int BATCH = 1;
    private static final int SIGN = 2;
    private static final int BYTES = 2 + Long.BYTES + Mark.BYTES;

    static Bytes encode(Epoch epoch, LogEntry entry) {
        StopSign sign = entry.sign();
        BytesWriter out = new BytesWriter(sign == null ? BYTES : 256);
        out.putByte(TAG).putByte(sign == null ? BATCH : SIGN).putLong(epoch.value());
        entry.mark().encode(out);
        if (sign != null) {
            StopSignCodec.encode(sign, out);
            return out.toBytes();
        }
        return Bytes.wrap(out.array(), 0, out.size());
    }

    /// Reads what [#encode] wrote; null if the bytes are another order's, or none.
    ///
    /// @throws MalformedException if they claim to be and are not
    static @Nullable Anchor decode(Bytes bytes) {
        if (bytes.size() < BYTES || bytes.getByte(0) != TAG) {
            return null;
        }
        BytesReader in = new BytesReader(bytes);
        in.getBytes(1);
        int kind = in.getByte();
        if (kind != BATCH && kind != SIGN) {
            throw new MalformedException("no anchor has kind " + kind);
        }
        long epoch = in.getNonNegativeLong("epoch");
        Mark mark = Mark.decode(in);
        if (epoch == 0 || mark.index() == 0) {
            throw new MalformedException("no anchor is of epoch " + epoch + ", entry " + mark);
        }
        StopSign sign = kind == SIGN ? StopSignCodec.decode(in) : null;
        in.requireEnd();
        return new Anchor(epoch, mark, sign);
    }
}
