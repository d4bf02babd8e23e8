package dev.lockstep.node;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;

import java.util.SequencedMap;

/// The way from a protocol port to the cluster: through the replica of the same process, or as a
/// client of all replicas. One session for all the port's connections, numbering their commands in
/// the order in which they are issued.
///
/// The session is opened with the first command, kept alive, and opened again if the cluster ended
/// it. Commands of one node run in the order they were issued.
///
/// Threading: the loop's thread.
public interface Gateway {

    /// Issues a command. Its bytes are copied before the call returns.
    ///
    /// @return false if it was not taken: it is not executed, `callback` is not called, and
    ///     [#refusalStatus()] and [#refusal()] say why. [#onWritable] tells when to try again
    boolean command(byte[] bytes, int offset, int length, GatewayCallback callback);

    /// Asks a query. `SESSION` reads what this gateway has seen. Past the bound of waiting queries
    /// `callback` gets `OVERLOADED`.
    void query(Bytes query, ClientRequest.Freshness freshness, GatewayCallback callback);

    /// Why the last [#command] was not taken: `OVERLOADED`, `UNAVAILABLE` or `REFUSED`.
    ClientReply.Status refusalStatus();

    /// Why the last [#command] was not taken: one sentence for people.
    String refusal();

    /// Commands and queries without an outcome.
    int inFlight();

    /// What answers, and how it is now: words and their values, for people.
    SequencedMap<String, String> about();

    /// Runs `action` once, on the loop's thread and not within this call, when a command that was
    /// not taken may be tried again.
    void onWritable(Runnable action);
}
