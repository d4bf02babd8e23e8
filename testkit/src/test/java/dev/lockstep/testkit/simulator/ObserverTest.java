package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.replica.ReplicaListener;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Every check of the observer can fail.
class ObserverTest {

    private final Observer observer =
            new Observer(
                    new Exercised(),
                    new Trace(new Timeline(new SplittableRandom(1), 1)),
                    _ -> false,
                    _ -> false,
                    sign -> !sign.order().equals("unsigned"));
    private final ReplicaListener one = observer.boot(life(1));
    private final ReplicaListener two = observer.boot(life(2));

    @BeforeEach
    void submitTwo() {
        one.onSubmitted(batch(1), 1, 10);
        one.onSubmitted(batch(2), 1, 10);
    }

    private static Member life(int id) {
        return new Member(new ReplicaId(id), new Incarnation(7, id));
    }

    private static BatchId batch(long sequence) {
        return new BatchId(new ReplicaId(1), new Incarnation(7, 1), 1, sequence);
    }

    private static void assertViolates(ThrowingCallable deed, String promise) {
        assertThatThrownBy(deed).isInstanceOf(Violation.class).hasMessageContaining(promise);
    }

    @Test
    void allReplicasAndEveryBootRepeatTheSame() {
        one.onDelivered(1, batch(1), 5);
        one.onDelivered(2, batch(2), 5);
        two.onDelivered(1, batch(1), 5);
        observer.boot(life(1)).onDelivered(1, batch(1), 5);
        assertThat(observer.length()).isEqualTo(2);
        assertThatCode(observer::throwReported).doesNotThrowAnyException();
    }

    private void leads(int id, long epoch, String role, String term) {
        observer.onLeads(
                new ReplicaId(id), epoch, new TreeMap<>(Map.of("role", role, "term", term)));
    }

    @Test
    void aTermHasOneLeader() {
        leads(1, 1, "leader", "3");
        leads(1, 1, "leader", "3");
        leads(2, 1, "follower", "3");
        leads(2, 2, "leader", "3");
        leads(2, 1, "leader", "4");
        // A protocol without terms says nothing of them.
        observer.onLeads(new ReplicaId(2), 1, new TreeMap<>());
        assertViolates(
                () -> leads(2, 1, "leader", "3"), "a term has one leader: term 3 of epoch 1");
    }

    @Test
    void aNameIsGivenOnce() {
        assertViolates(() -> two.onSubmitted(batch(1), 1, 10), "a batch has a name of its own");
    }

    @Test
    void positionsHaveNoGaps() {
        assertViolates(() -> one.onDelivered(2, batch(1), 5), "positions have no gaps: 2");
        one.onDelivered(1, batch(1), 5);
        assertViolates(() -> one.onDelivered(1, batch(1), 5), "positions have no gaps: 1");
    }

    @Test
    void batchAndTimeAreAgreedOn() {
        one.onDelivered(1, batch(1), 5);
        assertViolates(
                () -> observer.boot(life(2)).onDelivered(1, batch(2), 5),
                "replica 2: agreement at position 1: 1.b1#2, elsewhere 1.b1#1");
        assertViolates(
                () -> observer.boot(life(2)).onDelivered(1, batch(1), 6),
                "agreement on the time of 1");
    }

    @Test
    void onlyWhatWasSubmittedIsDeliveredAndWhatProtocolsMakeThemselves() {
        assertViolates(() -> one.onDelivered(1, batch(3), 5), "only what was submitted");
        BatchId own = new BatchId(new ReplicaId(1), new Incarnation(7, 1), 0, 1);
        two.onDelivered(1, own, 5);
        assertThat(observer.length()).isEqualTo(1);
    }

    @Test
    void whatWasRefusedIsNotDelivered() {
        one.onBatchRefused(batch(1), "too much waits");
        assertViolates(() -> one.onDelivered(1, batch(1), 5), "what was refused is not delivered");
    }

    @Test
    void aMemberRemembersItsEpoch() {
        Membership members = new Membership(List.of(life(1), life(2)));
        ReplicaId leader = new ReplicaId(1);
        Reign first =
                new Reign(
                        new StopSign(Epoch.FIRST, members, FaultModel.CRASH, "leader", leader), 0);
        Reign second =
                new Reign(
                        new StopSign(
                                Epoch.FIRST.next(), members, FaultModel.CRASH, "leader", leader),
                        7);
        one.onEpoch(first);
        two.onEpoch(first);
        one.onEpoch(second);
        observer.boot(life(1)).onEpoch(second);
        observer.boot(life(2)).onEpoch(first);
        assertViolates(
                () -> observer.boot(life(1)).onEpoch(first),
                "a member remembers its epoch: 2, now 1");
        Member learner = life(3);
        observer.boot(learner).onEpoch(second);
        observer.boot(learner).onEpoch(first);
    }

    @Test
    void agreedTimeDoesNotGoBack() {
        one.onDelivered(1, batch(1), 5);
        assertViolates(() -> one.onDelivered(2, batch(2), 4), "agreed time does not go back");
    }

    @Test
    void aRequestRunsOnceAndInOrder() {
        one.onExecuted(1, 77, 1, 0);
        two.onExecuted(1, 77, 1, 0);
        assertViolates(() -> two.onExecuted(2, 77, 1, 0), "request 1 of a session runs once: 1, 2");
        one.onExecuted(3, 77, 3, 0);
        assertViolates(() -> one.onExecuted(4, 77, 2, 0), "a session's requests run in order: 2");
    }

    @Test
    void repliesAreEqual() {
        one.onDelivered(1, batch(1), 5);
        two.onDelivered(1, batch(1), 5);
        one.onPositionExecuted(1, 42);
        two.onPositionExecuted(1, 42);
        ReplicaListener again = observer.boot(life(2));
        assertViolates(() -> again.onPositionExecuted(1, 43), "equal replies through position 1");
    }

    @Test
    void oneMemberAtATimeExecutesNothing() {
        Membership members = new Membership(List.of(life(1), life(2)));
        StopSign sign =
                new StopSign(Epoch.FIRST, members, FaultModel.CRASH, "leader", new ReplicaId(1));
        Reign first = new Reign(sign, 0);
        one.onEpoch(first);
        two.onEpoch(first);
        one.onExecutionPaused(7);
        ReplicaListener learner = observer.boot(life(3));
        learner.onEpoch(first);
        learner.onExecutionPaused(6);
        assertViolates(
                () -> two.onExecutionPaused(8), "replica 2 after position 8, while 1 after 7");
        one.onExecutionResumed(7, 1, 0);
        two.onExecutionPaused(9);
        observer.ended(new ReplicaId(2));
        one.onExecutionPaused(9);
    }

    @Test
    void nobodyWaitsForOneThatTheNewestEpochHasLeftOut() {
        Membership members = new Membership(List.of(life(1), life(2)));
        Reign first =
                new Reign(
                        new StopSign(
                                Epoch.FIRST, members, FaultModel.CRASH, "leader", new ReplicaId(1)),
                        0);
        one.onEpoch(first);
        two.onEpoch(first);
        one.onExecutionPaused(7);
        StopSign without =
                new StopSign(
                        Epoch.FIRST.next(),
                        new Membership(List.of(life(2))),
                        FaultModel.CRASH,
                        "leader",
                        new ReplicaId(2));
        Reign second = new Reign(without, 7);
        two.onEpoch(second);
        two.onExecutionPaused(8);
        ReplicaListener three = observer.boot(life(2));
        three.onEpoch(second);
        assertViolates(() -> three.onExecutionPaused(9), "while 2 after 8");
    }

    private void assertReported(String promise) {
        assertViolates(observer::throwReported, promise);
    }

    @Test
    void theFirstThingThatAReplicaReportsIsThrown() {
        one.onMalformedBatch(3, batch(1), 0);
        one.onHalted("later");
        assertReported("replica 1 delivered a malformed batch at 3");
    }

    @Test
    void divergenceIsReported() {
        one.onPeerDiverged(new ReplicaId(2), false, 1, 2);
        assertReported("replica 1 says that replica 2 diverged");
    }

    @Test
    void quarantineIsReported() {
        one.onQuarantined("outvoted");
        assertReported("replica 1 was quarantined: outvoted");
    }

    @Test
    void haltsAreReported() {
        two.onHalted("broken");
        assertReported("replica 2 halted: broken");
    }

    @Test
    void evidenceIsReported() {
        one.onEvidence(new ReplicaId(2), Bytes.EMPTY);
        assertReported("evidence about an honest replica 2");
    }
}
