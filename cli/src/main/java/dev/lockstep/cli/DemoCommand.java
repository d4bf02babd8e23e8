package dev.lockstep.cli;

import dev.lockstep.core.FaultModel;
import dev.lockstep.node.MemberConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// `lockstep demo`: a cluster on this machine, with nothing to set up.
@Command(
        name = "demo",
        description = {
            "Runs three replicas of a key-value service as three processes on this machine until"
                    + " Ctrl-C, or with --faults fail-stop two of them and the configuration"
                    + " authority that they need, or with --faults byzantine four of them, which"
                    + " sign what they say. Every replica speaks the Redis protocol, unless one of"
                    + " them may lie; what one is told, all know.",
            "",
            "Data, logs and cluster.yaml are kept in .lockstep/, so the next demo goes on where this"
                    + " one stopped."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep demo           go on with the data of the last time",
            "  lockstep demo --fresh   begin with nothing",
            "  lockstep demo --order logical-clock --fresh",
            "                          the same without a leader",
            "  lockstep demo --faults fail-stop --fresh",
            "                          two replicas, either of which may die",
            "  lockstep demo --faults byzantine --fresh",
            "                          four replicas, any of which may lie",
            "  lockstep demo --tour    half a minute that shows what Lockstep is for; exits",
            "                          with 0 if everything it claims held"
        })
final class DemoCommand implements Callable<Integer> {

    private static final int REPLICAS = 3;
    private static final int FAIL_STOP_REPLICAS = 2;
    private static final int BYZANTINE_REPLICAS = 4;
    private static final int SIGNALLED = 128;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--fresh", description = "Forgets the data of the last demo first.")
    private boolean fresh;

    @Option(
            names = "--order",
            paramLabel = "ORDER",
            description = {
                "How commands get their order: leader, or one without a leader: logical-clock,"
                        + " synchronized-clock, replica-ids. Default: leader"
            })
    private @Nullable String order;

    @Option(
            names = "--faults",
            paramLabel = "FAULTS",
            converter = FaultWords.class,
            description = {
                "What a faulty replica may do: crash, of which three replicas survive one,"
                        + " fail-stop, of which two survive one with an authority's help, and which"
                        + " has no order leader, or byzantine, anything at all, of which four"
                        + " survive one. Default: crash"
            })
    private FaultModel faults = FaultModel.CRASH;

    @Option(names = "--tour", description = "Runs a guided tour on a cluster of its own.")
    private boolean tour;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            defaultValue = ".lockstep",
            description = "Where everything is kept. Default: ${DEFAULT-VALUE}")
    private Path directory = Path.of(".lockstep");

    /// Set once all replicas serve; read by the thread that stops them.
    private volatile boolean served;

    @Override
    public Integer call() throws InterruptedException {
        Console console = Console.of(spec);
        if (tour) {
            if (isByzantine()) {
                return new ByzantineTour(console, directory.resolve("tour")).run();
            }
            return new Tour(console, directory.resolve("tour"), usual(), isFailStop()).run();
        }
        LocalCluster cluster = new LocalCluster(directory);
        prepare(cluster, console);
        // From here on Ctrl-C must find every process, also while they start.
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().unstarted(() -> stop(cluster, console)));
        cluster.start();
        cluster.awaitServing(START_LIMIT);
        greet(cluster, console);
        served = true;
        for (ReplicaProcess replica : cluster.replicas()) {
            Thread.ofPlatform().daemon().start(() -> mourn(cluster, replica, console));
        }
        new CountDownLatch(1).await();
        return ExitCode.DONE;
    }

    private void prepare(LocalCluster cluster, Console console) {
        if (fresh) {
            cluster.wipe();
        }
        if (cluster.exists()) {
            if (faults != FaultModel.CRASH && faults != cluster.faults()) {
                throw new OperatorException(
                        "the cluster in %s has faults: %s: begin another with --fresh, or leave out --faults"
                                .formatted(cluster.directory(), FaultWords.word(cluster.faults())));
            }
            if (order != null && !order.equals(cluster.order())) {
                throw new OperatorException(
                        "the cluster in %s began in order %s: begin another with --fresh, or run it and say '%s switch --order %s'"
                                .formatted(
                                        cluster.directory(),
                                        cluster.order(),
                                        Invocation.name(),
                                        order));
            }
            cluster.open();
            cluster.replaceTakenPorts().forEach(sentence -> console.line("%s", sentence));
            return;
        }
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        cluster.create(
                switch (faults) {
                    case CRASH -> REPLICAS;
                    case FAIL_STOP -> FAIL_STOP_REPLICAS;
                    case BYZANTINE -> BYZANTINE_REPLICAS;
                },
                usual -> {
                    int port = ports.near(usual);
                    if (port != usual) {
                        console.line("%s", LocalCluster.moved(usual, port));
                    }
                    return port;
                },
                usual(),
                faults);
        cluster.open();
    }

    private boolean isByzantine() {
        return faults == FaultModel.BYZANTINE;
    }

    private boolean isFailStop() {
        return faults == FaultModel.FAIL_STOP;
    }

    private String usual() {
        String otherwise = isFailStop() ? LocalCluster.FAIL_STOP_ORDER : LocalCluster.USUAL_ORDER;
        return order == null ? otherwise : order;
    }

    private static void greet(LocalCluster cluster, Console console) {
        boolean hasRedis = redis(cluster.members().getFirst()) >= 0;
        Table table =
                hasRedis
                        ? new Table("replica", "clients", "redis", "admin", "pid")
                        : new Table("replica", "clients", "admin", "pid");
        for (MemberConfig member : cluster.members()) {
            List<Object> row = new ArrayList<>();
            row.add(member.id());
            row.add(member.host() + ":" + member.clientPort());
            if (hasRedis) {
                row.add(member.host() + ":" + redis(member));
            }
            row.add("http://" + member.adminHost() + ":" + member.adminPort());
            row.add(cluster.replica(member.id().value()).pid());
            table.row(row.toArray());
        }
        console.line("%s", whatRuns(cluster));
        console.line("");
        table.lines().forEach(line -> console.line("%s", line));
        console.line("");
        console.line(
                "Their data and logs are in %s. Try, in another terminal:", cluster.directory());
        console.line("");
        hints(cluster, hasRedis).lines().forEach(line -> console.line("%s", line));
        console.line("");
        console.line(
                switch (cluster.faults()) {
                    case CRASH -> "Ctrl-C stops all three; their data stays.";
                    case FAIL_STOP -> "Ctrl-C stops both and the authority; their data stays.";
                    case BYZANTINE -> "Ctrl-C stops all four; their data stays.";
                });
    }

    private static String whatRuns(LocalCluster cluster) {
        return switch (cluster.faults()) {
            case CRASH -> "Three replicas of a key-value service run on this machine:";
            case FAIL_STOP ->
                    "Two replicas of a key-value service run on this machine, and in this process"
                            + " the authority that says which of them go on:";
            case BYZANTINE ->
                    "Four replicas of a key-value service run on this machine, any of which may lie:"
                            + " clients believe what two of them say alike.";
        };
    }

    private static Table hints(LocalCluster cluster, boolean hasRedis) {
        String lockstep = Invocation.name();
        Table hints;
        if (hasRedis) {
            int first = redis(cluster.members().getFirst());
            int last = redis(cluster.members().getLast());
            hints = new Table("redis-cli -p " + first + " set greeting hello", "write through one");
            hints.row("redis-cli -p " + last + " get greeting", "read through another");
            hints.row(lockstep + " kv incr visits", "the same with Lockstep's own client");
        } else {
            hints = new Table(lockstep + " kv set greeting hello", "ask all, and count answers");
            hints.row(lockstep + " kv get greeting", "a read is ordered like a write");
        }
        hints.row(lockstep + " status --watch", "who leads, and how far everybody is");
        hints.row("kill -9 PID", cluster.hasAuthority() ? "the other goes on" : "the others go on");
        return hints;
    }

    private static int redis(MemberConfig member) {
        return member.gatewayPorts().getOrDefault("redis", -1);
    }

    /// Says so when a replica ends that nobody asked to.
    private static void mourn(LocalCluster cluster, ReplicaProcess replica, Console console) {
        try {
            int code = replica.awaitEnd();
            if (Invocation.isEnding()) {
                return;
            }
            console.line(
                    "Replica %d %s; %s. Start it again: %s node --config '%s' --id %d",
                    replica.id(),
                    howItEnded(code),
                    cluster.hasAuthority()
                            ? "the other goes on alone"
                            : cluster.members().size() == BYZANTINE_REPLICAS
                                    ? "the others go on while three of four live"
                                    : "the others go on while two of three live",
                    Invocation.name(),
                    cluster.file(),
                    replica.id());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A process that a signal ended has 128 and the signal's number for its exit code.
    private static String howItEnded(int code) {
        return code > SIGNALLED
                ? "was killed by signal " + (code - SIGNALLED)
                : "ended with exit code " + code;
    }

    private void stop(LocalCluster cluster, Console console) {
        Invocation.ending();
        cluster.close();
        if (served) {
            console.line("%nStopped; '%s demo' goes on with the same data.", Invocation.name());
            // Ctrl-C is how a demo ends well: without this the exit code would be 130.
            Runtime.getRuntime().halt(ExitCode.DONE);
        }
    }
}
