package dev.lockstep.replica;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;

import java.nio.charset.StandardCharsets;

/// Every query is given a position, like a command, and answered there by each replica: clients
/// that count equal answers get as many as there are honest replicas, whatever is ordered
/// meanwhile. It is at least as fresh as any [ClientRequest.Freshness] wants.
///
/// A client names each query by 64 random bits. What is ordered under a name after the client has
/// chosen it comes after all that was acknowledged before, so that an answer is linearizable even
/// from a replica that is behind.
final class OrderedQueries implements Reads {

    private final Admission admission;
    private final ReplyRouting routing;
    private final ReplicaListener listener;

    OrderedQueries(Admission admission, ReplyRouting routing, ReplicaListener listener) {
        this.admission = admission;
        this.routing = routing;
        this.listener = listener;
    }

    @Override
    public void ask(Now now, long connection, Asker asker, ClientRequest.Query query) {
        routing.touch(connection);
        Status status = admission.query(now, connection, asker, query);
        if (status != Status.OK) {
            listener.onNotAdmitted(status, admission.refusal());
            byte[] text = admission.refusal().getBytes(StandardCharsets.UTF_8);
            routing.send(
                    connection, Kind.QUERY, status, 0, query.number(), 0, text, 0, text.length);
        }
    }

    /// They wait among the requests.
    @Override
    public int size() {
        return 0;
    }

    @Override
    public void onReadable(long barrier, long position) {
        throw Invariant.broken("nobody has asked for a barrier");
    }

    @Override
    public void onUnreadable(Now now, long barrier) {
        throw Invariant.broken("nobody has asked for a barrier");
    }

    /// What waits for its position waits for it in the next epoch too.
    @Override
    public void askAgain() {}

    /// What was admitted is answered when it is ordered, or refused where the requests are.
    @Override
    public void refuseAll(String sentence) {}

    @Override
    public void advance(Now now) {}

    @Override
    public long nextDeadlineNanos(long immediately) {
        return Long.MAX_VALUE;
    }
}
