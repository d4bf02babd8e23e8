package dev.lockstep.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// An engine, its clock, and a transport that writes down what it is told, for tests that play the
/// cluster line by line.
final class Script implements ClientTransport {

    static final long MS = 1_000_000L;
    static final long SESSION = 77;

    final List<String> sent = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    final ClientEngine engine;
    long now;
    int room = Integer.MAX_VALUE;
    long nonce;

    Script(int... replicas) {
        this(EngineOptions.DEFAULT, replicas);
    }

    Script(EngineOptions options, int... replicas) {
        engine = new ClientEngine(options, replicas, this, new SplittableRandom(1));
        engine.advance(now);
    }

    @Override
    public void connect(int replica) {
        sent.add("dial " + replica);
    }

    @Override
    public boolean hasRoom(int replica, int bytes) {
        return bytes <= room;
    }

    @Override
    public void command(
            int replica, long session, long sequence, long acknowledged, byte[] command) {
        assertThat(session).isEqualTo(SESSION);
        room -= command.length;
        sent.add(replica + ": " + sequence + " " + text(command) + " ack " + acknowledged);
    }

    @Override
    public void send(int replica, ClientRequest request) {
        sent.add(
                replica
                        + ": "
                        + switch (request) {
                            case ClientRequest.Open open -> {
                                nonce = open.nonce();
                                yield "open";
                            }
                            case ClientRequest.Query query ->
                                    "query %d %s %s at least %d"
                                            .formatted(
                                                    query.number(),
                                                    text(query.query().toByteArray()),
                                                    query.freshness(),
                                                    query.atLeast());
                            case ClientRequest.Skip skip -> "skip " + skip.sequence();
                            case ClientRequest.KeepAlive alive ->
                                    "keep alive, ack " + alive.acknowledged();
                            case ClientRequest.Close _ -> "close";
                            case ClientRequest.Command _ ->
                                    throw new AssertionError("commands go the other way");
                        });
    }

    /// Connects the first replica, opens the session, forgets what was sent.
    static Script opened(int... replicas) {
        return opened(EngineOptions.DEFAULT, replicas);
    }

    static Script opened(EngineOptions options, int... replicas) {
        Script script = new Script(options, replicas);
        for (int replica : replicas) {
            script.connected(replica);
        }
        script.reply(replicas[0], Kind.OPEN, Status.OK, SESSION, script.nonce, "");
        assertThat(script.engine.isOpen()).isTrue();
        script.sent.clear();
        return script;
    }

    void connected(int replica) {
        engine.onConnected(now, replica);
    }

    void disconnected(int replica) {
        engine.onDisconnected(now, replica);
    }

    void members(int... members) {
        engine.onMembers(now, members);
    }

    void command(String text) {
        command(text, 10_000);
    }

    void command(String text, long deadlineMillis) {
        engine.command(now, utf8(text), now + deadlineMillis * MS, teller(text));
    }

    void query(String text, Freshness freshness, long deadlineMillis) {
        engine.query(
                now, Bytes.wrap(utf8(text)), freshness, now + deadlineMillis * MS, teller(text));
    }

    Completion teller(String text) {
        return (outcome, position, bytes, offset, length) ->
                told.add(
                        text
                                + " "
                                + outcome
                                + (outcome == Outcome.OK
                                        ? " "
                                                + new String(
                                                        bytes,
                                                        offset,
                                                        length,
                                                        StandardCharsets.UTF_8)
                                                + " at "
                                                + position
                                        : ""));
    }

    void reply(int from, Status status, long sequence, String text) {
        reply(from, Kind.COMMAND, status, SESSION, sequence, text);
    }

    void answer(int from, Status status, long number, String text) {
        reply(from, Kind.QUERY, status, 0, number, text);
    }

    void reply(int from, Kind kind, Status status, long session, long sequence, String text) {
        // With bytes around it, as in a socket's buffer.
        byte[] bytes = utf8("<<" + text + ">>");
        engine.onReply(
                now,
                from,
                kind,
                status,
                session,
                sequence,
                kind == Kind.OPEN ? 5 : 100 + sequence,
                bytes,
                2,
                bytes.length - 4);
    }

    /// Lets time pass, stopping wherever the engine wants to be called.
    void pass(long millis) {
        long end = now + millis * MS;
        int calls = 0;
        while (engine.nextDeadlineNanos() <= end) {
            now = Math.max(now, engine.nextDeadlineNanos());
            engine.advance(now);
            assertThat(++calls).as("calls of advance in %s ms", millis).isLessThan(10_000);
        }
        now = end;
        engine.advance(now);
    }

    /// What was sent since the last call.
    List<String> takeSent() {
        List<String> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    List<String> takeTold() {
        List<String> taken = List.copyOf(told);
        told.clear();
        return taken;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
