package dev.lockstep.ordering.stability;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;

import org.jspecify.annotations.Nullable;

/// What stability ordering wants back to resume from a delivered position, or to take history: what
/// was executed there, and which commands were executed by then.
///
/// @param epoch whose order
/// @param mark what the position holds, at its unique id
/// @param done the encoded [Done] once it is executed
/// @param sign the stop sign, if that is what the position holds
record Anchor(long epoch, Mark mark, Bytes done, @Nullable StopSign sign) {

    /// Tells these anchors from other orders' when a cluster has switched.
    private static final int TAG = 0x53;

    private static final int BATCH = 1;
    private static final int SIGN = 2;
    private static final int LEAST_BYTES = 2 + 8 + 8 + 4 + 8 + 4 + 1;
    private static final int MAX_DONE_BYTES = 1 + 16 * 31;

    static Bytes encode(Epoch epoch, Mark mark, Done done, @Nullable StopSign sign) {
        BytesWriter out = new BytesWriter(256);
        out.putByte(TAG).putByte(sign == null ? BATCH : SIGN).putLong(epoch.value());
        StabilityCodec.encodeMark(mark, out);
        BytesWriter set = new BytesWriter(128);
        done.encode(set);
        out.putSized(set.toBytes());
        if (sign != null) {
            StopSignCodec.encode(sign, out);
        }
        return out.toBytes();
    }

    /// Reads what [#encode] wrote; null if the bytes are another order's, or none.
    ///
    /// @throws MalformedException if they claim to be and are not
    static @Nullable Anchor decode(Bytes bytes) {
        if (bytes.size() < LEAST_BYTES || bytes.getByte(0) != TAG) {
            return null;
        }
        BytesReader in = new BytesReader(bytes);
        in.getBytes(1);
        int kind = in.getByte();
        if (kind != BATCH && kind != SIGN) {
            throw new MalformedException("no anchor has kind " + kind);
        }
        long epoch = in.getNonNegativeLong("epoch");
        Mark mark = StabilityCodec.decodeMark(in);
        Bytes done = in.getSized(MAX_DONE_BYTES, "commands done");
        if (epoch == 0 || done.isEmpty()) {
            throw new MalformedException("no anchor is of epoch " + epoch);
        }
        StopSign sign = kind == SIGN ? StopSignCodec.decode(in) : null;
        in.requireEnd();
        return new Anchor(epoch, mark, done, sign);
    }
}
