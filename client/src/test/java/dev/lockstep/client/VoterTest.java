package dev.lockstep.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Who is believed.
class VoterTest {

    private static final long MS = 1_000_000L;
    private static final long SESSION = 1 << 20;

    /// What was signed, for whom, when it left.
    private record Sent(int replica, ClientRequest request, long epoch) {}

    private final List<Sent> sent = new ArrayList<>();
    private final List<Integer> bursts = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private int room = Integer.MAX_VALUE;
    private long now;

    private final ClientTransport transport =
            new ClientTransport() {
                @Override
                public void connect(int replica) {}

                @Override
                public boolean hasRoom(int replica, int bytes) {
                    return bytes <= room;
                }

                @Override
                public void command(
                        int replica, long session, long sequence, long acked, byte[] command) {
                    throw new AssertionError("unsigned");
                }

                @Override
                public void send(int replica, ClientRequest request) {
                    throw new AssertionError("unsigned");
                }

                @Override
                public void signed(int replica, int frameKind, Bytes content, Bytes proof) {
                    sent.add(
                            new Sent(
                                    replica,
                                    ClientCodec.decodeRequest(frameKind, content),
                                    proof.getLong(0)));
                }
            };

    private final Voter voter =
            new Voter(
                    EngineOptions.DEFAULT,
                    new int[] {1, 2, 3, 4},
                    replicas -> (replicas - 1) / 3 + 1,
                    transport,
                    new SplittableRandom(7),
                    (epoch, requests) -> {
                        bursts.add(requests.size());
                        return requests.stream()
                                .map(_ -> new BytesWriter(8).putLong(epoch).toBytes())
                                .toList();
                    });

    @BeforeEach
    void connect() {
        voter.advance(now);
        for (int replica = 1; replica <= 4; replica++) {
            voter.onEpoch(now, replica, 1);
            voter.onConnected(now, replica);
        }
    }

    private <R extends ClientRequest> R last(Class<R> type) {
        return type.cast(
                sent.stream().map(Sent::request).filter(type::isInstance).toList().getLast());
    }

    private void open() {
        long nonce = last(ClientRequest.Open.class).nonce();
        for (int replica = 1; replica <= 2; replica++) {
            reply(replica, Kind.OPEN, Status.OK, SESSION, nonce, 5, "");
        }
        assertThat(voter.engine().isOpen()).isTrue();
        sent.clear();
        bursts.clear();
    }

    private void reply(
            int from, Kind kind, Status status, long session, long number, long at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        voter.onReply(now, from, kind, status, session, number, at, bytes, 0, bytes.length);
        voter.advance(now);
    }

    private void answer(int from, long sequence, Status status, long at, String text) {
        reply(from, Kind.COMMAND, status, SESSION, sequence, at, text);
    }

    private void command(String text) {
        voter.engine()
                .command(
                        now,
                        text.getBytes(StandardCharsets.UTF_8),
                        now + 5_000 * MS,
                        (outcome, position, bytes, offset, length) ->
                                told.add(
                                        outcome
                                                + " "
                                                + position
                                                + " "
                                                + new String(
                                                        bytes,
                                                        offset,
                                                        length,
                                                        StandardCharsets.UTF_8)));
        voter.flush();
    }

    @Test
    void allAreAskedAndTwoThatSayTheSameAreBelieved() {
        open();
        command("incr");
        assertThat(sent.stream().map(Sent::replica)).containsExactlyInAnyOrder(1, 2, 3, 4);
        answer(3, 1, Status.OK, 9, "1");
        assertThat(told).isEmpty();
        answer(2, 1, Status.OK, 9, "1");
        assertThat(told).containsExactly("OK 9 1");
        assertThat(voter.contradictions()).isZero();
    }

    @Test
    void oneIsNeverBelievedHoweverOftenItSpeaks() {
        open();
        command("incr");
        for (int i = 0; i < 5; i++) {
            answer(4, 1, Status.OK, 9, "666");
        }
        assertThat(told).isEmpty();
        answer(1, 1, Status.OK, 9, "1");
        assertThat(told).isEmpty();
        answer(2, 1, Status.OK, 9, "1");
        assertThat(told).containsExactly("OK 9 1");
        assertThat(voter.contradictions()).isEqualTo(1);
    }

    @Test
    void bytesStatusAndPositionAreCompared() {
        open();
        command("incr");
        answer(1, 1, Status.OK, 9, "1");
        answer(2, 1, Status.OK, 8, "1");
        answer(3, 1, Status.SERVICE_FAILURE, 9, "1");
        assertThat(told).isEmpty();
        answer(2, 1, Status.OK, 9, "1");
        assertThat(told).containsExactly("OK 9 1");
    }

    @Test
    void whereAllContradictOneAnotherNobodyIsBelieved() {
        open();
        command("incr");
        for (int replica = 1; replica <= 4; replica++) {
            answer(replica, 1, Status.OK, 9, "says " + replica);
        }
        assertThat(told).hasSize(1);
        assertThat(told.getFirst())
                .startsWith("UNKNOWN 0 ")
                .contains("contradict one another", "more of them lie");
    }

    @Test
    void whoIsNotConnectedHasNoVote() {
        open();
        command("incr");
        answer(1, 1, Status.OK, 9, "1");
        voter.onDisconnected(now, 2);
        answer(2, 1, Status.OK, 9, "1");
        answer(7, 1, Status.OK, 9, "1");
        assertThat(told).isEmpty();
    }

    @Test
    void oneRefusalIsNoRefusal() {
        open();
        command("incr");
        answer(1, 1, Status.REFUSED, 0, "no");
        answer(2, 1, Status.OK, 9, "1");
        answer(3, 1, Status.OK, 9, "1");
        assertThat(told).containsExactly("OK 9 1");
    }

    @Test
    void whatWasAskedTogetherIsSignedOnce() {
        open();
        for (int i = 0; i < 3; i++) {
            voter.engine().command(now, new byte[] {1}, now + 5_000 * MS, (_, _, _, _, _) -> {});
        }
        assertThat(sent).isEmpty();
        voter.flush();
        assertThat(bursts).containsExactly(3);
        assertThat(sent).hasSize(12).allMatch(each -> each.epoch() == 1);
        voter.flush();
        assertThat(bursts).hasSize(1);
    }

    @Test
    void oneReplicaCannotMoveTheEpochAndTwoCan() {
        open();
        command("incr");
        sent.clear();
        voter.onEpoch(now, 4, 900);
        voter.flush();
        assertThat(sent).isEmpty();
        voter.onEpoch(now, 3, 2);
        voter.flush();
        assertThat(sent).hasSize(4).allMatch(each -> each.epoch() == 2);
        assertThat(last(ClientRequest.Command.class).sequence()).isEqualTo(1);
    }

    @Test
    void whoComesBackIsAskedWhatIsNotDecided() {
        open();
        command("incr");
        voter.onDisconnected(now, 2);
        sent.clear();
        voter.onConnected(now, 2);
        assertThat(sent).extracting(Sent::replica).containsExactly(2);
    }

    @Test
    void aQueryHasANameThatNobodyCanGuess() {
        open();
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            voter.engine()
                    .query(
                            now,
                            Bytes.wrap(new byte[] {1}),
                            Freshness.LINEARIZABLE,
                            now + 5_000 * MS,
                            (outcome, position, _, _, _) -> answers.add(outcome + " " + position));
        }
        voter.advance(now);
        List<Long> names =
                sent.stream()
                        .filter(each -> each.replica() == 1)
                        .map(each -> ((ClientRequest.Query) each.request()).number())
                        .toList();
        assertThat(names).hasSize(2).doesNotHaveDuplicates().allMatch(name -> Math.abs(name) > 99);
        reply(1, Kind.QUERY, Status.OK, 0, names.get(1), 9, "x");
        reply(2, Kind.QUERY, Status.OK, 0, names.get(1), 9, "x");
        assertThat(answers).containsExactly("OK 9");
    }

    @Test
    void whoHasNoRoomIsNotWaitedFor() {
        open();
        room = 0;
        command("incr");
        assertThat(sent).isEmpty();
        assertThat(bursts.stream().mapToInt(Integer::intValue).sum()).isLessThanOrEqualTo(1);
    }
}
