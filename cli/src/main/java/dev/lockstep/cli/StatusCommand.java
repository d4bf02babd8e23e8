package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.node.ClusterMembers;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

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
                    + " Nobody waits for one that is no member."
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
                boolean isWhole = showOrder(console, ClusterSurvey.of(replicas).reports());
                if (!watch) {
                    return isWhole ? ExitCode.DONE : ExitCode.FAILED;
                }
                Thread.sleep(WATCH_MILLIS);
                continue;
            }
            ClusterSurvey survey = ClusterSurvey.of(replicas);
            List<ReplicaReport> reports = survey.reports();
            ClusterMembers members = survey.members();
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
                return survey.isWell() ? ExitCode.DONE : ExitCode.FAILED;
            }
            Thread.sleep(WATCH_MILLIS);
        }
    }

    /// Shows what each of these replicas is ordering; false if one does not say.
    private boolean showOrder(Console console, List<ReplicaReport> reports)
            throws InterruptedException {
        List<AdminClient> replicas =
                reports.stream()
                        .map(report -> AdminClient.of(report.expected(), report.address()))
                        .toList();
        List<OrderBoard> boards = new ArrayList<>(ClusterSurvey.all(replicas, OrderBoard::ask));
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

    private static List<Map<String, Object>> asJson(List<ReplicaReport> reports) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (ReplicaReport report : reports) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("address", report.address());
            if (report.status() == null && report.expected() != AdminClient.UNKNOWN) {
                one.put("self", report.expected());
            }
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

    /// What stands where a replica says nothing.
    private static final String NOT_SAID = "-";

    private static Table table(List<ReplicaReport> reports) {
        long furthest = 0;
        for (ReplicaReport report : reports) {
            furthest = Math.max(furthest, report.executed());
        }
        boolean hasViews =
                reports.stream().anyMatch(report -> !report.order("view").equals(NOT_SAID));
        String reign = hasViews ? "view" : "term";
        Table table =
                new Table(
                        "replica",
                        "role",
                        reign,
                        "committed",
                        "executed",
                        "lag",
                        "snapshot",
                        "chain",
                        "sessions",
                        "health");
        for (ReplicaReport report : reports) {
            if (report.status() == null) {
                table.row(report.name(), "-", "-", "-", "-", "-", "-", "-", "-", report.health());
            } else {
                table.row(
                        report.text("self"),
                        report.role(),
                        report.order(reign),
                        report.committed(),
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
