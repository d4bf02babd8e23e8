package dev.lockstep.net;

/// Takes what comes in on a [FrameConnection] once its handshake is done.
///
/// Threading: the loop's thread. A [dev.lockstep.core.wire.MalformedException] closes the
/// connection with one log line; any other exception leaves through [NetworkLoop#poll].
public interface FrameHandler {

    /// A frame came in.
    ///
    /// @param group which state machine it is for
    /// @param bytes `length` bytes from `offset` are the content: valid during the call only,
    ///     unless [#keepsFrames()], which makes the array exact and gives it away
    void onFrame(
            FrameConnection connection, int kind, int group, byte[] bytes, int offset, int length);

    /// The connection ended, whoever ended it. Called once, last.
    void onClosed(FrameConnection connection);

    /// True if every frame's content is to come in an array of its own.
    default boolean keepsFrames() {
        return false;
    }
}
