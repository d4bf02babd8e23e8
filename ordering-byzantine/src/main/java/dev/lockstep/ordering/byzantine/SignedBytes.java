package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import java.nio.charset.StandardCharsets;

/// The byte strings that are signed (§3). Each begins with what it is, under which setting, in
/// which cluster and epoch, so that a signature counts for nothing else.
final class SignedBytes {

    private static final byte[] TAG = "LSBYZ1\0".getBytes(StandardCharsets.US_ASCII);
    private static final int VOTE1 = 4;
    private static final int VOTE2 = 5;
    private static final int TIMEOUT = 8;

    private final int setting;
    private final ClusterId cluster;
    private final Epoch epoch;

    /// @param setting which of the two settings
    SignedBytes(int setting, ClusterId cluster, Epoch epoch) {
        this.setting = setting;
        this.cluster = cluster;
        this.epoch = epoch;
    }

    Bytes vote(Phase phase, BlockRef block) {
        int kind =
                switch (phase) {
                    case FIRST -> VOTE1;
                    case SECOND -> VOTE2;
                };
        BytesWriter out = begin(kind);
        ByzantineCodec.encodeRef(block, out);
        return out.toBytes();
    }

    Bytes timeout(long view, Rank highRank, Hash highHash) {
        BytesWriter out = begin(TIMEOUT);
        out.putLong(view);
        ByzantineCodec.encodeRank(highRank, out);
        highHash.encode(out);
        return out.toBytes();
    }

    private BytesWriter begin(int kind) {
        BytesWriter out = new BytesWriter(128);
        out.put(TAG, 0, TAG.length).putByte(kind).putByte(setting);
        out.putLong(cluster.high()).putLong(cluster.low()).putLong(epoch.value());
        return out;
    }
}
