package dev.lockstep.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// Changes the members of a running cluster, and its order, through its nodes' admin ports.
///
/// Every change may be asked for again, by anybody, at any time: what is so already is done. A
/// change returns when a majority of the new members has begun it durably, so that members of
/// before may be stopped; or with the reason why it is not made. A newcomer is waited for while it
/// catches up.
///
/// ```java
/// ClusterAdmin admin = new ClusterAdmin(List.of("db1:7201", "db2:7202"));
/// if (admin.addMember(4) instanceof ClusterAdmin.Outcome.Refused refused) {
///     System.err.println(refused.sentence());
/// }
/// ```
///
/// Threading: one thread.
public final class ClusterAdmin {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final long POLL_MILLIS = 3;
    private static final long WAIT_MILLIS = 100;

    /// A refusal that does not change for so long is final.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// What became of a change.
    public sealed interface Outcome {

        /// It is so.
        ///
        /// @param epoch the epoch that is like that
        record Done(long epoch) implements Outcome {}

        /// It is not.
        ///
        /// @param sentence why, and what to do
        record Refused(String sentence) implements Outcome {}
    }

    /// Hears how far a newcomer has come.
    public interface Progress {

        /// Hears nothing.
        Progress NONE = (_, _, _) -> {};

        /// Replica `id` has everything through `position`, the cluster through `of`.
        void on(int id, long position, long of);
    }

    /// `host:port` of each node, the one that answered last first.
    private final List<String> ports;

    private final Progress progress;

    /// How long a newcomer is waited for that does not come nearer.
    private final Duration newcomerPatience;

    /// Through these admin ports, and those that the nodes behind them name.
    ///
    /// @param adminPorts `host:port` each, at least one
    public ClusterAdmin(List<String> adminPorts) {
        this(adminPorts, Progress.NONE, PATIENCE);
    }

    /// @param adminPorts `host:port` each, at least one
    /// @param progress hears of newcomers that catch up, on the thread that asks for a change
    /// @param patience how long to wait for a newcomer that does not follow yet, or does not come
    ///     nearer; other obstacles are waited for 5 s, which is the default
    public ClusterAdmin(List<String> adminPorts, Progress progress, Duration patience) {
        if (adminPorts.isEmpty()) {
            throw new IllegalArgumentException("name the admin port of at least one node");
        }
        this.ports = new ArrayList<>(adminPorts);
        this.progress = progress;
        this.newcomerPatience = patience;
    }

    /// Makes a replica that follows the cluster a member.
    public Outcome addMember(int id) throws InterruptedException {
        return change("/member", "add=" + id, id);
    }

    /// Has the cluster go on without a member. Its process may be stopped when this is done.
    public Outcome removeMember(int id) throws InterruptedException {
        return change("/member", "remove=" + id, 0);
    }

    /// Has the next life of a member, begun on an empty directory, take its place. The cluster does
    /// so by itself when that life has caught up.
    public Outcome replaceMember(int id) throws InterruptedException {
        return change("/member", "replace=" + id, id);
    }

    /// Has a replica that follows the cluster take the place of a member.
    public Outcome replaceMember(int id, int by) throws InterruptedException {
        return change("/member", "replace=" + id + "&by=" + by, by);
    }

    /// Has the same members go on under another order.
    public Outcome switchOrder(String order) throws InterruptedException {
        return change("/switch", "order=" + order, 0);
    }

    /// What `GET /members` says on a node that is a member or, if none answers, on any.
    ///
    /// @throws IOException if no node answers
    public JsonNode members() throws IOException {
        JsonNode any = null;
        IOException last = null;
        for (String port : List.copyOf(ports)) {
            try {
                JsonNode page = ask(port, "GET", "/members", null);
                learnPorts(page);
                if (page.path("member").asBoolean()) {
                    return page;
                }
                any = page;
            } catch (IOException e) {
                last = e;
            }
        }
        if (any == null) {
            throw nobody(last);
        }
        return any;
    }

    private IOException nobody(@Nullable IOException last) {
        return new IOException(
                "no node answers at "
                        + String.join(", ", ports)
                        + (last == null ? "" : " (" + last.getMessage() + ")"),
                last);
    }

    /// Asks until it is done and settled, or refused for too long.
    ///
    /// @param newcomer the number of the replica that is to come; 0 if none is
    private Outcome change(String path, String query, int newcomer) throws InterruptedException {
        long refusedSince = System.nanoTime();
        String refusal = "nobody has answered";
        long position = -1;
        String insisting = insisting(query, newcomer);
        Duration patience = newcomer == 0 ? PATIENCE : newcomerPatience;
        while (System.nanoTime() - refusedSince < patience.toNanos()) {
            JsonNode page;
            try {
                page = post(path, insisting);
            } catch (IOException e) {
                refusal = String.valueOf(e.getMessage());
                TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
                continue;
            }
            switch (page.path("answer").asText()) {
                case "done" -> {
                    if (page.path("settled").asBoolean()) {
                        return new Outcome.Done(page.path("epoch").asLong());
                    }
                    refusal = "no majority of the new members has begun yet; see that they run";
                    TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
                }
                case "begun" -> {
                    refusal = "the next epoch does not begin; see that a majority runs";
                    TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
                }
                default -> {
                    refusal = page.path("reason").asText();
                    long now = newcomer == 0 ? -1 : positionOf(newcomer);
                    if (now > position) {
                        position = now;
                        refusedSince = System.nanoTime();
                    }
                    insisting = insisting(query, newcomer);
                    TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
                }
            }
        }
        return new Outcome.Refused(refusal);
    }

    /// The question with the life of the newcomer, so that it means the same when the newcomer has
    /// become a member.
    private String insisting(String query, int newcomer) {
        JsonNode learner = newcomer == 0 ? null : learner(newcomer);
        return learner == null
                ? query
                : query + "&incarnation=" + learner.path("incarnation").asText();
    }

    private long positionOf(int newcomer) {
        JsonNode learner = learner(newcomer);
        return learner == null ? -1 : learner.path("position").asLong();
    }

    private @Nullable JsonNode learner(int id) {
        try {
            JsonNode page = members();
            for (JsonNode learner : page.path("learners")) {
                if (learner.path("id").asInt() == id) {
                    long of = page.path("position").asLong();
                    progress.on(id, learner.path("position").asLong(), of);
                    return learner;
                }
            }
            return null;
        } catch (IOException nobody) {
            // The change itself finds that out, and says so.
            return null;
        }
    }

    /// Asks a member.
    ///
    /// @throws IOException if none answers
    private JsonNode post(String path, String query) throws IOException {
        JsonNode any = null;
        IOException last = null;
        for (String port : List.copyOf(ports)) {
            try {
                JsonNode page = ask(port, "POST", path, query);
                if (page.path("member").asBoolean()) {
                    ports.remove(port);
                    ports.addFirst(port);
                    return page;
                }
                learnPorts(ask(port, "GET", "/members", null));
                any = page;
            } catch (IOException e) {
                last = e;
            }
        }
        if (any == null) {
            throw nobody(last);
        }
        return any;
    }

    private void learnPorts(JsonNode page) {
        for (JsonNode member : page.path("members")) {
            String port = member.path("host").asText() + ":" + member.path("adminPort").asInt();
            if (member.path("adminPort").asInt() > 0 && !ports.contains(port)) {
                ports.add(port);
            }
        }
    }

    private static JsonNode ask(String at, String method, String path, @Nullable String query)
            throws IOException {
        int colon = at.lastIndexOf(':');
        HttpURLConnection connection;
        try {
            URI uri =
                    new URI(
                            "http",
                            null,
                            at.substring(0, Math.max(0, colon)),
                            Integer.parseInt(at.substring(colon + 1)),
                            path,
                            query,
                            null);
            connection = (HttpURLConnection) uri.toURL().openConnection();
        } catch (URISyntaxException | NumberFormatException e) {
            throw new IOException(at + " is no address; write host:port", e);
        }
        try {
            connection.setRequestMethod(method);
            connection.setConnectTimeout((int) TIMEOUT.toMillis());
            connection.setReadTimeout((int) TIMEOUT.toMillis());
            boolean isGood = connection.getResponseCode() < HttpURLConnection.HTTP_BAD_REQUEST;
            try (InputStream in =
                    isGood ? connection.getInputStream() : connection.getErrorStream()) {
                JsonNode page = JSON.readTree(Objects.requireNonNull(in, "no answer"));
                if (!page.isObject()) {
                    throw new IOException(at + " is not the admin port of this version");
                }
                return page;
            }
        } finally {
            connection.disconnect();
        }
    }
}
