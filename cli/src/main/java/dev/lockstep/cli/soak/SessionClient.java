package dev.lockstep.cli.soak;

import dev.lockstep.api.Consistency;
import dev.lockstep.api.LockstepException;
import dev.lockstep.api.OverloadedException;
import dev.lockstep.api.Reply;
import dev.lockstep.api.SessionExpiredException;
import dev.lockstep.api.UnavailableException;
import dev.lockstep.api.UnknownOutcomeException;
import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.services.kv.KvCommands;
import dev.lockstep.services.kv.KvReply;
import dev.lockstep.testkit.history.Operation;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Lockstep's own client with several calls in flight. Every second one keeps its session from
/// round to round, the others open a new one each time.
///
/// Threading: [#run] on a thread of its own, the rest while that does not run.
final class SessionClient implements Runnable, AutoCloseable {

    private static final int IN_FLIGHT = 8;
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /// So that all clients together keep two cores busy, and not more.
    private static final long PAUSE_NANOS = 5_000_000;

    /// Numbers of sessions, in this process.
    private static final AtomicLong SESSIONS = new AtomicLong();

    private final SoakLoad load;
    private final List<SoakReplica> replicas;
    private final int number;
    private final SplittableRandom random;
    private final Semaphore room = new Semaphore(IN_FLIGHT);
    private @Nullable LockstepClient client;

    /// As the history has it.
    private long session;

    private volatile boolean expired;
    private int issued;

    SessionClient(SoakLoad load, List<SoakReplica> replicas, int number, SplittableRandom random) {
        this.load = load;
        this.replicas = List.copyOf(replicas);
        this.number = number;
        this.random = random;
    }

    @Override
    public void run() {
        try {
            while (!load.isStopping()) {
                LockstepClient connected = connected();
                if (connected != null) {
                    room.acquire();
                    issue(connected);
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
            room.acquire(IN_FLIGHT);
            room.release(IN_FLIGHT);
            if (number % 2 == 0) {
                close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            load.onTrouble("a client met what none may meet: " + e);
        }
    }

    /// Null if nobody can be reached.
    private @Nullable LockstepClient connected() throws InterruptedException {
        if (expired) {
            // What is still under way belongs to the former session.
            room.acquire(IN_FLIGHT);
            room.release(IN_FLIGHT);
            close();
        }
        if (client == null) {
            ClientBuilder builder =
                    LockstepClient.builder().deadline(DEADLINE).connectTimeout(CONNECT_TIMEOUT);
            List<SoakReplica> left = new ArrayList<>(replicas);
            while (!left.isEmpty()) {
                SoakReplica next = left.remove(random.nextInt(left.size()));
                builder.address(next.ports().host(), next.ports().client());
            }
            // Some stay where they are, so that followers forward.
            builder.follow(number % 3 != 0);
            try {
                client = builder.connect();
                session = SESSIONS.incrementAndGet();
            } catch (UnavailableException nobody) {
                return null;
            }
        }
        return client;
    }

    private void issue(LockstepClient to) {
        issued++;
        int round = load.round();
        String value = Long.toString(session, 36) + "." + issued;
        String text = Keys.text(round, random);
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> query(to, Keys.any(round, random));
            case 3 -> command(to, text, "set", value, "set", text, value);
            case 4 -> command(to, text, "setnx", value, "setnx", text, value);
            case 5 -> command(to, text, "getset", value, "getset", text, value);
            case 6 -> command(to, text, "del", "", "del", text);
            case 7, 8 -> {
                String key = Keys.count(round, random);
                String amount = Integer.toString(1 + random.nextInt(9));
                command(to, key, "add", amount, "incrby", key, amount);
            }
            default -> {
                String key = Keys.list(round, random);
                command(to, key, "append", "," + value, "append", key, "," + value);
            }
        }
    }

    /// A query may overtake the session's commands: it is ordered by real time only.
    private void query(LockstepClient to, String key) {
        Witness.Call call = load.witness().invoke(0, key, "get", "");
        byte[] query = KvCommands.of("get", key).bytes();
        whenDone(to.query(query, Consistency.LINEARIZABLE, DEADLINE), call);
    }

    private void command(
            LockstepClient to, String key, String function, String argument, String... words) {
        Witness.Call call = load.witness().invoke(session, key, function, argument);
        whenDone(to.command(KvCommands.of(words).bytes()), call);
    }

    private void whenDone(CompletionStage<Reply> stage, Witness.Call call) {
        var _ =
                stage.whenComplete(
                        (reply, thrown) -> {
                            if (thrown == null) {
                                onReply(reply, call);
                            } else {
                                onFailure(thrown, call);
                            }
                            room.release();
                        });
    }

    private void onReply(Reply reply, Witness.Call call) {
        String result;
        try {
            result = result(KvReply.decode(reply.bytes()));
        } catch (MalformedException e) {
            call.lost();
            load.onTrouble("a client got a reply that is none: " + e.getMessage());
            return;
        }
        call.returned(result);
        load.answers().onAnswer();
    }

    private void onFailure(Throwable thrown, Witness.Call call) {
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        switch (cause) {
            case UnknownOutcomeException _ -> call.lost();
            case SessionExpiredException _ -> {
                call.hadNoEffect();
                expired = true;
            }
            case OverloadedException _, UnavailableException _ -> call.hadNoEffect();
            case LockstepException other -> {
                call.lost();
                load.onTrouble("a client was told what none may be told: " + other);
            }
            case null, default -> {
                call.lost();
                load.onTrouble("a client failed: " + cause);
            }
        }
    }

    private static String result(KvReply reply) {
        return switch (reply) {
            case KvReply.Text text -> text.text().toLowerCase(Locale.ROOT);
            case KvReply.Number number -> Long.toString(number.value());
            case KvReply.Value value -> new String(value.value(), StandardCharsets.UTF_8);
            case KvReply.Nothing _ -> Operation.NIL;
            case KvReply.Failure _, KvReply.Items _ -> "unexpected: " + reply;
        };
    }

    @Override
    public void close() {
        LockstepClient closing = client;
        client = null;
        expired = false;
        if (closing != null) {
            closing.close();
        }
    }
}
