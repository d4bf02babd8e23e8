package dev.lockstep.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;

/// The life of a session: opened, kept alive, ended.
class ClientSessionTest {

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
}
