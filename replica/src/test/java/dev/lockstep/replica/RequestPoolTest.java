package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.SignatureChecks;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.MalformedException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What a replica keeps until it is ordered.
class RequestPoolTest {

    private static final long SESSION = 1 << 20;
    private static final ReplicaId PEER = new ReplicaId(2);

    private final SignedNames names = new SignedNames();
    private final CurrentReign reign = SignedNames.reign(1, 4);
    private final List<String> sent = new ArrayList<>();
    private final List<Bytes> frames = new ArrayList<>();
    private final List<ReplicaId> forgers = new ArrayList<>();
    private final Sessions sessions = new Sessions();
    private final ReplicaListener listener =
            new ReplicaListener() {
                @Override
                public void onForged(ReplicaId from) {
                    forgers.add(from);
                }
            };
    private final ReplyRouting routing =
            new ReplyRouting(
                    new ClientPort() {
                        @Override
                        public void reply(
                                long connection,
                                Kind kind,
                                Status status,
                                long session,
                                long sequence,
                                long position,
                                byte[] bytes,
                                int offset,
                                int length) {
                            sent.add(connection + " " + kind + " " + status);
                        }

                        @Override
                        public void preferredEntry(long connection, int replica) {}
                    },
                    listener);
    private final ReplicaOptions options =
            ReplicaOptions.of(
                    SignedNames.CLUSTER,
                    new ReplicaId(1),
                    new Incarnation(1, 0),
                    1,
                    reign.members());
    private final RequestPool pool =
            new RequestPool(
                    options,
                    reign,
                    new CurrentEngine(),
                    (to, head, _, _) -> {
                        sent.add("to " + to);
                        frames.add(head);
                        return true;
                    },
                    sessions,
                    routing,
                    new PendingChecks(SignatureChecks.AT_ONCE),
                    new RequestSignatures(names),
                    listener);

    private void add(long millis, int client, ClientRequest.Command it) {
        byte[] body = it.command().toByteArray();
        pool.add(
                SignedNames.at(millis),
                RequestKind.COMMAND,
                SignedNames.asker(1, client, it),
                it.session(),
                it.sequence(),
                it.acknowledged(),
                body,
                0,
                body.length);
    }

    private void passOn(byte[]... records) {
        pool.onPassedOn(SignedNames.at(1), PEER, SignedNames.payload(records));
    }

    private static RequestCursor at(byte[] record) {
        RequestCursor cursor = new RequestCursor();
        cursor.reset(Bytes.wrap(record));
        assertThat(cursor.next()).isTrue();
        return cursor;
    }

    private boolean knows(byte[] record) {
        pool.beginJudgement();
        return pool.of(at(record)) == KnownRequests.Knowledge.KNOWN;
    }

    /// Has the session's request ordered that has this number.
    private void order(long millis, long sequence) {
        pool.onOrdered(RequestKind.COMMAND, 7, SESSION, sequence);
        pool.advance(SignedNames.at(millis), true, false);
    }

    @Test
    void whatOnlyWaitsItsTurnIsNotPassedOn() {
        for (int sequence = 1; sequence <= 30; sequence++) {
            add(10L * sequence, 7, SignedNames.command(SESSION, sequence, "incr"));
        }
        // What is ordered came before what waits, however long that takes.
        for (int sequence = 1; sequence <= 29; sequence++) {
            order(300 + 90L * sequence, sequence);
        }
        assertThat(sent).isEmpty();
        pool.advance(SignedNames.at(300 + 90 * 29 + 99), true, false);
        assertThat(sent).isEmpty();
        // Nothing goes on any more.
        pool.advance(SignedNames.at(300 + 90 * 29 + 150), true, false);
        assertThat(sent).containsExactly("to 2", "to 3", "to 4");
    }

    @Test
    void whatIsOvertakenIsPassedOnThoughOthersAreOrdered() {
        add(0, 7, SignedNames.command(SESSION, 1, "incr"));
        add(50, 7, SignedNames.command(SESSION, 2, "incr"));
        add(60, 7, SignedNames.command(SESSION, 3, "incr"));
        order(101, 2);
        assertThat(sent).isEmpty();
        order(160, 3);
        assertThat(sent).containsExactly("to 2", "to 3", "to 4");
        assertThat(PeerFrames.content(frames.getFirst()))
                .isEqualTo(
                        SignedNames.payload(
                                SignedNames.record(1, 7, SignedNames.command(SESSION, 1, "incr"))));
    }

    @Test
    void whatIsLateIsPassedOnToAllOthersWithItsProof() {
        ClientRequest.Command command = SignedNames.command(SESSION, 1, "incr");
        add(0, 7, command);
        pool.advance(SignedNames.at(99), true, false);
        assertThat(sent).isEmpty();
        pool.advance(SignedNames.at(100), true, false);
        assertThat(sent).containsExactly("to 2", "to 3", "to 4");
        assertThat(PeerFrames.content(frames.getFirst()))
                .isEqualTo(SignedNames.payload(SignedNames.record(1, 7, command)));
        pool.advance(SignedNames.at(599), true, false);
        assertThat(sent).hasSize(3);
        // It is looked for what is late every 50 ms.
        pool.advance(SignedNames.at(649), true, false);
        assertThat(sent).hasSize(6);
    }

    @Test
    void whatIsPassedOnIsKeptIfItsClientHasSignedIt() {
        byte[] record = SignedNames.record(1, 7, SignedNames.command(SESSION, 1, "incr"));
        passOn(record);
        assertThat(knows(record)).isTrue();
        assertThat(pool.sizeBytes(7)).isEqualTo(record.length);
        assertThat(forgers).isEmpty();
    }

    @Test
    void oneForgeryIsEnoughToBelieveNothingOfIt() {
        byte[] good = SignedNames.record(1, 7, SignedNames.command(SESSION, 1, "incr"));
        byte[] bad = SignedNames.record(1, 7, SignedNames.command(SESSION, 2, "incr"));
        bad[OpenBatch.HEADER_BYTES] ^= 1;
        passOn(good, bad);
        assertThat(pool.isEmpty()).isTrue();
        assertThat(forgers).containsExactly(PEER);
        assertThatThrownBy(
                        () ->
                                pool.onPassedOn(
                                        SignedNames.at(1),
                                        PEER,
                                        Bytes.wrap(good, 0, good.length - 1)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void whatASignatureDoesNotCoverIsNotAltered() {
        ClientRequest.KeepAlive alive = new ClientRequest.KeepAlive(SESSION, 0);
        Asker asker = SignedNames.asker(1, 7, alive);
        passOn(SignedNames.record(RequestKind.KEEP_ALIVE, asker, SESSION, 1, 0, Bytes.EMPTY));
        assertThat(forgers).containsExactly(PEER);
        passOn(SignedNames.record(1, 7, new ClientRequest.Open(5, Long.MAX_VALUE)));
        assertThat(forgers).containsExactly(PEER, PEER);
        assertThat(pool.isEmpty()).isTrue();
        passOn(SignedNames.record(1, 7, alive));
        assertThat(pool.isEmpty()).isFalse();
    }

    @Test
    void nobodyTakesThePlaceOfAnothersRequest() {
        byte[] liars = SignedNames.record(1, 8, SignedNames.command(SESSION, 1, "decr"));
        passOn(liars);
        ClientRequest.Command command = SignedNames.command(SESSION, 1, "incr");
        add(0, 7, command);
        assertThat(knows(SignedNames.record(1, 7, command))).isTrue();
        pool.onOrdered(RequestKind.COMMAND, 8, SESSION, 1);
        assertThat(knows(liars)).isFalse();
        assertThat(knows(SignedNames.record(1, 7, command))).isTrue();
        assertThat(pool.sizeBytes(8)).isZero();
    }

    @Test
    void aRequestIsKnownByteForByte() {
        ClientRequest.Command command = SignedNames.command(SESSION, 1, "incr");
        add(0, 7, command);
        byte[] record = SignedNames.record(1, 7, command);
        for (int i = 0; i < record.length; i++) {
            byte[] altered = record.clone();
            altered[i] ^= 1;
            RequestCursor cursor = new RequestCursor();
            cursor.reset(Bytes.wrap(altered));
            if (cursor.next()) {
                assertThat(knows(altered)).as("byte %d altered", i).isFalse();
            }
        }
    }

    @Test
    void aSessionsOrderedRequestsAndOthersSessionsAreNotTaken() {
        sessions.open(SESSION, 7, 1, 1L << 50, 0);
        byte[] others = SignedNames.record(1, 8, SignedNames.command(SESSION, 1, "incr"));
        passOn(others);
        assertThat(pool.isEmpty()).isTrue();
        Objects.requireNonNull(sessions.find(SESSION)).replies().append(0, 1, new byte[0], 0, 0);
        passOn(SignedNames.record(1, 7, SignedNames.command(SESSION, 1, "incr")));
        assertThat(pool.isEmpty()).isTrue();
        passOn(SignedNames.record(1, 7, SignedNames.command(SESSION, 2, "incr")));
        assertThat(pool.isEmpty()).isFalse();
    }

    @Test
    void oneClientFillsItsShareAndNoMore() {
        int third = (int) (options.limits().inFlightBytesPerConnection() / 4);
        int sized = Math.min(third, options.limits().requestBytes());
        long most = options.limits().inFlightBytesPerConnection();
        long taken = 0;
        for (int sequence = 1; sequence <= 12; sequence++) {
            byte[] record =
                    SignedNames.record(
                            1,
                            7,
                            new ClientRequest.Command(
                                    SESSION, sequence, 0, Bytes.wrap(new byte[sized])));
            passOn(record);
            taken = pool.sizeBytes(7);
        }
        assertThat(taken).isPositive().isLessThanOrEqualTo(most);
        passOn(SignedNames.record(1, 8, SignedNames.command(SESSION, 1, "incr")));
        assertThat(pool.sizeBytes(8)).isPositive();
    }

    @Test
    void aQueryIsAwaitedByWhoAskedIt() {
        ClientRequest.Query query =
                new ClientRequest.Query(
                        5, ClientRequest.Freshness.LINEARIZABLE, 0, SignedNames.bytes("get"));
        passOn(SignedNames.record(1, 7, query));
        assertThat(pool.awaits(8, 5, SignedNames.bytes("get"))).isFalse();
        assertThat(pool.awaits(7, 5, SignedNames.bytes("got"))).isFalse();
        assertThat(pool.awaits(7, 5, SignedNames.bytes("get"))).isTrue();
        assertThat(pool.awaits(7, 5, SignedNames.bytes("get"))).isFalse();
    }

    @Test
    void whatWasSignedForAFormerEpochIsForgottenWithAWord() {
        routing.touch(40);
        routing.expect(7, SESSION, 1, 40, 10);
        add(0, 7, SignedNames.command(SESSION, 1, "incr"));
        pool.submitEmpty(SignedNames.at(0));
        reign.set(SignedNames.reign(2, reign.members()));
        pool.join(SignedNames.at(1), List.of());
        assertThat(sent).containsExactly("40 COMMAND UNAVAILABLE");
        assertThat(pool.sizeBytes(7)).isZero();
        assertThat(pool.isEmpty()).isFalse();
    }
}
