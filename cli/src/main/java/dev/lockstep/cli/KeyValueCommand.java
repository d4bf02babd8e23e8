package dev.lockstep.cli;

import dev.lockstep.api.Consistency;
import dev.lockstep.api.LockstepException;
import dev.lockstep.api.Reply;
import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.node.ClusterClient;
import dev.lockstep.node.NodeConfig;
import dev.lockstep.services.kv.KvCommands;
import dev.lockstep.services.kv.KvReply;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/// `lockstep kv`: one command or query of the key-value service.
@Command(
        name = "kv",
        description = {
            "Runs one command of the key-value service, in Redis's words, through Lockstep's own"
                    + " client: exactly once, whatever replica dies meanwhile.",
            "",
            "Exits with 0 if there is an answer (also that there is no such key), with 1 if the"
                    + " command failed or its outcome is unknown."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep kv set greeting hello",
            "  lockstep kv get greeting",
            "  lockstep kv incrby visits 10",
            "  lockstep kv set token x ex 60      gone after a minute",
            "  lockstep kv --json mget a b        options stand before the command"
        })
final class KeyValueCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();

    @Option(
            names = "--address",
            paramLabel = "HOST:PORT[,…]",
            description = "Talk to these client ports instead of those of the configuration.")
    private @Nullable String addresses;

    @Option(
            names = "--client",
            paramLabel = "N",
            description =
                    "With faults: byzantine, sign with the key of the client with this number."
                            + " Default: signatures: {client: …} of the configuration, which is 1.")
    private @Nullable Integer client;

    @Option(
            names = "--deadline",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Give up after this time. Default: ${DEFAULT-VALUE}")
    private double deadlineSeconds;

    @Option(
            names = "--consistency",
            paramLabel = "HOW",
            defaultValue = "linearizable",
            description =
                    "For queries: ${COMPLETION-CANDIDATES}, in any case. Default: ${DEFAULT-VALUE}")
    private Consistency consistency = Consistency.LINEARIZABLE;

    @Option(names = "--json", description = "Prints the answer as one JSON value.")
    private boolean json;

    @Parameters(
            paramLabel = "WORD",
            arity = "1..*",
            description = "The command and its arguments, such as: get greeting")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        if (!(deadlineSeconds > 0 && deadlineSeconds < 1e6)) {
            throw usage(
                    "--deadline is " + deadlineSeconds + "; choose a positive number of seconds.");
        }
        KvCommands.Request request;
        try {
            request = KvCommands.of(words.toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            throw usage(Objects.requireNonNullElse(e.getMessage(), "not a command") + ".");
        }
        KvReply reply = KvReply.decode(ask(request).bytes());
        if (reply instanceof KvReply.Failure failure) {
            throw new OperatorException(failure.text());
        }
        if (json) {
            console.json(asJson(reply));
        } else {
            print(console, reply, "");
        }
        return ExitCode.DONE;
    }

    private ParameterException usage(String sentence) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
    }

    private Reply ask(KvCommands.Request request) {
        Duration deadline = Duration.ofNanos((long) (deadlineSeconds * 1e9));
        try (LockstepClient client =
                builder().connectTimeout(deadline).deadline(deadline).connect()) {
            CompletionStage<Reply> reply =
                    request.isQuery()
                            ? client.query(request.bytes(), consistency, deadline)
                            : client.command(request.bytes(), deadline);
            return reply.toCompletableFuture().join();
        } catch (LockstepException e) {
            throw new OperatorException(Objects.requireNonNullElse(e.getMessage(), "refused"), e);
        } catch (CompletionException e) {
            if (e.getCause() instanceof LockstepException known) {
                throw new OperatorException(
                        Objects.requireNonNullElse(known.getMessage(), "refused"), known);
            }
            throw e;
        }
    }

    private ClientBuilder builder() {
        if (addresses == null) {
            NodeConfig cluster = ClusterFile.load(config.file());
            return client == null ? ClusterClient.of(cluster) : ClusterClient.of(cluster, client);
        }
        ClientBuilder builder = LockstepClient.builder();
        try {
            builder.addresses(addresses);
        } catch (IllegalArgumentException e) {
            throw usage("--address: " + e.getMessage());
        }
        if (!config.isThere()) {
            return builder;
        }
        // Whether a replica is to be believed is for the file to say, not for the replica.
        NodeConfig cluster = ClusterFile.load(config.file());
        return ClusterClient.voting(
                builder, cluster, client == null ? cluster.signatures().client() : client);
    }

    private static void print(Console console, KvReply reply, String indent) {
        switch (reply) {
            case KvReply.Text text -> console.line("%s%s", indent, text.text());
            case KvReply.Number number -> console.line("%s%d", indent, number.value());
            case KvReply.Value value -> console.line("%s%s", indent, text(value));
            case KvReply.Nothing _ -> console.line("%s(nil)", indent);
            case KvReply.Failure failure -> console.line("%s(error) %s", indent, failure.text());
            case KvReply.Items items -> {
                if (items.items().isEmpty()) {
                    console.line("%s(empty)", indent);
                }
                items.items().forEach(item -> print(console, item, indent + "  "));
            }
        }
    }

    private static @Nullable Object asJson(KvReply reply) {
        return switch (reply) {
            case KvReply.Text text -> text.text();
            case KvReply.Number number -> number.value();
            case KvReply.Value value -> text(value);
            case KvReply.Nothing _ -> null;
            case KvReply.Failure failure -> failure.text();
            case KvReply.Items items -> {
                List<@Nullable Object> all = new ArrayList<>();
                items.items().forEach(item -> all.add(asJson(item)));
                yield all;
            }
        };
    }

    private static String text(KvReply.Value value) {
        return new String(value.value(), StandardCharsets.UTF_8);
    }
}
