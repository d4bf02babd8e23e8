package dev.lockstep.replica;

import java.util.Comparator;

/// What tells two requests apart, and copies of one from others: whose it is, a session or a nonce
/// and, as in [ReplyRouting], a sequence number or a code for what is asked.
///
/// @param client who has signed it; 0 where nobody signs
record RequestName(int client, long session, long what) implements Comparable<RequestName> {

    private static final Comparator<RequestName> ORDER =
            Comparator.comparingLong(RequestName::session)
                    .thenComparingLong(RequestName::what)
                    .thenComparingInt(RequestName::client);

    /// @param kind one of [RequestKind]
    static RequestName of(int kind, int client, long session, long sequence) {
        return new RequestName(client, session, whatOf(kind, sequence));
    }

    /// A sequence number, or the code for what is asked.
    ///
    /// @param kind one of [RequestKind]
    static long whatOf(int kind, long sequence) {
        return switch (kind) {
            case RequestKind.COMMAND, RequestKind.SKIP -> sequence;
            case RequestKind.OPEN -> ReplyRouting.OPENING;
            case RequestKind.KEEP_ALIVE -> ReplyRouting.KEEPING_ALIVE;
            case RequestKind.QUERY -> ReplyRouting.QUERYING;
            case RequestKind.WISH -> ReplyRouting.WISHING;
            default -> ReplyRouting.CLOSING;
        };
    }

    @Override
    public int compareTo(RequestName other) {
        return ORDER.compare(this, other);
    }
}
