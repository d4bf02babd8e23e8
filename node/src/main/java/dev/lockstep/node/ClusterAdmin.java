package dev.lockstep.node;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/// Changes the members and the order of a running cluster, over its admin ports.
///
/// Every change is one stop sign: the cluster orders it, and goes on in the next epoch after a
/// pause of about one round trip. A newcomer runs and follows before it is added; a change waits
/// until it has caught up. A change returns when a majority of the next epoch has it for good;
/// until then no replica may be stopped that was a member before. To ask for what is so already is
/// no error, and so a change that was interrupted may be asked for again.
///
/// ```java
/// var admin = new ClusterAdmin(List.of("127.0.0.1:7201", "127.0.0.1:7202"));
/// admin.add(4, Duration.ofMinutes(10), step -> System.out.println(step.sentence()));
/// admin.remove(1, Duration.ofMinutes(1), step -> {});
/// ```
///
/// Threading: one thread at a time.
public final class ClusterAdmin {

    /// All that were named or heard of, in that order.
    private final SequencedSet<String> addresses;

    /// How members that may lie are changed; null where nobody does.
    private final @Nullable SignedAdmin signed;

    /// Who is asked next; null until somebody was found.
    private @Nullable String current;

    /// Of the cluster that has these admin ports, `HOST:PORT` each. One of a running member is
    /// enough: the others are learned from it.
    ///
    /// @throws IllegalArgumentException if there is none
    public ClusterAdmin(List<String> adminAddresses) {
        if (adminAddresses.isEmpty()) {
            throw new IllegalArgumentException("name the admin port of at least one replica");
        }
        this.addresses = new LinkedHashSet<>(adminAddresses);
        this.signed = null;
    }

    private ClusterAdmin(NodeConfig config) {
        this.addresses = new LinkedHashSet<>();
        this.signed = new SignedAdmin(config);
    }

    /// Of a cluster of which some members may lie: every change is signed with the key of the
    /// operator that the configuration names. Replicas are asked at the admin ports that it gives
    /// them, newcomers included.
    ///
    /// @throws ConfigException if that key is not here and in order
    public static ClusterAdmin signing(NodeConfig config) {
        return new ClusterAdmin(config);
    }

    /// Asks all replicas that are known, and returns what the one says that is furthest: a member
    /// of the latest epoch, if one answers.
    ///
    /// @throws MemberChangeException if none answers, or two take themselves for members of one
    ///     epoch with different members
    public ClusterMembers members() throws InterruptedException {
        if (signed != null) {
            return signed.members();
        }
        SequencedSet<String> asked = new LinkedHashSet<>();
        ClusterMembers best = null;
        List<ClusterMembers> pages = new ArrayList<>();
        StringBuilder failures = new StringBuilder();
        while (asked.size() < addresses.size()) {
            List<String> now = addresses.stream().filter(a -> !asked.contains(a)).toList();
            asked.addAll(now);
            List<Answer> answers = askAll(now);
            for (Answer answer : answers) {
                ClusterMembers page = answer.page;
                if (page == null) {
                    failures.append(failures.isEmpty() ? "" : "; ").append(answer.failure);
                    continue;
                }
                learn(page);
                pages.add(page);
                if (best == null || page.isFurtherThan(best)) {
                    best = page;
                    current = answer.address;
                }
            }
        }
        if (best == null) {
            throw new MemberChangeException(
                    "no replica answers: " + failures + "; see whether the cluster runs");
        }
        for (ClusterMembers page : pages) {
            if (page.contradicts(best)) {
                throw new MemberChangeException(contradiction(best, page));
            }
        }
        return best;
    }

    private static String contradiction(ClusterMembers one, ClusterMembers other) {
        return "replica %d says that the members of epoch %d are %s, and replica %d that they are %s: they were first started with different files. Stop the one that the others do not name, empty its directory, write 'joins: true' at its entry, and start it without init"
                .formatted(one.teller(), one.epoch(), one.ids(), other.teller(), other.ids());
    }

    private void learn(ClusterMembers page) {
        for (ClusterMembers.Entry member : page.members()) {
            if (member.adminAddress() != null) {
                addresses.add(member.adminAddress());
            }
        }
    }

    /// What one replica answered, or why it did not.
    private record Answer(
            String address, @Nullable ClusterMembers page, @Nullable String failure) {}

    /// At once: a machine that does not answer delays the others by one timeout only.
    private static List<Answer> askAll(List<String> some) throws InterruptedException {
        List<Answer> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> asked = new ArrayList<>();
            for (String address : some) {
                asked.add(threads.submit(() -> askOne(address)));
            }
            for (Future<Answer> answer : asked) {
                answers.add(answer.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        return answers;
    }

    private static Answer askOne(String address) {
        try {
            return new Answer(address, ask(address), null);
        } catch (IOException e) {
            return new Answer(address, null, address + ": " + e.getMessage());
        }
    }

    /// Asks the one replica that has this admin port.
    ///
    /// @throws IOException if it does not answer, or is just starting
    public static ClusterMembers ask(String adminAddress) throws IOException {
        JsonNode page = AdminCalls.ask(adminAddress, "GET", MemberPages.PATH, null);
        if (!page.has("members")) {
            throw new IOException(page.path("sentence").asText("it does not say who is a member"));
        }
        return ClusterMembers.of(page);
    }

    /// Takes a replica that follows the cluster in as a member.
    ///
    /// @param timeout how long to wait in all, also for a newcomer that has to catch up
    /// @param progress hears what is waited for, several times a second
    /// @return the members when it is done
    /// @throws MemberChangeException if it is not done, and why
    public ClusterMembers add(int id, Duration timeout, Consumer<ChangeProgress> progress)
            throws InterruptedException {
        if (signed != null) {
            return signed.change(
                    new SignedAdmin.Wanted(null, new ReplicaId(id)), timeout, progress);
        }
        return change(MemberPages.CHANGE_PATH, "add=" + new ReplicaId(id), id, timeout, progress);
    }

    /// Lets a member go. When this returns, it may be stopped.
    ///
    /// @return the members when it is done
    /// @throws MemberChangeException if it is not done, and why
    public ClusterMembers remove(int id, Duration timeout, Consumer<ChangeProgress> progress)
            throws InterruptedException {
        if (signed != null) {
            return signed.change(
                    new SignedAdmin.Wanted(new ReplicaId(id), null), timeout, progress);
        }
        return change(MemberPages.CHANGE_PATH, "remove=" + new ReplicaId(id), 0, timeout, progress);
    }

    /// Puts a replica that has begun anew, without what it had on disk, in its own place. Unless
    /// members may lie, the cluster does that unasked; this waits until the member is there in its
    /// present life.
    ///
    /// @return the members when it is done
    /// @throws MemberChangeException if it is not done, and why
    public ClusterMembers replace(int id, Duration timeout, Consumer<ChangeProgress> progress)
            throws InterruptedException {
        return replace(id, id, timeout, progress);
    }

    /// Puts a replica that follows the cluster in the place of a member, in one step.
    ///
    /// @return the members when it is done
    /// @throws MemberChangeException if it is not done, and why
    public ClusterMembers replace(
            int id, int with, Duration timeout, Consumer<ChangeProgress> progress)
            throws InterruptedException {
        if (signed != null) {
            return signed.change(
                    new SignedAdmin.Wanted(new ReplicaId(id), new ReplicaId(with)),
                    timeout,
                    progress);
        }
        String query = "replace=" + new ReplicaId(id) + "&with=" + new ReplicaId(with);
        return change(MemberPages.CHANGE_PATH, query, with, timeout, progress);
    }

    /// Has the same members go on in another order.
    ///
    /// @param order as in cluster.yaml
    /// @return the members when it is done
    /// @throws MemberChangeException if it is not done, and why
    public ClusterMembers switchOrder(
            String order, Duration timeout, Consumer<ChangeProgress> progress)
            throws InterruptedException {
        if (order.isBlank()) {
            throw new IllegalArgumentException("an order has a name");
        }
        if (signed != null) {
            throw new MemberChangeException(
                    "a cluster in which members may lie keeps its fault model and its order: begin"
                            + " a new cluster for others");
        }
        return change(
                MemberPages.SWITCH_PATH,
                "order=" + URLEncoder.encode(order, StandardCharsets.UTF_8),
                0,
                timeout,
                progress);
    }

    private ClusterMembers change(
            String path,
            String query,
            int newcomer,
            Duration timeout,
            Consumer<ChangeProgress> progress)
            throws InterruptedException {
        return new ChangeRun(this, path, query, newcomer, timeout, progress).run();
    }

    /// Asks the replica that was found last.
    ///
    /// @throws IOException if it does not answer; another is asked next
    JsonNode ask(String method, String path, @Nullable String query)
            throws IOException, InterruptedException {
        String asked = current;
        if (asked == null) {
            var _ = members();
            return ask(method, path, query);
        }
        try {
            return AdminCalls.ask(asked, method, path, query);
        } catch (IOException e) {
            askAnother();
            throw new IOException(asked + ": " + e.getMessage(), e);
        }
    }

    /// The next question goes to another replica, if there is one.
    void askAnother() {
        List<String> all = List.copyOf(addresses);
        int index = current == null ? 0 : all.indexOf(current) + 1;
        current = all.get(index % all.size());
    }
}
