package dev.lockstep.node;

import dev.lockstep.core.wire.ClientReply;

/// Told once what became of a command or query that went through a [Gateway], on the loop's thread,
/// perhaps before the call that issued it returns.
@FunctionalInterface
public interface GatewayCallback {

    /// What became of it.
    ///
    /// @param status `UNKNOWN` if a command may or may not have been executed
    /// @param position where it was executed or what was read; 0 if nothing was
    /// @param bytes `length` bytes from `offset` are the reply, or a sentence in UTF-8 if the
    /// status
    ///     is not OK; valid during the call only
    void onReply(ClientReply.Status status, long position, byte[] bytes, int offset, int length);

    /// Whether there is room for a reply of `lengthBytes`, asked once before a reply whose status
    /// is OK is kept for [#onReply].
    ///
    /// Asked from within the replica: must not call the gateway, and must not throw.
    ///
    /// @return false if the reply is to be dropped: [#onReply] then gets `OVERLOADED` for a query
    ///     and `UNKNOWN` for a command, which has been executed
    default boolean takes(int lengthBytes) {
        return true;
    }
}
