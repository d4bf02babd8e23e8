package dev.lockstep.ordering.stability;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;

import org.jspecify.annotations.Nullable;

/// What the fail-stop order wants back to resume from a delivered position, or to take history.
///
/// @param mark what the position holds, or for the stop sign what came before it; null if nothing
///     did in this epoch
/// @param sign the stop sign, if that is what the position holds
record FailStopAnchor(long epoch, @Nullable Mark mark, @Nullable StopSign sign) {

    /// Tells these anchors from other orders'.
    private static final int TAG = 0x46;

    private static final int MARK = 1;
    private static final int SIGN = 2;

    static Bytes encode(Epoch epoch, @Nullable Mark mark, @Nullable StopSign sign) {
        BytesWriter out = new BytesWriter(64);
        out.putByte(TAG).putByte((mark == null ? 0 : MARK) | (sign == null ? 0 : SIGN));
        out.putLong(epoch.value());
        if (mark != null) {
            StabilityCodec.encodeMark(mark, out);
        }
        if (sign != null) {
            StopSignCodec.encode(sign, out);
        }
        return out.toBytes();
    }

    /// Null if the bytes are another order's, or none.
    ///
    /// @throws MalformedException if they claim to be and are not
    static @Nullable FailStopAnchor decode(Bytes bytes) {
        if (bytes.size() < 2 + 8 || bytes.getByte(0) != TAG) {
            return null;
        }
        BytesReader in = new BytesReader(bytes);
        in.getBytes(1);
        int kind = in.getByte();
        if (kind < MARK || kind > (MARK | SIGN)) {
            throw new MalformedException("no fail-stop anchor has kind " + kind);
        }
        long epoch = in.getNonNegativeLong("epoch");
        Mark mark = (kind & MARK) == 0 ? null : StabilityCodec.decodeMark(in);
        StopSign sign = (kind & SIGN) == 0 ? null : StopSignCodec.decode(in);
        in.requireEnd();
        return new FailStopAnchor(epoch, mark, sign);
    }

    /// How far into all epochs it reaches.
    static int compare(@Nullable FailStopAnchor one, @Nullable FailStopAnchor other) {
        if (one == null || other == null) {
            return Boolean.compare(one != null, other != null);
        }
        int order = Long.compare(one.epoch, other.epoch);
        if (order == 0) {
            order = Boolean.compare(one.sign != null, other.sign != null);
        }
        if (order == 0) {
            Mark none = new Mark(0, new CommandId(new ReplicaId(1), 1));
            Mark mine = one.mark == null ? none : one.mark;
            order = mine.compareTo(other.mark == null ? none : other.mark);
        }
        return order;
    }
}
