package dev.lockstep.core.wire;

/// What a replica answers a client, and with what meaning.
///
/// @param kind what it answers
/// @param session the session; for [Kind#OPEN] the new session's id
/// @param sequence the request's or query's number, as the client chose it
/// @param position where the command was executed, or what position was read; 0 if none
/// @param bytes the state machine's reply, or a sentence in UTF-8 if the status is not OK
public record ClientReply(
        Kind kind, Status status, long session, long sequence, long position, Bytes bytes) {

    /// What a reply answers. Codes are on the wire: add, never renumber.
    public enum Kind {
        /// A command.
        COMMAND,
        /// A query.
        QUERY,
        /// The opening of a session; `sequence` is the client's nonce.
        OPEN,
        /// A keep-alive or the closing of a session.
        SESSION
    }

    /// What became of a request. Codes are on the wire: add, never renumber.
    public enum Status {
        /// Executed; the bytes are the reply.
        OK,
        /// The state machine threw; the bytes say what.
        SERVICE_FAILURE,
        /// Past a bound: not executed, and no sequence number is used up. Try again later.
        OVERLOADED,
        /// The session is unknown or has expired: not executed.
        SESSION_EXPIRED,
        /// Too far past a gap in the session's numbers: not executed, no number used up.
        OUT_OF_ORDER,
        /// Refused as it stands, such as too large: not executed.
        REFUSED,
        /// This replica cannot serve now (starting, stopping, cut off): not executed here; ask
        /// another.
        UNAVAILABLE,
        /// Executed, but so long ago that the client had acknowledged the reply and it is
        /// forgotten.
        FORGOTTEN,
        /// Executed once or not at all: nobody can say any more. Answered by a node to its own
        /// gateways, when their session is lost.
        UNKNOWN
    }

    private static final Kind[] KINDS = Kind.values();
    private static final Status[] STATUSES = Status.values();

    /// The kind of a code on the wire.
    ///
    /// @throws MalformedException if there is none
    public static Kind kindOf(int code) {
        if (code < 0 || code >= KINDS.length) {
            throw new MalformedException("unknown kind of reply: " + code);
        }
        return KINDS[code];
    }

    /// The status of a code on the wire.
    ///
    /// @throws MalformedException if there is none
    public static Status statusOf(int code) {
        if (code < 0 || code >= STATUSES.length) {
            throw new MalformedException("unknown status of a reply: " + code);
        }
        return STATUSES[code];
    }
}
