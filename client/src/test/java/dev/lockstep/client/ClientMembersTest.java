package dev.lockstep.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Reply;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// The members change while a client is connected, or is not.
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClientMembersTest {

    // The engine

    @Test
    void aNewMemberIsDialledAndMayBecomeTheEntry() {
        Script script = Script.opened(1, 2);

        script.members(1, 2, 4);
        assertThat(script.takeSent()).containsExactly("dial 4");
        script.connected(4);
        script.engine.onPreferredEntry(4);
        script.command("a");

        assertThat(script.takeSent()).containsExactly("4: 1 a ack 0");
    }

    @Test
    void whatAMemberThatIsGoneHasNotAnsweredGoesToAnotherAtOnce() {
        Script script = Script.opened(1, 2, 3);
        script.command("a");
        script.query("q", Freshness.LOCAL, 1_000);
        script.takeSent();

        script.members(2, 3);

        assertThat(script.takeSent())
                .containsExactly("2: 1 a ack 0", "2: query 1 q LOCAL at least 0");
        assertThat(script.engine.entry()).isEqualTo(2);
        assertThat(script.engine.failovers()).isEqualTo(1);
        script.disconnected(1);
        script.pass(10_000);
        assertThat(script.takeSent()).doesNotContain("dial 1");
    }

    @Test
    void aMemberThatIsGoneIsNotPreferredAnyMore() {
        Script script = Script.opened(1, 2);
        script.engine.onPreferredEntry(3);
        script.members(1, 3);
        script.members(1, 2);
        script.members(1, 2, 3);

        script.connected(3);

        assertThat(script.engine.entry()).isEqualTo(1);
    }

    @Test
    void allMembersMayBeOthers() {
        Script script = Script.opened(1);
        script.command("a");
        script.takeSent();

        script.members(4, 5);
        assertThat(script.engine.entry()).isZero();
        assertThat(script.takeSent()).containsExactly("dial 4", "dial 5");
        script.connected(5);

        assertThat(script.takeSent()).containsExactly("5: 1 a ack 0");
        script.reply(5, Status.OK, 1, "A");
        assertThat(script.takeTold()).containsExactly("a OK A at 101");
    }

    @Test
    void aSessionThatAGoneMemberWasAskedForIsAskedForAgain() {
        Script script = new Script(1, 2);
        script.connected(1);
        script.connected(2);
        script.takeSent();

        script.members(2);

        assertThat(script.takeSent()).containsExactly("2: open");
        script.reply(2, Kind.OPEN, Status.OK, Script.SESSION, script.nonce, "");
        assertThat(script.engine.isOpen()).isTrue();
    }

    @Test
    void noMembersAreNoNews() {
        Script script = Script.opened(1);

        script.members();
        script.command("a");

        assertThat(script.takeSent()).containsExactly("1: 1 a ack 0");
    }

    // On sockets

    @Test
    void anEpochThatBeginsTakesTheSessionAlong() {
        try (FakeReplica one = new FakeReplica(1);
                FakeReplica two = new FakeReplica(2);
                LockstepClient client = connect(one)) {
            assertThat(text(client.command(utf8("a")))).isEqualTo("did a");

            one.begin(2, List.of(two.address()));

            // The frame may be behind the next few commands.
            int number = 1;
            do {
                number++;
                assertThat(text(client.command(utf8("b")))).isEqualTo("did b");
            } while (!two.heard.contains(number + " b"));
            assertThat(client.entry()).isEqualTo(2);
        }
    }

    @Test
    void whoKnowsOnlyAReplicaThatIsNoMemberGoesOnAtTheMembers() {
        try (FakeReplica former = new FakeReplica(1);
                FakeReplica member = new FakeReplica(2)) {
            former.status = Status.UNAVAILABLE;
            former.epoch = 2;
            former.members = List.of(member.address());
            member.epoch = 2;
            member.members = former.members;
            try (LockstepClient client = connect(former)) {
                assertThat(text(client.command(utf8("a")))).isEqualTo("did a");
                assertThat(client.entry()).isEqualTo(2);
                assertThat(former.heard).isEmpty();
            }
        }
    }

    @Test
    void whatAReplicaSaysOfAnEarlierEpochIsNotBelieved() {
        try (FakeReplica one = new FakeReplica(1);
                FakeReplica two = new FakeReplica(2)) {
            one.epoch = 3;
            one.members = List.of(one.address());
            try (LockstepClient client = connect(one)) {
                assertThat(text(client.command(utf8("a")))).isEqualTo("did a");
                one.begin(2, List.of(two.address()));
                assertThat(text(client.command(utf8("b")))).isEqualTo("did b");
                assertThat(one.heard).contains("2 b");
            }
        }
    }

    @Test
    void whoDoesNotKnowAllMembersOfAnEpochTakesNoneAway() {
        try (FakeReplica one = new FakeReplica(1);
                FakeReplica two = new FakeReplica(2)) {
            one.members = List.of(one.address(), two.address());
            try (LockstepClient client = connect(one)) {
                assertThat(text(client.command(utf8("a")))).isEqualTo("did a");
                one.begin(1, List.of(two.address()));
                assertThat(text(client.command(utf8("b")))).isEqualTo("did b");
                assertThat(one.heard).contains("2 b");
            }
        }
    }

    @Test
    void aMemberThatIsNowElsewhereIsFoundThere() {
        try (FakeReplica two = new FakeReplica(2)) {
            two.preferred = 2;
            FakeReplica before = new FakeReplica(1);
            two.members = List.of(before.address(), two.address());
            try (LockstepClient client = connect(two);
                    FakeReplica after = new FakeReplica(1)) {
                assertThat(text(client.command(utf8("a")))).isEqualTo("did a");
                before.close();
                two.begin(1, List.of(after.address(), two.address()));

                int number = 1;
                do {
                    two.advise(1);
                    number++;
                    assertThat(text(client.command(utf8("b")))).isEqualTo("did b");
                } while (!after.heard.contains(number + " b"));
            }
        }
    }

    @Test
    void whereTheClientBeganItAsksAgainWhenNobodyItKnowsIsThere() {
        FakeReplica gone = new FakeReplica(1);
        FakeReplica member = new FakeReplica(2);
        gone.epoch = 2;
        gone.members = List.of(member.address());
        member.epoch = 2;
        member.members = gone.members;
        LockstepClient client = connect(gone);
        try {
            assertThat(text(client.command(utf8("a")))).isEqualTo("did a");
        } finally {
            member.close();
            gone.close();
        }
        try (FakeReplica other = new FakeReplica(3);
                FakeReplica again = new FakeReplica(1, gone.port(), 5, List.of(other.address()))) {
            assertThat(text(client.command(utf8("b")))).isEqualTo("did b");
            assertThat(other.heard).contains("2 b");
            assertThat(again.heard).isEmpty();
        } finally {
            client.close();
        }
    }

    private static LockstepClient connect(FakeReplica replica) {
        return LockstepClient.builder().address("127.0.0.1", replica.port()).connect();
    }

    private static String text(CompletionStage<Reply> stage) {
        return stage.toCompletableFuture().join().text();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
