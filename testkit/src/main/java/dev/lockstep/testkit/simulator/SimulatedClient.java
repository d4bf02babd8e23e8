package dev.lockstep.testkit.simulator;

import dev.lockstep.api.Consistency;
import dev.lockstep.api.LockstepException;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;

/// A client of a [SimulatedCluster]: the product's engine, with its retries and its exactly-once
/// session, in simulated time.
///
/// What it learns is judged: a reply that no replica gave, an answer that misses what was
/// acknowledged before it, a command that runs twice, each ends the run as a failure. A client
/// whose session has expired opens another for what it is asked next.
///
/// At most 1,024 commands, and as many queries, may be under way at a time.
///
/// Threading: the thread that runs the scenario.
public final class SimulatedClient {

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private static final long SLACK_NANOS = 1_000_000_000L;

    private final SimulatedCluster cluster;
    private final SimClient client;
    private Duration deadline = DEADLINE;

    SimulatedClient(SimulatedCluster cluster, SimClient client) {
        this.cluster = cluster;
        this.client = client;
    }

    int index() {
        return client.life().index();
    }

    /// Sets how long its calls wait from now on: simulated time, 30 s unless set. Returns this.
    ///
    /// @param time more than nothing, at most 30 s, so that everything has an outcome when the run
    /// ends
    public SimulatedClient withDeadline(Duration time) {
        Sense.argument(
                time.isPositive() && time.compareTo(DEADLINE) <= 0,
                "a deadline is more than 0 and at most " + DEADLINE + ", not " + time);
        deadline = time;
        return this;
    }

    /// Sends a command and lets time pass until it has been executed.
    ///
    /// @return the state machine's reply
    /// @throws LockstepException if there is no reply before the deadline; the subtype says what is
    ///     known
    public byte[] send(byte[] command) {
        return begin(command).await();
    }

    /// Sends a command and returns at once.
    public Pending begin(byte[] command) {
        cluster.requireTurn();
        byte[] copy = command.clone();
        Pending pending = begun(copy);
        cluster.calls().command(client.life(), copy, deadline.toNanos(), pending::learn);
        return pending;
    }

    /// Asks a linearizable query and lets time pass until it is answered.
    ///
    /// @throws LockstepException if there is no answer before the deadline
    public byte[] query(byte[] query) {
        return query(query, Consistency.LINEARIZABLE);
    }

    /// The same with an answer that need not be as fresh.
    public byte[] query(byte[] query, Consistency consistency) {
        return beginQuery(query, consistency).await();
    }

    /// Asks a query and returns at once.
    public Pending beginQuery(byte[] query, Consistency consistency) {
        cluster.requireTurn();
        Freshness freshness =
                switch (consistency) {
                    case LINEARIZABLE -> Freshness.LINEARIZABLE;
                    case SESSION -> Freshness.SESSION;
                    case LOCAL -> Freshness.LOCAL;
                };
        byte[] copy = query.clone();
        Pending pending = begun(copy);
        cluster.calls().query(client.life(), copy, freshness, deadline.toNanos(), pending::learn);
        return pending;
    }

    private Pending begun(byte[] request) {
        // The engine's own timer may be a little late, by its clock and by ties.
        long latest = cluster.world().nowNanos() + deadline.toNanos() + SLACK_NANOS;
        Pending pending = new Pending(cluster, cluster.calls().describe(request), latest);
        cluster.add(pending);
        return pending;
    }

    /// This client in the service's own words.
    ///
    /// @param encode turns a request, command or query, into its bytes
    /// @param decode turns the bytes of a reply into a value
    public <Q, R> Typed<Q, R> typed(Function<Q, byte[]> encode, Function<byte[], R> decode) {
        return new Typed<>(this, encode, decode);
    }

    /// A client that is asked and answers in a service's own words.
    ///
    /// @param client sends and receives the bytes
    /// @param encode of requests
    /// @param decode of replies
    public record Typed<Q, R>(
            SimulatedClient client, Function<Q, byte[]> encode, Function<byte[], R> decode) {

        public Typed {
            Objects.requireNonNull(client);
        }

        /// See [SimulatedClient#send].
        public R send(Q command) {
            return decode.apply(client.send(encode.apply(command)));
        }

        /// See [SimulatedClient#begin].
        public Pending begin(Q command) {
            return client.begin(encode.apply(command));
        }

        /// See [SimulatedClient#query(byte\[\])].
        public R query(Q query) {
            return decode.apply(client.query(encode.apply(query)));
        }
    }
}
