package dev.lockstep.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;

/// Commands and queries to a replica that answers.
class ClientRequestsTest {

    private static final EngineOptions SMALL =
            new EngineOptions(
                    60_000 * Script.MS, 4, 1_000 * Script.MS, 50 * Script.MS, 5 * Script.MS, true);

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
