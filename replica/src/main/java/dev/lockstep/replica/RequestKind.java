package dev.lockstep.replica;

/// What a request in a batch asks for. Codes are in journals and on the wire: add, never renumber.
final class RequestKind {

    /// Run the body; fields: session, sequence, acknowledged.
    static final int COMMAND = 1;

    /// Open a session; fields: the client's nonce, timeout in nanoseconds, 0. No body.
    static final int OPEN = 2;

    /// Use up a number; fields as for [#COMMAND]. No body.
    static final int SKIP = 3;

    /// The session lives; fields: session, 0, acknowledged. No body.
    static final int KEEP_ALIVE = 4;

    /// End the session; fields: session, 0, 0. No body.
    static final int CLOSE = 5;

    /// Answer the body, and change nothing; fields: the query's name, and if it is signed how fresh
    /// the answer must be and the position that it must cover, otherwise 0 and 0. For replicas that
    /// order queries ([OrderedQueries]).
    static final int QUERY = 6;

    /// End the epoch as an operator has signed; fields: the wish's name, the epoch that it ends, 0.
    /// The body is a [Wish]. For replicas of which some may lie.
    static final int WISH = 7;

    /// Added to a kind: the request's proof follows its body.
    static final int SIGNED = 0x80;

    private RequestKind() {}
}
