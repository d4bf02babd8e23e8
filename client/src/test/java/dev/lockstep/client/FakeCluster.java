package dev.lockstep.client;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Three replicas as a client sees them: connections that deliver in order or break, admission that
/// may refuse, an order in which what was admitted is executed sooner or later, wherever it came
/// from, and a session that executes each number once, in order.
///
/// A test says what happens next; nothing happens by itself.
final class FakeCluster implements ClientTransport {

    static final int REPLICAS = 3;
    static final long SESSION = 9;

    /// One direction of one connection.
    private record Request(int replica, int connection, ClientRequest request) {}

    private record Reply(
            int replica, Kind kind, Status status, long session, long sequence, String text) {}

    /// What a replica does with a request that arrives.
    enum Admission {
        ADMIT,
        OVERLOADED,
        UNAVAILABLE,
        /// Admit, and say later that one cannot follow it up.
        ADMIT_AND_FORGET
    }

    final List<Deque<ClientRequest>> requests = new ArrayList<>();
    final List<Deque<Reply>> replies = new ArrayList<>();
    final boolean[] up = new boolean[REPLICAS + 1];
    final boolean[] dialled = new boolean[REPLICAS + 1];
    private final int[] connection = new int[REPLICAS + 1];
    private final Deque<Request> log = new ArrayDeque<>();

    /// Every command and skip that was ever sent, by number.
    final SortedMap<Long, List<String>> sent = new TreeMap<>();

    /// What the state machine executed, in order.
    final List<String> executed = new ArrayList<>();

    private final SortedMap<Long, Request> parked = new TreeMap<>();
    private final SortedMap<Long, String> remembered = new TreeMap<>();
    private long nextNumber = 1;
    private boolean open;
    boolean expired;
    long messages;

    FakeCluster() {
        for (int i = 0; i <= REPLICAS; i++) {
            requests.add(new ArrayDeque<>());
            replies.add(new ArrayDeque<>());
        }
    }

    @Override
    public void connect(int replica) {
        dialled[replica] = true;
    }

    @Override
    public void command(
            int replica, long session, long sequence, long acknowledged, byte[] command) {
        String text = new String(command, StandardCharsets.UTF_8);
        sent.computeIfAbsent(sequence, _ -> new ArrayList<>()).add(text);
        enqueue(
                replica,
                new ClientRequest.Command(session, sequence, acknowledged, Bytes.wrap(command)));
    }

    @Override
    public void send(int replica, ClientRequest request) {
        if (request instanceof ClientRequest.Skip skip) {
            sent.computeIfAbsent(skip.sequence(), _ -> new ArrayList<>()).add("skip");
        }
        enqueue(replica, request);
    }

    private void enqueue(int replica, ClientRequest request) {
        messages++;
        if (up[replica]) {
            requests.get(replica).add(request);
        }
    }

    void accept(int replica) {
        dialled[replica] = false;
        up[replica] = true;
        connection[replica]++;
    }

    void reset(int replica) {
        dialled[replica] = false;
        up[replica] = false;
        requests.get(replica).clear();
        replies.get(replica).clear();
    }

    /// The next request on a connection arrives.
    void arrive(int replica, Admission admission) {
        ClientRequest request = requests.get(replica).poll();
        if (request == null) {
            return;
        }
        boolean refuses = admission == Admission.OVERLOADED || admission == Admission.UNAVAILABLE;
        if (refuses) {
            Status status =
                    admission == Admission.OVERLOADED ? Status.OVERLOADED : Status.UNAVAILABLE;
            answer(replica, request, status, "not now");
        } else if (request instanceof ClientRequest.Command command
                && text(command.command()).startsWith("huge")) {
            answer(replica, request, Status.REFUSED, "too large");
        } else {
            log.add(new Request(replica, connection[replica], request));
            if (admission == Admission.ADMIT_AND_FORGET) {
                answer(replica, request, Status.UNAVAILABLE, "cut off");
            }
        }
    }

    /// The next admitted request is executed.
    void execute() {
        Request next = log.poll();
        if (next == null) {
            return;
        }
        switch (next.request) {
            case ClientRequest.Open _ -> {
                open = true;
                answerIfConnected(next, Status.OK, SESSION, "");
            }
            case ClientRequest.Command command -> run(next, command.sequence());
            case ClientRequest.Skip skip -> run(next, skip.sequence());
            case ClientRequest.KeepAlive _, ClientRequest.Close _ ->
                    answerIfConnected(
                            next, expired ? Status.SESSION_EXPIRED : Status.OK, SESSION, "");
            case ClientRequest.Query query ->
                    answerIfConnected(next, Status.OK, 0, "answer " + text(query.query()));
        }
    }

    boolean isQuiet() {
        return log.isEmpty()
                && requests.stream().allMatch(Deque::isEmpty)
                && replies.stream().allMatch(Deque::isEmpty);
    }

    private void run(Request request, long number) {
        if (!open || expired) {
            answerIfConnected(request, Status.SESSION_EXPIRED, SESSION, "");
        } else if (number < nextNumber) {
            answerIfConnected(request, Status.OK, SESSION, remembered.getOrDefault(number, ""));
        } else {
            parked.put(number, request);
            for (Request due = parked.remove(nextNumber);
                    due != null;
                    due = parked.remove(nextNumber)) {
                String reply = "";
                if (due.request instanceof ClientRequest.Command command) {
                    executed.add(text(command.command()));
                    reply = "did " + text(command.command());
                }
                remembered.put(nextNumber, reply);
                nextNumber++;
                answerIfConnected(due, Status.OK, SESSION, reply);
            }
        }
    }

    private void answerIfConnected(Request request, Status status, long session, String text) {
        if (up[request.replica] && connection[request.replica] == request.connection) {
            answer(request.replica, request.request, status, session, text);
        }
    }

    private void answer(int replica, ClientRequest request, Status status, String text) {
        answer(replica, request, status, SESSION, text);
    }

    private void answer(
            int replica, ClientRequest request, Status status, long session, String text) {
        Reply reply =
                switch (request) {
                    case ClientRequest.Open open ->
                            new Reply(replica, Kind.OPEN, status, session, open.nonce(), text);
                    case ClientRequest.Command command ->
                            new Reply(
                                    replica,
                                    Kind.COMMAND,
                                    status,
                                    session,
                                    command.sequence(),
                                    text);
                    case ClientRequest.Skip skip ->
                            new Reply(
                                    replica, Kind.COMMAND, status, session, skip.sequence(), text);
                    case ClientRequest.Query query ->
                            new Reply(replica, Kind.QUERY, status, 0, query.number(), text);
                    case ClientRequest.KeepAlive _, ClientRequest.Close _ ->
                            new Reply(replica, Kind.SESSION, status, session, 0, text);
                };
        replies.get(replica).add(reply);
    }

    /// The next reply on a connection reaches the engine.
    void deliver(int replica, long now, ClientEngine engine) {
        Reply reply = replies.get(replica).poll();
        if (reply != null) {
            byte[] bytes = reply.text.getBytes(StandardCharsets.UTF_8);
            engine.onReply(
                    now,
                    replica,
                    reply.kind,
                    reply.status,
                    reply.session,
                    reply.sequence,
                    1,
                    bytes,
                    0,
                    bytes.length);
        }
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
    }
}
