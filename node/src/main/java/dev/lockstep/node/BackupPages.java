package dev.lockstep.node;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaStatus;

import io.netty.handler.codec.http.HttpResponseStatus;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What backups are made of: which snapshots there are, their chunks, and the history after them.
///
/// Whoever makes a backup asks for one piece after the other, and so sets the pace. Chunks are read
/// on the snapshots' thread and answered later; history is read as for a member that is behind.
///
/// Threading: the loop's thread.
final class BackupPages {

    static final String PATH = "/backup";
    static final String SNAPSHOT_PATH = "/backup/snapshot";
    static final String HISTORY_PATH = "/backup/history";

    /// No more pieces than this are under way to all who make backups.
    private static final int MOST_PIECES = 8;

    private static final JsonMapper JSON = new JsonMapper();

    private final NodeView view;

    private int pieces;

    BackupPages(NodeView view) {
        this.view = view;
    }

    /// As [#describe], and has a snapshot taken if there is none.
    void begin(AdminExchange exchange) {
        if (obstacle() == null) {
            view.wantSnapshot();
        }
        describe(exchange);
    }

    /// What there is to make a backup of.
    void describe(AdminExchange exchange) {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        NodeConfig config = view.config();
        page.put("self", config.self().value());
        page.put("cluster", view.cluster().toString());
        page.put("service", config.service());
        ObjectNode options = page.putObject("serviceOptions");
        config.serviceOptions().forEach(options::put);
        page.put("replyBytes", config.limits().replyBytes());
        page.put("parkedRequests", config.limits().parkedRequests());
        page.put("parkedBytes", config.limits().parkedBytes());
        page.put("obstacle", obstacle());
        ReplicaStatus status = view.status();
        page.put("executedPosition", status == null ? 0 : status.executedPosition());
        page.put("isEntry", status != null && config.self().equals(status.preferredEntry()));
        ArrayNode kept = page.putArray("snapshots");
        NodeSnapshots snapshots = view.snapshots();
        for (SnapshotDescription each :
                snapshots == null ? List.<SnapshotDescription>of() : snapshots.kept()) {
            ObjectNode one = kept.addObject();
            one.put("position", each.position());
            one.put("chunks", each.chunks());
            one.put("sizeBytes", each.sizeBytes());
            one.put("digest", HexFormat.of().formatHex(each.digest().toByteArray()));
        }
        try {
            exchange.answer(
                    HttpResponseStatus.OK,
                    AdminExchange.JSON,
                    JSON.writeValueAsString(page) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail to be written", e);
        }
    }

    /// Why no backup is to be made of this replica, one sentence; null if it may.
    private @Nullable String obstacle() {
        ReplicaStatus status = view.status();
        if (status == null) {
            return "the replica is starting";
        }
        if (status.haltReason() != null) {
            return status.haltReason();
        }
        if (status.quarantineReason() != null) {
            return status.quarantineReason();
        }
        return status.serving() ? null : view.whyNotServing();
    }

    /// One chunk of a kept snapshot.
    void chunk(AdminExchange exchange, Map<String, List<String>> parameters) {
        OptionalLong position = AdminExchange.number(parameters, "position");
        OptionalLong chunk = AdminExchange.number(parameters, "chunk");
        NodeSnapshots snapshots = view.snapshots();
        if (position.isEmpty() || chunk.isEmpty()) {
            refuse(exchange, HttpResponseStatus.BAD_REQUEST, "name a position and a chunk");
        } else if (snapshots == null || obstacle() != null) {
            refuse(exchange, HttpResponseStatus.SERVICE_UNAVAILABLE, String.valueOf(obstacle()));
        } else if (snapshots.kept().stream()
                .noneMatch(
                        kept ->
                                kept.position() == position.getAsLong()
                                        && chunk.getAsLong() < kept.chunks())) {
            refuse(exchange, HttpResponseStatus.GONE, "there is no such chunk, or not any more");
        } else if (mayAnswer(exchange)) {
            snapshots.read(
                    position.getAsLong(),
                    (int) chunk.getAsLong(),
                    read -> {
                        if (read == null) {
                            pieces--;
                            refuse(exchange, HttpResponseStatus.GONE, "the snapshot is gone");
                        } else {
                            send(exchange, read);
                        }
                    });
        }
    }

    /// Delivered history from a position on.
    void history(AdminExchange exchange, Map<String, List<String>> parameters) {
        OptionalLong from = AdminExchange.number(parameters, "from");
        Replica replica = view.replica();
        if (from.isEmpty() || from.getAsLong() < 1) {
            refuse(exchange, HttpResponseStatus.BAD_REQUEST, "name a position: from=…");
        } else if (replica == null || obstacle() != null) {
            refuse(exchange, HttpResponseStatus.SERVICE_UNAVAILABLE, String.valueOf(obstacle()));
        } else if (mayAnswer(exchange)) {
            send(exchange, replica.history(from.getAsLong()));
        }
    }

    private boolean mayAnswer(AdminExchange exchange) {
        if (pieces >= MOST_PIECES) {
            refuse(
                    exchange,
                    HttpResponseStatus.TOO_MANY_REQUESTS,
                    "so many pieces of backups are under way already: " + MOST_PIECES);
            return false;
        }
        pieces++;
        return true;
    }

    private void send(AdminExchange exchange, Bytes piece) {
        exchange.answer(
                HttpResponseStatus.OK, AdminExchange.BYTES, piece.toByteArray(), () -> pieces--);
    }

    private static void refuse(AdminExchange exchange, HttpResponseStatus status, String why) {
        exchange.answer(status, AdminExchange.TEXT, why + "\n");
    }
}
