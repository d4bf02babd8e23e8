package dev.lockstep.core.wire;

/// What a client asks of a replica. Data only.
public sealed interface ClientRequest {

    /// How fresh the state that answers a query must be. Codes are on the wire.
    enum Freshness {
        /// Covers every command acknowledged before the query arrived.
        LINEARIZABLE,
        /// Covers the position that the query names.
        SESSION,
        /// Whatever has been executed here.
        LOCAL
    }

    /// Open a session.
    ///
    /// @param nonce echoed in the reply's `sequence`; 64 random bits, so that the same opening sent
    ///     again gives the same session
    /// @param timeoutNanos agreed time without a word after which the session expires
    record Open(long nonce, long timeoutNanos) implements ClientRequest {}

    /// Execute a command, once.
    ///
    /// @param sequence 1, 2, 3, … within the session, without gaps
    /// @param acknowledged replies up to this number have reached the client: forget them
    /// @param command what the state machine gets
    record Command(long session, long sequence, long acknowledged, Bytes command)
            implements ClientRequest {}

    /// Answer a query.
    ///
    /// @param number the client's own, echoed in the reply's `sequence`
    /// @param atLeast for [Freshness#SESSION]: the position the client has seen
    record Query(long number, Freshness freshness, long atLeast, Bytes query)
            implements ClientRequest {}

    /// Use up a sequence number without executing anything, so that later commands need not wait
    /// for one that the client gave up: sent only for a number of which every copy was refused.
    record Skip(long session, long sequence, long acknowledged) implements ClientRequest {}

    /// The session lives; replies up to `acknowledged` have reached the client.
    record KeepAlive(long session, long acknowledged) implements ClientRequest {}

    /// End the session.
    record Close(long session) implements ClientRequest {}
}
