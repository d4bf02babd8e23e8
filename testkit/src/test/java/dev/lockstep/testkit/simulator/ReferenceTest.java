package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.CommandContext;
import dev.lockstep.testkit.simulator.ServiceCall.Function;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Every check of what clients and replicas may see can fail.
class ReferenceTest {

    private static final ServiceCall FIRST = new ServiceCall(Function.ADD, 0, 1, 5, 0);
    private static final ServiceCall SECOND = new ServiceCall(Function.ADD, 0, 2, 5, 0);

    private final Reference reference = new Reference(new Exercised());

    @BeforeEach
    void issueTwo() {
        reference.onIssued(FIRST, 7);
        reference.onIssued(SECOND, 7);
    }

    private record At(long position) implements CommandContext {
        @Override
        public long session() {
            return 77;
        }

        @Override
        public long timeNanos() {
            return 1_000 + position;
        }

        @Override
        public RandomGenerator random() {
            return new SplittableRandom(position);
        }
    }

    private static void assertViolates(ThrowingCallable deed, String promise) {
        assertThatThrownBy(deed).isInstanceOf(Violation.class).hasMessageContaining(promise);
    }

    @Test
    void aSecondReplicaDoesWhatTheFirstDid() {
        reference.onApplied(1, new At(1), FIRST, 5);
        reference.onApplied(1, new At(1), FIRST, 5);
        assertThat(reference.version()).isEqualTo(1);
    }

    /// A state machine that is not deterministic, or that meets its deadlines at other times.
    @Test
    void differentReplicasAreNoticed() {
        reference.onApplied(1, new At(1), FIRST, 5);
        String promise = "replicas do the same at version 1";
        assertViolates(() -> reference.onApplied(1, new At(1), FIRST, 6), promise);
        assertViolates(() -> reference.onApplied(1, new At(2), FIRST, 5), promise);
        assertViolates(() -> reference.onApplied(1, new At(1), SECOND, 5), promise);
        assertViolates(() -> reference.onDeadline(1, new At(1)), promise);
    }

    @Test
    void onlyWhatWasSentRunsAndAsItWasSent() {
        ServiceCall never = new ServiceCall(Function.ADD, 0, 3, 5, 0);
        ServiceCall changed = new ServiceCall(Function.ADD, 0, 1, 6, 0);
        assertViolates(() -> reference.onApplied(1, new At(1), never, 5), "only what a client");
        assertViolates(() -> reference.onApplied(1, new At(1), changed, 6), "runs as it was sent");
    }

    @Test
    void versionsHaveNoGaps() {
        assertViolates(() -> reference.onApplied(2, new At(1), FIRST, 5), "versions have no gaps");
    }

    @Test
    void aCommandRunsOnceAndInItsClientsOrder() {
        reference.onApplied(1, new At(1), SECOND, 5);
        assertViolates(() -> reference.onApplied(2, new At(2), SECOND, 10), "a command runs once");
    }

    @Test
    void aClientsOrderIsKept() {
        reference.onApplied(1, new At(1), SECOND, 5);
        assertViolates(
                () -> reference.onApplied(2, new At(2), FIRST, 10), "a client's order is kept");
    }

    @Test
    void whatWasRefusedIsNotExecuted() {
        String promise = "what a client was told is not executed is not executed";
        reference.onApplied(1, new At(1), FIRST, 5);
        assertViolates(() -> reference.onWithoutEffect(1), promise);
        reference.onWithoutEffect(2);
        assertViolates(() -> reference.onApplied(2, new At(2), SECOND, 10), promise);
    }

    @Test
    void repliesAreThoseOfTheExecution() {
        reference.onApplied(1, new At(1), FIRST, 5);
        assertViolates(() -> reference.onDone(1, 5, 2, 0), "a reply tells what was executed");
        assertViolates(() -> reference.onDone(1, 6, 1, 0), "a reply is that of the execution");
        assertViolates(() -> reference.onDone(1, 5, 1, 1), "takes effect after it was issued");
        reference.onDone(1, 5, 1, 0);
        assertThat(reference.seenVersion()).isEqualTo(1);
    }

    @Test
    void readsSeeWhatTheyMustAndNothingElse() {
        reference.onApplied(1, new At(1), FIRST, 5);
        ServiceCall read = new ServiceCall(Function.READ, 0, 0, 0, 0);
        reference.onRead(read, 0, 0, 0);
        reference.onRead(read, 5, 1, 1);
        assertViolates(() -> reference.onRead(read, 0, 0, 1), "a read sees what was acknowledged");
        assertViolates(() -> reference.onRead(read, 5, 2, 0), "a read sees what was executed");
        assertViolates(() -> reference.onRead(read, 4, 1, 0), "at version 1 is 5, not 4");
    }

    @Test
    void aDeadlineIsNotMetBeforeItsTime() {
        SimService service = new SimService(reference);
        assertViolates(() -> service.onDeadline(new At(1)), "a deadline is met when its time");
    }
}
