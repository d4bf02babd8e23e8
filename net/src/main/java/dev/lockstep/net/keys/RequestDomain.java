package dev.lockstep.net.keys;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import java.nio.charset.StandardCharsets;

/// Where a client's signature counts, and nowhere else.
///
/// @param setting which setting of the protocol, one byte: that of the members' own signatures
/// @param cluster which cluster
/// @param epoch which epoch; a request that is ordered in another must be signed again
public record RequestDomain(int setting, ClusterId cluster, Epoch epoch) {

    private static final byte[] TAG = "LSREQ1\0".getBytes(StandardCharsets.US_ASCII);
    private static final int SIGNED_BYTES = TAG.length + 1 + 16 + 8 + 4 + 2 + Sha256.BYTES;

    /// What `client` signs for a burst.
    Bytes signed(int client, int size, byte[] root) {
        BytesWriter out = new BytesWriter(SIGNED_BYTES);
        out.put(TAG, 0, TAG.length).putByte(setting);
        out.putLong(cluster.high()).putLong(cluster.low()).putLong(epoch.value());
        out.putInt(client).putShort(size).put(root, 0, Sha256.BYTES);
        return out.toBytes();
    }
}
