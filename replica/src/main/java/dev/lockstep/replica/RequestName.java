package dev.lockstep.replica;

import java.util.Comparator;

/// What tells two requests apart, and copies of one from others: a session or a nonce and, as in
/// [ReplyRouting], a sequence number or a code for what is asked.
record RequestName(long session, long what) implements Comparable<RequestName> {

    private static final Comparator<RequestName> ORDER =
            Comparator.comparingLong(RequestName::session).thenComparingLong(RequestName::what);

    /// @param kind one of [RequestKind]
    static RequestName of(int kind, long session, long sequence) {
        return new RequestName(
                session,
                switch (kind) {
                    case RequestKind.COMMAND, RequestKind.SKIP -> sequence;
                    case RequestKind.OPEN -> ReplyRouting.OPENING;
                    case RequestKind.KEEP_ALIVE -> ReplyRouting.KEEPING_ALIVE;
                    case RequestKind.QUERY -> ReplyRouting.QUERYING;
                    default -> ReplyRouting.CLOSING;
                });
    }

    @Override
    public int compareTo(RequestName other) {
        return ORDER.compare(this, other);
    }
}
