package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.node.ClusterAdmin;
import dev.lockstep.node.ClusterMembers;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Stream;

/// What the replicas of a cluster say of themselves and of who the members are: those that somebody
/// names, and those that only they know of.
///
/// @param reports by number, one of each replica
/// @param members as the one sees them that is furthest; null if none says anything
record ClusterSurvey(List<ReplicaReport> reports, @Nullable ClusterMembers members) {

    /// Asks all at once, then whom they name: a machine that does not answer takes one timeout.
    static ClusterSurvey of(List<AdminClient> replicas) throws InterruptedException {
        List<ReplicaReport> reports = new ArrayList<>(all(replicas, ClusterSurvey::report));
        List<AdminClient> others = new ArrayList<>();
        ClusterMembers members = latest(reports);
        if (members != null) {
            Set<Integer> known = new TreeSet<>();
            reports.stream().filter(r -> r.status() != null).forEach(r -> known.add(r.self()));
            entries(members)
                    .filter(entry -> !known.contains(entry.id()))
                    .forEach(entry -> findElsewhere(entry, reports, others));
        }
        reports.addAll(all(others, ClusterSurvey::report));
        // Addresses are hints: who answers elsewhere is not missed where it was.
        reports.removeIf(
                gone ->
                        gone.status() == null
                                && reports.stream()
                                        .anyMatch(
                                                r ->
                                                        r.status() != null
                                                                && r.self() == gone.self()));
        if (members != null) {
            reports.replaceAll(report -> hasLeft(report, members) ? report.asLeft() : report);
        }
        reports.sort(Comparator.comparingInt(ReplicaReport::self));
        return new ClusterSurvey(List.copyOf(reports), members);
    }

    /// True if every replica answers and every member serves. Of one that has left nothing is
    /// expected.
    boolean isWell() {
        return reports.stream()
                .allMatch(
                        report -> report.isWell() || (members != null && hasLeft(report, members)));
    }

    /// Those that have the cluster's state: the members, and who is becoming one; whoever was named
    /// if none says who these are. One that does not answer is among them, one whom nobody can
    /// reach because it has no admin port is not.
    List<AdminClient> replicas() {
        List<AdminClient> replicas = new ArrayList<>();
        if (members == null) {
            reports.forEach(r -> replicas.add(AdminClient.of(r.expected(), r.address())));
            return replicas;
        }
        entries(members)
                .sorted(Comparator.comparingInt(ClusterMembers.Entry::id))
                .forEach(
                        entry ->
                                reports.stream()
                                        .filter(report -> report.self() == entry.id())
                                        .findFirst()
                                        .map(r -> AdminClient.of(entry.id(), r.address()))
                                        .ifPresent(replicas::add));
        return replicas;
    }

    private static boolean hasLeft(ReplicaReport report, ClusterMembers members) {
        return report.status() == null
                && report.expected() != AdminClient.UNKNOWN
                && entries(members).noneMatch(entry -> entry.id() == report.expected());
    }

    private static Stream<ClusterMembers.Entry> entries(ClusterMembers members) {
        return Stream.concat(
                members.members().stream(),
                members.learners().stream().map(ClusterMembers.Learner::replica));
    }

    /// A replica has not answered yet: it may where the others say that it is.
    private static void findElsewhere(
            ClusterMembers.Entry entry, List<ReplicaReport> reports, List<AdminClient> others) {
        String address = entry.adminAddress();
        if (address == null) {
            return;
        }
        if (reports.stream().noneMatch(report -> report.address().equals(address))) {
            others.add(AdminClient.of(entry.id(), address));
        }
        reports.replaceAll(
                report -> report.address().equals(address) ? report.of(entry.id()) : report);
    }

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

    /// Each replica's answer, in their order.
    static <T> List<T> all(List<AdminClient> replicas, Function<AdminClient, T> question)
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
            return new ReplicaReport(
                    replica.replica(), replica.address(), status, members(replica), null);
        } catch (IOException e) {
            return new ReplicaReport(
                    replica.replica(), replica.address(), null, null, Reason.of(e));
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
}
