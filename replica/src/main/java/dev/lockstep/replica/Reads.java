package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.wire.ClientRequest;

/// Queries between their arrival and their answer. Who answers a client says which way
/// ([dev.lockstep.core.HostPolicy.Replies]).
interface Reads {

    /// A client asks; it is answered in any case, perhaps before this returns.
    void ask(Now now, long connection, Asker asker, ClientRequest.Query query);

    /// How many queries wait here.
    int size();

    void onReadable(long barrier, long position);

    void onUnreadable(Now now, long barrier);

    /// Another epoch has begun, which knows nothing of what the last one was asked.
    void askAgain();

    /// Tells every query that it cannot be answered here.
    void refuseAll(String sentence);

    /// The end of a duty cycle.
    void advance(Now now);

    /// When [#advance] is to be called at the latest, monotonic.
    ///
    /// @param immediately what to return if there is something to do at once
    long nextDeadlineNanos(long immediately);
}
