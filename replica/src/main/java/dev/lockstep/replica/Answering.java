package dev.lockstep.replica;

import dev.lockstep.core.port.PeerPort;

/// Who answers a client ([dev.lockstep.core.HostPolicy.Replies]), and what follows from it for what
/// becomes of requests and queries.
sealed interface Answering {

    /// What becomes of requests that were admitted.
    Intake intake();

    /// Who hears of requests as they are executed.
    Audience audience();

    /// What this replica knows of requests that another wants to have ordered.
    KnownRequests known();

    /// What becomes of queries.
    Reads reads(Executor executor, Service service, Admission admission, AgreedClock clock);

    /// The replica that the client is connected to.
    final class ByEntry implements Answering {

        private final ReplicaOptions options;
        private final CurrentEngine engine;
        private final ReplyRouting routing;
        private final ReplicaListener listener;
        private final OwnBatches batches;

        ByEntry(
                ReplicaOptions options,
                CurrentEngine engine,
                ReplyRouting routing,
                ReplicaListener listener) {
            this.options = options;
            this.engine = engine;
            this.routing = routing;
            this.listener = listener;
            this.batches = new OwnBatches(options, engine, routing, listener);
        }

        @Override
        public Intake intake() {
            return batches;
        }

        @Override
        public Audience audience() {
            return Audience.ofOwnBatches(options);
        }

        @Override
        public KnownRequests known() {
            return KnownRequests.NONE;
        }

        @Override
        public Reads reads(
                Executor executor, Service service, Admission admission, AgreedClock clock) {
            return new Queries(
                    options.limits(),
                    engine,
                    executor,
                    service,
                    admission,
                    batches,
                    clock,
                    routing,
                    listener);
        }
    }

    /// Every replica: each has a copy of every request, and clients count equal answers.
    final class ByEveryReplica implements Answering {

        private final RequestPool pool;
        private final ReplyRouting routing;
        private final ReplicaListener listener;

        ByEveryReplica(
                ReplicaOptions options,
                CurrentReign current,
                CurrentEngine engine,
                PeerPort peers,
                Sessions sessions,
                ReplyRouting routing,
                PendingChecks checks,
                RequestSignatures signatures,
                ReplicaListener listener) {
            this.pool =
                    new RequestPool(
                            options,
                            current,
                            engine,
                            peers,
                            sessions,
                            routing,
                            checks,
                            signatures,
                            listener);
            this.routing = routing;
            this.listener = listener;
        }

        @Override
        public Intake intake() {
            return pool;
        }

        @Override
        public Audience audience() {
            return pool;
        }

        @Override
        public KnownRequests known() {
            return pool;
        }

        @Override
        public Reads reads(
                Executor executor, Service service, Admission admission, AgreedClock clock) {
            return new OrderedQueries(admission, routing, listener);
        }
    }
}
