package dev.lockstep.replica;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.wire.Bytes;

/// Who at this replica hears of requests as they are executed. Nothing that replicas must agree on
/// depends on it.
interface Audience {

    /// A request other than a query is about to be executed, or to be found executed already.
    void onOrdered(int kind, int client, long session, long sequence);

    /// True if somebody here has asked this very query, and waits for what the state says at the
    /// position that it was given.
    boolean awaits(int client, long number, Bytes query);

    /// True if what is refused of this batch is refused to those who wait here.
    boolean hearsRefusals(BatchId batch);

    /// Whoever admits a request submits it in a batch of its own making, and answers it.
    ///
    /// @param options of the replica
    static Audience ofOwnBatches(ReplicaOptions options) {
        return new Audience() {
            @Override
            public void onOrdered(int kind, int client, long session, long sequence) {}

            @Override
            public boolean awaits(int client, long number, Bytes query) {
                return false;
            }

            /// A refusal is about one copy of a request, so it goes to the client of the replica
            /// that admitted this copy, not to one that waits elsewhere for another.
            @Override
            public boolean hearsRefusals(BatchId batch) {
                return batch.boot() == options.boot()
                        && batch.origin().equals(options.self())
                        && batch.incarnation().equals(options.incarnation());
            }
        };
    }
}
