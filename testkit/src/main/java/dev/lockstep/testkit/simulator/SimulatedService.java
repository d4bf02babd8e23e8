package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.StateMachine;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.function.Supplier;

/// A service to run in simulated clusters: what every replica executes, what clients ask of it, and
/// what they must be told.
///
/// Whatever the check says or not, these are violations: two replicas that reply differently or end
/// in different states; a reply, a query's answer or a state that differs from what a machine alone
/// gives when it is told the same, one after the other; a snapshot that does not restore what it
/// was taken of; a deadline that is met before its time, or not at all; a query that throws; a
/// command that is lost, executed twice, or out of its client's order; a query that misses what was
/// acknowledged before it.
///
/// The simulator puts 8 bytes before a request and up to 24 behind a reply, which count against the
/// cluster's limits (8 MiB each).
///
/// Immutable, and used by several threads at once if several run seeds: so must be the suppliers.
public final class SimulatedService {

    private static final Requests NO_REQUESTS =
            _ -> {
                throw new IllegalStateException(
                        "this service has no requests: give it some, or the setup a scenario");
            };

    /// A scenario hears of a failure as the client that asked for it.
    private static final ReplyCheck FAILURES_ARE_TOLD =
            new ReplyCheck() {
                @Override
                public void onFailure(
                        CommandContext context, ByteBuffer command, Throwable thrown) {}
            };

    private final Supplier<? extends StateMachine> machine;
    private final Supplier<? extends Requests> requests;
    private final Supplier<? extends ReplyCheck> check;
    private final @Nullable HistoryWords words;

    private SimulatedService(
            Supplier<? extends StateMachine> machine,
            Supplier<? extends Requests> requests,
            Supplier<? extends ReplyCheck> check,
            @Nullable HistoryWords words) {
        this.machine = machine;
        this.requests = requests;
        this.check = check;
        this.words = words;
    }

    /// A service of which nothing is known but that it is deterministic.
    ///
    /// @param machine makes a state machine in its first state, for every start of a replica
    /// @param requests called once a run
    public static SimulatedService of(
            Supplier<? extends StateMachine> machine, Supplier<? extends Requests> requests) {
        return new SimulatedService(machine, requests, () -> ReplyCheck.NONE, null);
    }

    /// A service of which all requests come from a [Scenario].
    ///
    /// @param machine makes a state machine in its first state, for every start of a replica
    public static SimulatedService of(Supplier<? extends StateMachine> machine) {
        return new SimulatedService(machine, () -> NO_REQUESTS, () -> FAILURES_ARE_TOLD, null);
    }

    /// The same with a check of its replies, called once a run.
    public SimulatedService withCheck(Supplier<? extends ReplyCheck> ofOneRun) {
        return new SimulatedService(machine, requests, ofOneRun, words);
    }

    /// The same with another machine, which knows the same requests.
    public SimulatedService withMachine(Supplier<? extends StateMachine> other) {
        return new SimulatedService(other, requests, check, words);
    }

    /// The same, whose histories the search for an order judges too.
    SimulatedService withWords(HistoryWords ofHistories) {
        return new SimulatedService(machine, requests, check, ofHistories);
    }

    StateMachine createMachine() {
        return machine.get();
    }

    Requests beginRequests() {
        return requests.get();
    }

    ReplyCheck beginCheck() {
        return check.get();
    }

    @Nullable HistoryWords words() {
        return words;
    }
}
