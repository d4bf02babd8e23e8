package dev.lockstep.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// What the engine does when a replica is gone, silent or unwilling, and when time runs out.
class ClientFailoverTest {

    // Failover

    @Test
    void whatAReplicaHasNotAnsweredGoesToAnotherAtOnceWhenItsConnectionEnds() {
        Script script = Script.opened(1, 2, 3);
        script.command("a");
        script.command("b");
        script.command("c");
        script.reply(1, Status.OK, 2, "B");
        script.takeSent();

        script.disconnected(1);

        assertThat(script.takeSent()).containsExactly("2: 1 a ack 0", "2: 3 c ack 0");
        assertThat(script.engine.failovers()).isEqualTo(1);
        assertThat(script.engine.resends()).isEqualTo(2);
        script.reply(2, Status.OK, 1, "A");
        script.reply(2, Status.OK, 3, "C");
        assertThat(script.takeTold())
                .containsExactly("b OK B at 102", "a OK A at 101", "c OK C at 103");
    }

    @Test
    void aReplicaThatIsGoneIsDialledAgainLessAndLessOften() {
        Script script = Script.opened(1, 2);
        script.disconnected(2);
        int dials = 0;
        for (int i = 0; i < 10_000; i++) {
            script.pass(1);
            if (script.takeSent().contains("dial 2")) {
                dials++;
                script.disconnected(2);
            }
        }
        // 50 ms, 100 ms, … 1.6 s, and then every 1.6 s.
        assertThat(dials).isBetween(9, 12);
    }

    @Test
    void aSilentReplicaIsLeftAfterASecondAndItsCommandsAreAskedElsewhere() {
        Script script = Script.opened(1, 2);
        script.command("a");
        script.takeSent();

        script.pass(999);
        assertThat(script.takeSent()).isEmpty();
        script.pass(1);

        assertThat(script.takeSent()).containsExactly("2: 1 a ack 0");
        assertThat(script.engine.entry()).isEqualTo(2);
    }

    @Test
    void answersToOthersDoNotHideThatTheOldestCommandIsLost() {
        Script script = Script.opened(1, 2);
        script.command("a");
        script.takeSent();

        for (int i = 1; i <= 10; i++) {
            script.query("q", Freshness.LOCAL, 1_000);
            script.answer(script.engine.entry(), Status.OK, i, "");
            script.pass(100);
        }

        assertThat(script.takeSent()).contains("2: 1 a ack 0");
    }

    @Test
    void silenceOfTheReplicaThatWasLeftIsNotBlamedOnTheEntry() {
        Script script = Script.opened(1, 2, 3);
        script.command("a");
        script.engine.onPreferredEntry(3);
        script.takeSent();

        script.pass(1_000);

        assertThat(script.takeSent()).containsExactly("3: 1 a ack 0");
        assertThat(script.engine.entry()).isEqualTo(3);
    }

    @Test
    void theOnlyConnectedReplicaIsNotBuriedUnderCopies() {
        Script script = Script.opened(1);
        for (int i = 0; i < 1_000; i++) {
            script.command("c" + i, 1_000_000);
        }
        script.takeSent();

        script.pass(60_000);

        assertThat(script.takeSent().stream().filter(line -> line.contains(" c0 ")))
                .hasSizeBetween(6, 12);
        assertThat(script.engine.resends()).isLessThan(13);
    }

    /// Its disk may be full while those of the others are not.
    @Test
    void aReplicaThatTakesNothingForLongIsLeftUnlessTheClusterChooses() {
        Script chosen = Script.opened(1, 2);
        assertThat(refuseForLong(chosen, 10)).isEqualTo(1);
        assertThat(chosen.engine.entry()).isEqualTo(1);

        Script own = Script.opened(withoutAdvice(), 1, 2);
        assertThat(refuseForLong(own, 5)).isEqualTo(1);
        assertThat(refuseForLong(own, 1)).isEqualTo(2);
        own.pass(1_000);
        assertThat(own.takeSent()).contains("2: 1 a ack 0");
        own.reply(2, Status.OK, 1, "A");
        assertThat(own.takeTold()).containsExactly("a OK A at 101");
        assertThat(own.engine.entry()).isEqualTo(2);
    }

    private static EngineOptions withoutAdvice() {
        EngineOptions from = EngineOptions.DEFAULT;
        return new EngineOptions(
                from.sessionTimeoutNanos(),
                from.window(),
                from.retryNanos(),
                from.reconnectNanos(),
                from.overloadedPauseNanos(),
                false);
    }

    /// Replica 1 refuses the command `a` so often.
    ///
    /// @return the entry then
    private static int refuseForLong(Script script, int times) {
        if (script.takeSent().isEmpty()) {
            script.command("a", 60_000);
        }
        for (int i = 0; i < times; i++) {
            script.reply(1, Status.OVERLOADED, 1, "the disk is full");
            if (i < times - 1 || script.engine.entry() == 1) {
                script.pass(200);
            }
        }
        return script.engine.entry();
    }

    @Test
    void copiesToSilentReplicasGrowRarer() {
        Script script = Script.opened(1, 2, 3);
        script.command("a", 1_000_000);
        script.takeSent();

        script.pass(120_000);

        // After 1, 2, 4 s, then every 8 s.
        assertThat(script.takeSent().stream().filter(line -> line.contains(" a ")))
                .hasSizeBetween(15, 19);
    }

    @Test
    void theEngineSleepsWhileNothingIsConnected() {
        Script script = Script.opened(1);
        script.command("a");
        script.disconnected(1);
        script.pass(40);
        script.takeSent();
        script.pass(20);
        assertThat(script.takeSent()).containsExactly("dial 1");

        // The dial hangs: the next thing to do is to tell the caller.
        assertThat(script.engine.nextDeadlineNanos()).isEqualTo(10_000 * Script.MS);
    }

    @Test
    void adviceOnTheBestEntryIsFollowedAlsoIfItComesBeforeTheConnection() {
        Script script = new Script(1, 2, 3);
        script.connected(1);
        script.engine.onPreferredEntry(3);
        assertThat(script.engine.entry()).isEqualTo(1);

        script.connected(3);

        assertThat(script.engine.entry()).isEqualTo(3);
    }

    @Test
    void adviceIsNotFollowedIfTheClientIsToStay() {
        Script script =
                Script.opened(
                        new EngineOptions(
                                60_000 * Script.MS,
                                4,
                                1_000 * Script.MS,
                                50 * Script.MS,
                                5 * Script.MS,
                                false),
                        1,
                        2);

        script.engine.onPreferredEntry(2);

        assertThat(script.engine.entry()).isEqualTo(1);
    }

    // Refusals

    @Test
    void anOverloadedClusterIsAskedAgainAfterAPauseThatDoubles() {
        Script script = Script.opened(1);
        script.command("a");
        List<Long> at = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            script.takeSent();
            script.reply(1, Status.OVERLOADED, 1, "too much");
            long before = script.now;
            while (script.sent.isEmpty()) {
                script.pass(1);
            }
            at.add((script.now - before) / Script.MS);
        }

        assertThat(at).containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 160L, 160L, 160L);
    }

    @Test
    void aBurstOfRefusalsIsOnePauseAndKeepsTheOrder() {
        Script script = Script.opened(1);
        for (String name : List.of("a", "b", "c")) {
            script.command(name);
        }
        script.takeSent();
        for (int i = 1; i <= 3; i++) {
            script.reply(1, Status.OVERLOADED, i, "too much");
        }
        script.command("d");
        assertThat(script.takeSent()).isEmpty();

        script.pass(5);

        assertThat(script.takeSent())
                .containsExactly("1: 1 a ack 0", "1: 2 b ack 0", "1: 3 c ack 0", "1: 4 d ack 0");
    }

    @Test
    void aRefusalOfAnOlderCopySaysNothingOfTheNewer() {
        Script script = Script.opened(1, 2);
        script.command("a");
        script.pass(1_000);
        assertThat(script.takeSent()).containsExactly("1: 1 a ack 0", "2: 1 a ack 0");

        script.reply(1, Status.OVERLOADED, 1, "too much");
        script.pass(100);

        assertThat(script.takeSent()).isEmpty();
    }

    @Test
    void aReplicaThatDoesNotServeIsLeft() {
        Script script = Script.opened(1, 2);
        script.command("a");
        script.takeSent();

        script.reply(1, Status.UNAVAILABLE, 1, "stopping");
        script.pass(5);

        assertThat(script.takeSent()).containsExactly("2: 1 a ack 0");
    }

    @Test
    void aRefusedCommandIsToldAndItsNumberIsUsedUpSoThatLaterOnesRun() {
        Script script = Script.opened(1);
        script.command("huge");
        script.command("b");
        script.takeSent();

        script.reply(1, Status.REFUSED, 1, "too large");
        script.engine.advance(script.now);

        assertThat(script.takeTold()).containsExactly("huge REFUSED");
        assertThat(script.takeSent()).containsExactly("1: skip 1");
        script.reply(1, Status.OK, 1, "");
        script.reply(1, Status.OK, 2, "B");
        assertThat(script.takeTold()).containsExactly("b OK B at 102");
    }

    @Test
    void aCommandThatOneReplicaRefusesButAnotherMayHaveTakenIsUnknown() {
        Script script = Script.opened(1, 2);
        script.command("large");
        script.disconnected(1);

        script.reply(2, Status.REFUSED, 1, "too large");

        assertThat(script.takeTold()).containsExactly("large UNKNOWN");
    }

    // Deadlines

    @Test
    void aCommandWithoutAReplyAtItsDeadlineIsUnknownAndPursuedAllTheSame() {
        Script script = Script.opened(1, 2);
        script.command("a", 300);
        script.command("b", 10_000);
        script.takeSent();

        script.pass(300);
        assertThat(script.takeTold()).containsExactly("a UNKNOWN");
        script.pass(700);
        assertThat(script.takeSent()).containsExactly("2: 1 a ack 0", "2: 2 b ack 0");
        script.reply(2, Status.OK, 1, "A");
        script.reply(2, Status.OK, 2, "B");

        assertThat(script.takeTold()).containsExactly("b OK B at 102");
    }

    @Test
    void aCommandThatWasNotAdmittedByItsDeadlineIsOverloadedAndItsNumberIsUsedUp() {
        Script script = Script.opened(1);
        script.command("a", 100);
        while (script.told.isEmpty()) {
            script.reply(1, Status.OVERLOADED, 1, "the disk is full");
            script.pass(1);
        }
        assertThat(script.takeTold()).containsExactly("a OVERLOADED");
        script.takeSent();

        script.pass(200);

        assertThat(script.takeSent()).containsExactly("1: skip 1");
    }

    @Test
    void aCommandThatCouldNotBeSentByItsDeadlineIsNotExecuted() {
        Script script = new Script(1);
        script.command("a", 100);
        script.command("b", 60_000);
        script.pass(100);
        assertThat(script.takeTold()).containsExactly("a UNAVAILABLE");
        script.takeSent();

        script.connected(1);
        script.reply(1, Kind.OPEN, Status.OK, Script.SESSION, script.nonce, "");
        script.engine.advance(script.now);

        assertThat(script.takeSent()).containsExactly("1: open", "1: skip 1", "1: 2 b ack 0");
    }

    @Test
    void aCopyAnsweredUnavailableMayHaveBeenAdmitted() {
        Script script = Script.opened(1);
        script.command("a", 3);
        script.reply(1, Status.UNAVAILABLE, 1, "stopping");

        script.pass(3);

        assertThat(script.takeTold()).containsExactly("a UNKNOWN");
    }

    @Test
    void whoIsToldOfADeadlineMayIssueAnotherCommandWithAnEarlierOne() {
        Script script = Script.opened(1);
        script.command("late", 5_000);
        script.engine.query(
                script.now,
                Bytes.EMPTY,
                Freshness.LOCAL,
                100 * Script.MS,
                (outcome, position, bytes, offset, length) -> script.command("early", 100));

        script.pass(300);

        assertThat(script.takeTold()).containsExactly("early UNKNOWN");
    }
}
