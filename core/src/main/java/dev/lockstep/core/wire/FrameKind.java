package dev.lockstep.core.wire;

/// The kinds of frames between processes. Codes are on the wire: add, never renumber.
///
/// A frame is a little-endian `u32` length of what follows, a `u8` kind, a `u32` group, and
/// content.
public final class FrameKind {

    /// The first frame on every connection, from whoever dialled.
    public static final int HELLO = 1;

    /// The answer to [#HELLO]: accepted, or refused with a sentence.
    public static final int WELCOME = 2;

    /// From replica to replica.
    public static final int PEER = 3;

    /// What a replica knows of where others are reached, to another.
    public static final int ADDRESSES = 4;

    /// [ClientRequest.Open].
    public static final int OPEN = 16;

    /// [ClientRequest.Command].
    public static final int COMMAND = 17;

    /// [ClientRequest.Query].
    public static final int QUERY = 18;

    /// [ClientRequest.Skip].
    public static final int SKIP = 19;

    /// [ClientRequest.KeepAlive].
    public static final int KEEP_ALIVE = 20;

    /// [ClientRequest.Close].
    public static final int CLOSE = 21;

    /// Any of the kinds from [#OPEN] to [#CLOSE], signed by the client ([SignedFrame]).
    public static final int SIGNED = 22;

    /// [ClientReply].
    public static final int REPLY = 32;

    /// Which replica is the best entry now: content `u32`, 0 if unknown.
    public static final int PREFERRED_ENTRY = 33;

    /// Who the members are now, and where clients reach them.
    public static final int MEMBERS = 34;

    private FrameKind() {}
}
