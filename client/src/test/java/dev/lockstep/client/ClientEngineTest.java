package dev.lockstep.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// The session engine, rule by rule.
class ClientEngineTest {

    private static final EngineOptions SMALL =
            new EngineOptions(
                    60_000 * Script.MS, 4, 1_000 * Script.MS, 50 * Script.MS, 5 * Script.MS, true);

    // Opening

    @Test
    void dialsEveryReplicaAndOpensAtTheFirstThatAnswers() {
        Script script = new Script(1, 2, 3);
        assertThat(script.takeSent()).containsExactly("dial 1", "dial 2", "dial 3");

        script.connected(2);
        script.connected(1);

        assertThat(script.takeSent()).containsExactly("2: open");
        assertThat(script.engine.entry()).isEqualTo(2);
    }

    @Test
    void commandsIssuedBeforeTheSessionIsOpenFollowInOrder() {
        Script script = new Script(1);
        script.command("a");
        script.command("b");
        script.connected(1);
        assertThat(script.takeSent()).containsExactly("dial 1", "1: open");

        script.reply(1, Kind.OPEN, Status.OK, Script.SESSION, script.nonce, "");
        script.engine.advance(script.now);

        assertThat(script.takeSent()).containsExactly("1: 1 a ack 0", "1: 2 b ack 0");
    }

    @Test
    void anOpeningThatIsLostIsAskedForElsewhereUnderTheSameNonce() {
        Script script = new Script(1, 2);
        script.connected(1);
        script.connected(2);
        long first = script.nonce;
        script.takeSent();

        script.disconnected(1);

        assertThat(script.takeSent()).containsExactly("2: open");
        assertThat(script.nonce).isEqualTo(first);
    }

    @Test
    void anOpeningThatIsRefusedIsTriedElsewhereAfterAPause() {
        Script script = new Script(1, 2);
        script.connected(1);
        script.connected(2);
        script.takeSent();

        script.reply(1, Kind.OPEN, Status.UNAVAILABLE, 0, script.nonce, "starting");
        script.engine.advance(script.now);
        assertThat(script.takeSent()).isEmpty();
        script.pass(5);

        assertThat(script.takeSent()).containsExactly("2: open");
    }

    @Test
    void anAnswerToSomebodyElsesOpeningIsIgnored() {
        Script script = new Script(1);
        script.connected(1);

        script.reply(1, Kind.OPEN, Status.OK, 5, script.nonce + 1, "");

        assertThat(script.engine.isOpen()).isFalse();
    }

    // Commands

    @Test
    void aCommandIsSentAtOnceAndToldOnce() {
        Script script = Script.opened(1, 2);

        script.command("a");
        assertThat(script.takeSent()).containsExactly("1: 1 a ack 0");
        script.reply(1, Status.OK, 1, "A");
        script.reply(1, Status.OK, 1, "A again");

        assertThat(script.takeTold()).containsExactly("a OK A at 101");
        script.command("b");
        assertThat(script.takeSent()).containsExactly("1: 2 b ack 1");
    }

    @Test
    void repliesOutOfOrderAcknowledgeOnlyWhatIsComplete() {
        Script script = Script.opened(1);
        script.command("a");
        script.command("b");
        script.reply(1, Status.OK, 2, "B");
        script.takeSent();

        script.command("c");

        assertThat(script.takeSent()).containsExactly("1: 3 c ack 0");
        script.reply(1, Status.OK, 1, "A");
        script.command("d");
        assertThat(script.takeSent()).containsExactly("1: 4 d ack 2");
    }

    @Test
    void aReplyOfAnotherSessionIsIgnored() {
        Script script = Script.opened(1);
        script.command("a");

        script.reply(1, Kind.COMMAND, Status.OK, Script.SESSION + 1, 1, "not mine");

        assertThat(script.takeTold()).isEmpty();
    }

    @Test
    void aServiceFailureIsToldWithItsSentence() {
        Script script = Script.opened(1);
        script.command("a");

        script.reply(1, Status.SERVICE_FAILURE, 1, "divided by zero");

        assertThat(script.takeTold()).containsExactly("a SERVICE_FAILURE");
    }

    @Test
    void aFullWindowRefusesWithoutUsingANumber() {
        Script script = Script.opened(SMALL, 1);
        for (int i = 1; i <= 4; i++) {
            script.command("c" + i);
        }
        assertThat(script.engine.hasRoom()).isFalse();

        script.command("e");
        assertThat(script.takeTold()).containsExactly("e OVERLOADED");
        script.reply(1, Status.OK, 1, "");
        script.takeSent();
        script.command("f");

        assertThat(script.takeSent()).containsExactly("1: 5 f ack 1");
    }

    @Test
    void aCompletionMayIssueTheNextCommand() {
        Script script = Script.opened(1);
        script.engine.command(
                script.now,
                Script.utf8("a"),
                Long.MAX_VALUE,
                (outcome, position, bytes, offset, length) -> script.command("b"));
        script.takeSent();

        script.reply(1, Status.OK, 1, "A");

        assertThat(script.takeSent()).containsExactly("1: 2 b ack 1");
    }

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

    // Session

    @Test
    void anIdleSessionIsKeptAliveAfterAThirdOfItsTimeout() {
        Script script = Script.opened(1);
        script.command("a");
        script.reply(1, Status.OK, 1, "");
        script.takeSent();

        script.pass(19_999);
        assertThat(script.takeSent()).isEmpty();
        script.pass(1);

        assertThat(script.takeSent()).containsExactly("1: keep alive, ack 1");
    }

    @Test
    void aKeepAliveThatIsNotAnsweredIsSentElsewhere() {
        Script script = Script.opened(1, 2);
        script.pass(20_000);
        assertThat(script.takeSent()).containsExactly("1: keep alive, ack 0");

        script.pass(1_000);
        assertThat(script.takeSent()).containsExactly("2: keep alive, ack 0");
        script.reply(2, Kind.SESSION, Status.OK, Script.SESSION, 0, "");
        script.pass(19_000);

        assertThat(script.takeSent()).isEmpty();
    }

    @Test
    void theEndOfASessionIsToldTruthfully() {
        Script script = Script.opened(1, 2);
        script.command("a"); // answered
        script.command("b"); // a copy is open: unknown
        script.command("c"); // its only copy is answered SESSION_EXPIRED: not executed
        script.command("d"); // behind a number that is not executed
        script.reply(1, Status.OK, 1, "A");
        script.takeTold();

        script.reply(1, Status.SESSION_EXPIRED, 3, "");

        assertThat(script.takeTold())
                .containsExactly("b UNKNOWN", "c SESSION_EXPIRED", "d SESSION_EXPIRED");
        script.command("e");
        assertThat(script.takeTold()).containsExactly("e SESSION_EXPIRED");
    }

    @Test
    void aCommandWhoseEarlierCopyMayHaveRunIsUnknownWhenTheSessionHasEnded() {
        Script script = Script.opened(1, 2);
        script.command("a");
        script.disconnected(1);

        script.reply(2, Status.SESSION_EXPIRED, 1, "");

        assertThat(script.takeTold()).containsExactly("a UNKNOWN");
    }

    /// A client that slept through its session's end sends its keep-alive and what it has to say.
    @Test
    void aCommandUnderWayWhenTheSessionIsFoundEndedLearnsThatItIsNotExecuted() {
        Script script = Script.opened(1);
        script.command("a");
        script.command("b");

        script.reply(1, Kind.SESSION, Status.SESSION_EXPIRED, Script.SESSION, 0, "");
        assertThat(script.takeTold()).isEmpty();

        script.reply(1, Status.SESSION_EXPIRED, 1, "");
        assertThat(script.takeTold()).containsExactly("a SESSION_EXPIRED", "b SESSION_EXPIRED");
    }

    @Test
    void queriesGoOnAfterTheSessionHasEnded() {
        Script script = Script.opened(1);
        script.reply(1, Kind.SESSION, Status.SESSION_EXPIRED, Script.SESSION, 0, "");
        script.takeSent();

        script.query("q", Freshness.LINEARIZABLE, 1_000);

        assertThat(script.takeSent()).containsExactly("1: query 1 q LINEARIZABLE at least 0");
        assertThat(script.engine.nextDeadlineNanos()).isEqualTo(1_000 * Script.MS);
    }

    @Test
    void closingEndsTheSessionAfterTheCommandsInFlight() {
        Script script = Script.opened(1);
        script.command("a");
        script.takeSent();

        script.engine.close(script.now);
        script.command("late");
        assertThat(script.takeSent()).containsExactly("1: close");
        assertThat(script.takeTold()).containsExactly("late UNAVAILABLE");
        script.reply(1, Status.OK, 1, "A");
        script.reply(1, Kind.SESSION, Status.OK, Script.SESSION, 0, "");

        assertThat(script.takeTold()).containsExactly("a OK A at 101");
        assertThat(script.engine.isClosed()).isTrue();
        assertThat(script.engine.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsInFlightWhenTheClientIsAbandonedIsToldTruthfully() {
        Script script = Script.opened(1);
        script.command("sent");
        script.room = 0;
        script.command("unsent");
        script.query("q", Freshness.LOCAL, 1_000);

        script.engine.abandon();

        assertThat(script.takeTold())
                .containsExactly("sent UNKNOWN", "unsent UNAVAILABLE", "q UNAVAILABLE");
    }

    // Queries

    @Test
    void aSessionQuerySeesWhatTheSessionHasSeen() {
        Script script = Script.opened(1);
        script.command("a");
        script.reply(1, Status.OK, 1, "A");
        script.takeSent();

        script.query("q", Freshness.SESSION, 1_000);
        script.query("r", Freshness.LINEARIZABLE, 1_000);

        assertThat(script.takeSent())
                .containsExactly(
                        "1: query 1 q SESSION at least 101",
                        "1: query 2 r LINEARIZABLE at least 0");
    }

    @Test
    void aQueryIsAskedElsewhereWhenItsReplicaGoesAwayAndAnsweredOnce() {
        Script script = Script.opened(1, 2);
        script.query("q", Freshness.LOCAL, 1_000);
        script.takeSent();

        script.disconnected(1);
        assertThat(script.takeSent()).containsExactly("2: query 1 q LOCAL at least 0");
        script.answer(2, Status.OK, 1, "Q");
        script.answer(1, Status.OK, 1, "Q");

        assertThat(script.takeTold()).containsExactly("q OK Q at 101");
    }

    @Test
    void aQueryWithoutAnAnswerAtItsDeadlineIsUnavailable() {
        Script script = Script.opened(1);
        script.query("q", Freshness.LOCAL, 100);
        script.answer(1, Status.UNAVAILABLE, 1, "no majority");

        script.pass(100);

        assertThat(script.takeTold()).containsExactly("q UNAVAILABLE");
    }

    @Test
    void aBurstOfRefusedQueriesIsOnePauseAndDoesNotHoldUpCommands() {
        Script script = Script.opened(1);
        for (int i = 1; i <= 20; i++) {
            script.query("q" + i, Freshness.LOCAL, 1_000);
        }
        script.takeSent();
        for (int i = 1; i <= 20; i++) {
            script.answer(1, Status.OVERLOADED, i, "too many");
        }
        script.command("a");
        assertThat(script.takeSent()).containsExactly("1: 1 a ack 0");

        script.pass(5);

        assertThat(script.takeSent()).hasSize(20);
    }

    // The transport's room

    @Test
    void aFullTransportHoldsCommandsBackInOrder() {
        Script script = Script.opened(1);
        script.room = 10;
        script.command("aaaaaa");
        script.command("bbbbbb");
        script.command("c");
        assertThat(script.takeSent()).containsExactly("1: 1 aaaaaa ack 0");

        script.room = 100;
        script.pass(1);

        assertThat(script.takeSent()).containsExactly("1: 2 bbbbbb ack 0", "1: 3 c ack 0");
    }
}
