package dev.lockstep.net;

/// The bounds of one connection.
///
/// @param contentBytes the largest content of a frame that is taken
/// @param pauseBytes while more than this waits to be sent, nothing is read from the connection
/// @param outputBytes more than this never waits to be sent: see [FrameConnection#hasRoom]
public record ConnectionOptions(int contentBytes, long pauseBytes, long outputBytes) {

    private static final int MIB = 1 << 20;

    /// What holds between members.
    public static final ConnectionOptions PEER =
            new ConnectionOptions(Frames.MAX_PEER_CONTENT_BYTES, Long.MAX_VALUE, 128L * MIB);

    /// What holds for clients whose requests and replies have at most `largestBytes`.
    public static ConnectionOptions forClients(int largestBytes) {
        return new ConnectionOptions(largestBytes + 1024, MIB, 64L * MIB + largestBytes);
    }

    public ConnectionOptions {
        if (contentBytes < Frames.MAX_HANDSHAKE_BYTES || pauseBytes < 1 || outputBytes < 1) {
            throw new IllegalArgumentException(
                    "contentBytes "
                            + contentBytes
                            + ", pauseBytes "
                            + pauseBytes
                            + ", outputBytes "
                            + outputBytes);
        }
    }
}
