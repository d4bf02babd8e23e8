package dev.lockstep.cli;

import dev.lockstep.api.Consistency;
import dev.lockstep.api.Reply;
import dev.lockstep.api.UnknownOutcomeException;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.node.MemberConfig;
import dev.lockstep.services.kv.KvCommands;
import dev.lockstep.services.kv.KvReply;
import dev.lockstep.testkit.history.HistoryRecorder;
import dev.lockstep.testkit.history.Operation;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/// One session of Lockstep's own client, several calls in flight.
///
/// Beside what goes into the shared history it appends numbered tokens to keys of its own: they
/// show loss, repetition and disorder to the naked eye.
final class SessionLoad implements Runnable {

    private static final int IN_FLIGHT = 8;
    private static final int KEYS = 4;
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = 500_000;

    private final Load load;
    private final int number;
    private final SplittableRandom random;
    private final Semaphore room = new Semaphore(IN_FLIGHT);

    /// By key, the tokens in the order in which their appending was called for.
    private final Map<String, List<TokenLog.Token>> tokens = new TreeMap<>();

    private volatile @Nullable Throwable failure;

    SessionLoad(Load load, int number, SplittableRandom random) {
        this.load = load;
        this.number = number;
        this.random = random;
    }

    /// What went wrong beyond what a client has to expect; null if nothing.
    @Nullable Throwable failure() {
        return failure;
    }

    /// By key, what was appended, in order; for after the load was stopped.
    Map<String, List<TokenLog.Token>> tokens() {
        return tokens;
    }

    @Override
    public void run() {
        var builder = LockstepClient.builder().deadline(DEADLINE);
        for (MemberConfig member : load.cluster().members()) {
            builder.address(member.host(), member.clientPort());
        }
        // Half of them stay where they are, so that followers forward.
        builder.follow(number % 2 == 0);
        try (LockstepClient client = builder.connect()) {
            for (int i = 0; !load.isStopping(); i++) {
                room.acquire();
                issue(client, i);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            room.acquire(IN_FLIGHT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void issue(LockstepClient client, int i) {
        String suffix = load.round() + "-" + random.nextInt(KEYS);
        switch (random.nextInt(4)) {
            case 0 -> query(client, (random.nextBoolean() ? "text-" : "count-") + suffix);
            case 1 ->
                    command(
                            client,
                            load.history().invoke(number, "text-" + suffix, "set", value(i)),
                            KvCommands.of("set", "text-" + suffix, value(i)));
            case 2 ->
                    command(
                            client,
                            load.history().invoke(number, "count-" + suffix, "add", "1"),
                            KvCommands.of("incrby", "count-" + suffix, "1"));
            default -> append(client, "log-" + number + "-" + load.round(), "," + i);
        }
    }

    private String value(int i) {
        return number + "/" + i;
    }

    /// A query may overtake the session's commands: it is ordered by real time only.
    private void query(LockstepClient client, String key) {
        HistoryRecorder.Call call = load.history().invoke(0, key, "get", "");
        whenDone(
                client.query(KvCommands.of("get", key).bytes(), Consistency.LINEARIZABLE, DEADLINE),
                call);
    }

    private void command(
            LockstepClient client, HistoryRecorder.Call call, KvCommands.Request request) {
        whenDone(client.command(request.bytes()), call);
    }

    private void whenDone(CompletionStage<Reply> stage, HistoryRecorder.Call call) {
        var _ =
                stage.whenComplete(
                        (reply, thrown) -> {
                            if (thrown == null) {
                                call.returned(result(KvReply.decode(reply.bytes())));
                                load.onAcknowledged();
                            } else if (!isUnknown(thrown)) {
                                call.hadNoEffect();
                            }
                            room.release();
                        });
    }

    private void append(LockstepClient client, String key, String text) {
        TokenLog.Token token = new TokenLog.Token(text);
        tokens.computeIfAbsent(key, _ -> new ArrayList<>()).add(token);
        var _ =
                client.command(KvCommands.of("append", key, text).bytes())
                        .whenComplete(
                                (_, thrown) -> {
                                    if (thrown == null) {
                                        token.became(TokenLog.Token.Fate.APPENDED);
                                    } else if (!isUnknown(thrown)) {
                                        token.became(TokenLog.Token.Fate.REFUSED);
                                    }
                                    room.release();
                                });
    }

    private static boolean isUnknown(Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        return cause instanceof UnknownOutcomeException;
    }

    static String result(KvReply reply) {
        return switch (reply) {
            case KvReply.Text _ -> "ok";
            case KvReply.Number sum -> Long.toString(sum.value());
            case KvReply.Value value -> new String(value.value(), StandardCharsets.UTF_8);
            case KvReply.Nothing _ -> Operation.NIL;
            case KvReply.Failure _, KvReply.Items _ -> "unexpected: " + reply;
        };
    }
}
