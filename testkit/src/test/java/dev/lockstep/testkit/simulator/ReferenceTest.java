package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.wire.Bytes;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;

/// Every check of what clients and replicas may see can fail.
class ReferenceTest {

    private static final long FIRST = 1;
    private static final long SECOND = 2;

    private final Reference reference = new Reference(new Exercised(), CallText::of);

    @BeforeEach
    void issueTwo() {
        assertThat(reference.issue(CallText.bytes("one"), 7)).isEqualTo(FIRST);
        assertThat(reference.issue(CallText.bytes("two"), 7)).isEqualTo(SECOND);
    }

    private static Bytes reply(String text) {
        return Bytes.wrap(CallText.bytes(text));
    }

    private static Change change(long number, long position, String reply) {
        return new Change(number, 77, position, 1_000 + position, 0, false, reply(reply));
    }

    private static Change failure(long number, long position) {
        return new Change(number, 77, position, 1_000 + position, 0, true, reply("Boom"));
    }

    private static void assertViolates(ThrowingCallable deed, String promise) {
        assertThatThrownBy(deed).isInstanceOf(Violation.class).hasMessageContaining(promise);
    }

    @Test
    void aSecondReplicaDoesWhatTheFirstDid() {
        reference.onChanged(1, change(FIRST, 1, "a"));
        reference.onChanged(1, change(FIRST, 1, "a"));
        assertThat(reference.version()).isEqualTo(1);
    }

    /// A state machine that is not deterministic, or that meets its deadlines at other times.
    @Test
    void differentReplicasAreNoticed() {
        reference.onChanged(1, change(FIRST, 1, "a"));
        List<Change> others =
                List.of(
                        change(FIRST, 1, "b"),
                        change(FIRST, 2, "a"),
                        change(SECOND, 1, "a"),
                        new Change(FIRST, 78, 1, 1_001, 0, false, reply("a")),
                        new Change(FIRST, 77, 1, 1_002, 0, false, reply("a")),
                        new Change(FIRST, 77, 1, 1_001, 5, false, reply("a")),
                        new Change(FIRST, 77, 1, 1_001, 0, true, reply("a")),
                        change(Change.DEADLINE, 1, ""));
        for (Change other : others) {
            assertViolates(
                    () -> reference.onChanged(1, other), "replicas do the same at version 1");
        }
    }

    /// The replica's buffer is used again for the next reply.
    @Test
    void aReplyIsKeptAsItWas() {
        byte[] buffer = CallText.bytes("a");
        Bytes inBuffer = Bytes.wrap(buffer);
        reference.onChanged(1, new Change(FIRST, 77, 1, 1_001, 0, false, inBuffer));
        buffer[0] = 'b';
        reference.onChanged(1, change(FIRST, 1, "a"));
    }

    @Test
    void onlyWhatWasSentRunsAndAsItWasSent() {
        Bytes sent = Bytes.wrap(reference.sent(FIRST));
        assertThat(sent.getLong(0)).isNotZero();
        reference.onBegins(FIRST, sent);
        assertViolates(() -> reference.onBegins(3, sent), "only what a client");
        assertViolates(() -> reference.onBegins(0, sent), "only what a client");
        assertViolates(() -> reference.onBegins(SECOND, sent), "as it was sent: command 2, 'two'");
    }

    @Test
    void versionsHaveNoGaps() {
        assertViolates(
                () -> reference.onChanged(2, change(FIRST, 1, "a")), "versions have no gaps");
    }

    @Test
    void aCommandRunsOnce() {
        reference.onChanged(1, change(SECOND, 1, "a"));
        assertViolates(() -> reference.onChanged(2, change(SECOND, 2, "b")), "a command runs once");
    }

    @Test
    void aClientsOrderIsKept() {
        reference.onChanged(1, change(SECOND, 1, "a"));
        assertViolates(
                () -> reference.onChanged(2, change(FIRST, 2, "b")), "a client's order is kept");
    }

    @Test
    void whatWasRefusedIsNotExecuted() {
        String promise = "what a client was told is not executed is not executed";
        reference.onChanged(1, change(FIRST, 1, "a"));
        assertViolates(() -> reference.onWithoutEffect(FIRST), promise);
        reference.onWithoutEffect(SECOND);
        assertViolates(() -> reference.onChanged(2, change(SECOND, 2, "b")), promise);
    }

    @Test
    void repliesAreThoseOfTheExecution() {
        reference.onChanged(1, change(FIRST, 1, "a"));
        reference.onChanged(2, failure(SECOND, 1));
        assertViolates(
                () -> reference.onDone(FIRST, reply("a"), 2, 0), "a reply tells what was executed");
        assertViolates(
                () -> reference.onDone(FIRST, reply("b"), 1, 0),
                "a reply is that of the execution");
        assertViolates(
                () -> reference.onDone(FIRST, reply("a"), 1, 1),
                "takes effect after it was issued");
        assertViolates(
                () -> reference.onDone(SECOND, reply("Boom"), 2, 0), "reply is that of the exec");
        reference.onDone(FIRST, reply("a"), 1, 0);
        assertThat(reference.seenVersion()).isEqualTo(1);
    }

    @Test
    void failuresAreThoseOfTheExecution() {
        assertViolates(() -> reference.onFailed(FIRST), "a failure is that of the execution");
        reference.onChanged(1, change(FIRST, 1, "a"));
        assertViolates(() -> reference.onFailed(FIRST), "a failure is that of the execution");
        reference.onChanged(2, failure(SECOND, 2));
        reference.onFailed(SECOND);
        assertThat(reference.seenVersion()).isEqualTo(2);
    }

    private static Reference.Read read(long version) {
        return new Reference.Read(version, 1, 1_001, reply("get"), reply("a"));
    }

    @Test
    void readsSeeWhatTheyMustAndNothingElse() {
        reference.onChanged(1, change(FIRST, 1, "a"));
        reference.onRead(read(0), 0);
        reference.onRead(read(1), 1);
        assertViolates(() -> reference.onRead(read(0), 1), "a read sees what was acknowledged");
        assertViolates(() -> reference.onRead(read(2), 0), "a read sees what was executed");
        assertThat(reference.reads()).hasSize(2);
    }
}
