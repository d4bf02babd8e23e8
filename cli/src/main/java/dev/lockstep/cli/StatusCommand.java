package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.node.ClusterAdmin;
import dev.lockstep.node.ClusterMembers;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `lockstep status`: every replica of a cluster at a glance.
@Command(
        name = "status",
        description = {
            "Shows every replica of a cluster: its role and term, how far it has executed and how far"
                    + " it lags, the digest of the replies it gave, and whether it serves; then which"
                    + " epoch it is, who the members are, and who follows without being one.",
            "",
            "Members that the configuration does not name are found through the others.",
            "",
            "Exits with 0 if every replica answers, and every member serves; with 1 if one does not."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep status           the cluster of cluster.yaml, or else of the demo",
            "  lockstep status --watch   again every second, until Ctrl-C",
            "  lockstep status --order   what is being ordered, and what it waits for",
            "  lockstep status --admin 127.0.0.1:7201,127.0.0.1:7202",
            "  lockstep status --json | jq '.replicas[].executedPosition'"
        })
final class StatusCommand implements Callable<Integer> {

    private static final long WATCH_MILLIS = 1_000;
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private AdminOption admin = new AdminOption();

    @Option(names = "--watch", description = "Shows it again every second, until Ctrl-C.")
    private boolean watch;

    @Option(names = "--json", description = "Prints one JSON object (a line each with --watch).")
    private boolean json;

    @Option(
            names = "--order",
            description =
                    "Shows instead what each replica is ordering, the last requests executed first:"
                            + " its candidate id (CUID) and the unique id (UID) of each, and what it"
                            + " waits for; with a leader the end of its log.")
    private boolean order;

    @Override
    public Integer call() throws InterruptedException {
        Console console = Console.of(spec);
        List<AdminClient> replicas = admin.clients(config, spec);
        while (true) {
            if (order) {
                boolean isWhole = showOrder(console, askAll(replicas));
                if (!watch) {
                    return isWhole ? ExitCode.DONE : ExitCode.FAILED;
                }
                Thread.sleep(WATCH_MILLIS);
                continue;
            }
            List<ReplicaReport> reports = askAll(replicas);
            ClusterMembers members = latest(reports);
            if (json) {
                Map<String, Object> page = new LinkedHashMap<>();
                page.put("replicas", asJson(reports));
                if (members != null) {
                    page.put("cluster", MemberCommand.ListMembers.asJson(members));
                }
                console.json(page);
            } else {
                if (watch) {
                    console.part(CLEAR_SCREEN);
                }
                table(reports).lines().forEach(line -> console.line("%s", line));
                if (members != null) {
                    console.line("%s", sentence(members));
                }
            }
            if (!watch) {
                return reports.stream().allMatch(ReplicaReport::isWell)
                        ? ExitCode.DONE
                        : ExitCode.FAILED;
            }
            Thread.sleep(WATCH_MILLIS);
        }
    }

    /// Shows what each of these replicas is ordering; false if one does not say.
    private boolean showOrder(Console console, List<ReplicaReport> reports)
            throws InterruptedException {
        List<AdminClient> replicas =
                reports.stream().map(report -> AdminClient.of(report.address())).toList();
        List<OrderBoard> boards = new ArrayList<>(all(replicas, OrderBoard::ask));
        boards.sort(Comparator.comparingInt(OrderBoard::self));
        if (json) {
            console.json(Map.of("replicas", boards.stream().map(OrderBoard::asJson).toList()));
        } else {
            if (watch) {
                console.part(CLEAR_SCREEN);
            }
            for (OrderBoard board : boards) {
                board.lines().forEach(line -> console.line("%s", line));
            }
        }
        return boards.stream().allMatch(OrderBoard::isThere);
    }

    /// Also those that only the others know of.
    private static List<ReplicaReport> askAll(List<AdminClient> replicas)
            throws InterruptedException {
        List<ReplicaReport> reports = new ArrayList<>(ask(replicas));
        List<AdminClient> others = new ArrayList<>();
        ClusterMembers members = latest(reports);
        if (members != null) {
            Set<Integer> known = new TreeSet<>();
            reports.stream().filter(r -> r.status() != null).forEach(r -> known.add(r.self()));
            Stream.concat(
                            members.members().stream(),
                            members.learners().stream().map(ClusterMembers.Learner::replica))
                    .filter(entry -> !known.contains(entry.id()))
                    .map(ClusterMembers.Entry::adminAddress)
                    .filter(Objects::nonNull)
                    .filter(at -> reports.stream().noneMatch(r -> r.address().equals(at)))
                    .forEach(at -> others.add(AdminClient.of(at)));
        }
        reports.addAll(ask(others));
        reports.sort(Comparator.comparingInt(ReplicaReport::self));
        return reports;
    }

    /// What the one says that is furthest; null if none says anything.
    private static @Nullable ClusterMembers latest(List<ReplicaReport> reports) {
        ClusterMembers latest = null;
        for (ReplicaReport report : reports) {
            ClusterMembers members = report.members();
            if (members != null && (latest == null || members.isFurtherThan(latest))) {
                latest = members;
            }
        }
        return latest;
    }

    private static String sentence(ClusterMembers members) {
        StringBuilder text = new StringBuilder();
        text.append("Epoch ").append(members.epoch()).append(": members ");
        text.append(
                members.members().stream()
                        .map(member -> Integer.toString(member.id()))
                        .collect(Collectors.joining(", ")));
        if (!members.isSettled()) {
            text.append(" (a majority does not have it yet)");
        }
        for (ClusterMembers.Learner learner : members.learners()) {
            text.append("; replica ")
                    .append(learner.replica().id())
                    .append(" follows, ")
                    .append(learner.behind())
                    .append(" behind");
        }
        return text.append('.').toString();
    }

    /// Asks all at once: a machine that does not answer delays the table by one timeout only.
    private static List<ReplicaReport> ask(List<AdminClient> replicas) throws InterruptedException {
        return all(replicas, StatusCommand::report);
    }

    private static <T> List<T> all(List<AdminClient> replicas, Function<AdminClient, T> question)
            throws InterruptedException {
        List<T> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> asked = new ArrayList<>();
            for (AdminClient replica : replicas) {
                asked.add(threads.submit(() -> question.apply(replica)));
            }
            for (Future<T> answer : asked) {
                answers.add(answer.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        return answers;
    }

    private static ReplicaReport report(AdminClient replica) {
        try {
            JsonNode status = replica.get("/status");
            return new ReplicaReport(replica.address(), status, members(replica), null);
        } catch (IOException e) {
            return new ReplicaReport(replica.address(), null, null, Reason.of(e));
        }
    }

    /// Null while it starts.
    private static @Nullable ClusterMembers members(AdminClient replica) {
        try {
            return ClusterAdmin.ask(replica.address());
        } catch (IOException starting) {
            return null;
        }
    }

    private static List<Map<String, Object>> asJson(List<ReplicaReport> reports) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (ReplicaReport report : reports) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("address", report.address());
            one.put("reachable", report.status() != null);
            one.put("serving", report.isServing());
            JsonNode status = report.status();
            if (status == null) {
                one.put("error", Objects.requireNonNullElse(report.error(), "no answer"));
            } else {
                status.properties().forEach(e -> one.putIfAbsent(e.getKey(), e.getValue()));
            }
            all.add(one);
        }
        return all;
    }

    private static Table table(List<ReplicaReport> reports) {
        long furthest = 0;
        for (ReplicaReport report : reports) {
            furthest = Math.max(furthest, report.executed());
        }
        Table table =
                new Table(
                        "replica",
                        "role",
                        "term",
                        "committed",
                        "executed",
                        "lag",
                        "snapshot",
                        "chain",
                        "sessions",
                        "health");
        for (ReplicaReport report : reports) {
            if (report.status() == null) {
                table.row(
                        report.address(), "-", "-", "-", "-", "-", "-", "-", "-", report.health());
            } else {
                table.row(
                        report.text("self"),
                        report.role(),
                        report.order("term"),
                        report.order("commit"),
                        report.executed(),
                        furthest - report.executed(),
                        report.text("snapshotPosition"),
                        report.chain(),
                        report.text("sessions"),
                        report.health());
            }
        }
        return table;
    }
}
