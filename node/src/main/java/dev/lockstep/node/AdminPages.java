package dev.lockstep.node;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lockstep.core.OrderTable;
import dev.lockstep.journal.RecoveryReport;
import dev.lockstep.replica.ExecutedCommand;
import dev.lockstep.replica.FirstDifference;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaStatus;
import dev.lockstep.replica.StateDigest;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/// What operators read of a node in JSON.
///
/// Threading: the loop's thread.
final class AdminPages {

    private static final JsonMapper JSON = new JsonMapper();
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final NodeView view;

    AdminPages(NodeView view) {
        this.view = view;
    }

    /// True if requests are admitted here and there is somebody to order them.
    boolean isServing() {
        return obstacle() == null;
    }

    /// Why the node does not serve, one sentence; null if it does.
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
        if (!status.member()) {
            return "the replica follows the cluster and is not a member: see /members";
        }
        if (!status.serving()) {
            return view.whyNotServing();
        }
        return status.preferredEntry() == null
                ? "no member is known that orders requests: see whether a majority runs"
                : null;
    }

    /// Whether the node serves, for balancers and supervisors.
    String health() {
        String obstacle = obstacle();
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("status", obstacle == null ? "serving" : "not serving");
        page.put("replica", view.config().self().value());
        if (obstacle != null) {
            page.put("reason", obstacle);
        }
        return text(page);
    }

    /// Everything there is to know of the replica, and where the node listens.
    String status() {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("self", view.config().self().value());
        page.put("version", Version.text());
        page.put("incarnation", view.identity().incarnation().toString());
        page.put("boot", view.identity().boot());
        ArrayNode reborn = page.putArray("newLives");
        view.mishaps().reborn().forEach(reborn::add);
        page.put("journalsMended", view.mishaps().journalsMended());
        page.put("recordsRepaired", view.mishaps().recordsRepaired());
        page.put("snapshotsDamaged", view.mishaps().snapshotsDamaged());
        page.put("quarantines", view.mishaps().quarantines());
        page.put("statesHealed", view.mishaps().statesHealed());
        page.put("forgedMessages", view.metrics().forgedMessages);
        page.put("forgedRequests", view.metrics().forgedRequests);
        ObjectNode evidence = page.putObject("evidence");
        view.metrics().evidence().forEach((about, count) -> evidence.put(about.toString(), count));
        page.put("cluster", view.cluster().toString());
        page.put("faults", YamlSection.written(view.config().faults()));
        page.put("orderName", view.config().order());
        page.put("durability", YamlSection.written(view.config().durability()));
        page.put("service", view.config().service());
        ReplicaStatus status = view.status();
        page.put("serving", isServing());
        page.put("reason", obstacle());
        if (status != null) {
            putReplica(page, status);
        }
        ObjectNode ports = page.putObject("ports");
        view.ports().forEach(ports::put);
        ObjectNode peers = page.putObject("peersConnected");
        view.peers().forEach((id, connected) -> peers.put(id.toString(), connected));
        RecoveryReport recovery = view.recovery();
        if (recovery != null) {
            ObjectNode recovered = page.putObject("recovery");
            recovered.put("lastSequence", recovery.lastSequence());
            recovered.put("segments", recovery.segments());
            RecoveryReport.Cut cut = recovery.cut();
            if (cut != null) {
                recovered.put("cut", cut.toString());
            }
        }
        return text(page);
    }

    /// What proves that members misbehaved.
    String evidence() {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("replica", view.config().self().value());
        ArrayNode kept = page.putArray("evidence");
        for (EvidenceBook.Entry entry : view.evidence().entries()) {
            ObjectNode each = kept.addObject();
            each.put("about", entry.about().value());
            each.put("at", entry.at());
            each.put("proof", Base64.getEncoder().encodeToString(entry.proof().toByteArray()));
        }
        return text(page);
    }

    private void putReplica(ObjectNode page, ReplicaStatus status) {
        page.put("epoch", status.epoch());
        page.put("member", status.member());
        page.put("haltReason", status.haltReason());
        page.put("quarantineReason", status.quarantineReason());
        putFirstDifference(page);
        if (status.preferredEntry() == null) {
            page.putNull("preferredEntry");
        } else {
            page.put("preferredEntry", status.preferredEntry().value());
        }
        page.put("executedPosition", status.executedPosition());
        page.put("agreedTimeNanos", status.agreedTimeNanos());
        page.put(
                "agreedTime",
                Instant.ofEpochSecond(
                                Math.floorDiv(status.agreedTimeNanos(), SECOND_NANOS),
                                Math.floorMod(status.agreedTimeNanos(), SECOND_NANOS))
                        .toString());
        page.put("chainPosition", status.chainPosition());
        page.put("chainDigest", HexFormat.of().toHexDigits(status.chainDigest()));
        page.put("sessions", status.sessions());
        page.put("inFlightBytes", status.inFlightBytes());
        page.put("inFlightBatches", status.inFlightBatches());
        page.put("waitingRequests", status.waitingRequests());
        page.put("waitingQueries", status.waitingQueries());
        page.put("heldSends", status.heldSends());
        page.put("durableSequence", status.durableSequence());
        page.put("journalSequence", status.journalSequence());
        page.put("journalFirstSequence", status.firstSequence());
        page.put("snapshotPosition", status.snapshotPosition());
        NodeSnapshots snapshots = view.snapshots();
        page.put("snapshotsAtWork", snapshots != null && snapshots.isAtWork());
        page.put("journalHasRoom", view.hasRoom());
        page.put("commands", status.commands());
        page.put("serviceFailures", status.serviceFailures());
        ObjectNode order = page.putObject("order");
        status.order().forEach(order::put);
    }

    private void putFirstDifference(ObjectNode page) {
        Replica replica = view.replica();
        FirstDifference difference = replica == null ? null : replica.firstDifference();
        if (difference == null) {
            page.putNull("firstDifference");
            return;
        }
        HexFormat hex = HexFormat.of();
        ExecutedCommand command = difference.command();
        ObjectNode one = page.putObject("firstDifference");
        one.put("position", command.position());
        one.put("session", command.session());
        one.put("sequence", command.sequence());
        one.put("command", command.words());
        one.put("chain", hex.toHexDigits(command.chain()));
        one.put("peer", difference.peer().value());
        one.put("peerChain", hex.toHexDigits(difference.peerChain()));
    }

    /// What the replicated state is. Reads all of it.
    ///
    /// @return an object with an error if the replica is starting
    String digest() {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("self", view.config().self().value());
        StateDigest digest = view.stateDigest();
        if (digest == null) {
            page.put(
                    "error",
                    "the replica is starting, or writes a snapshot of a state that cannot be frozen");
        } else {
            HexFormat hex = HexFormat.of();
            page.put("position", digest.position());
            page.put("state", hex.formatHex(digest.state().toByteArray()));
            page.put("host", hex.formatHex(digest.host().toByteArray()));
            page.put("chain", hex.toHexDigits(digest.chain()));
        }
        return text(page);
    }

    /// What is being ordered, as the order in force draws it.
    String order() {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("self", view.config().self().value());
        Replica replica = view.replica();
        if (replica == null) {
            page.put("error", "the replica is starting");
            return text(page);
        }
        page.put("order", replica.reign().sign().order());
        page.put("epoch", replica.reign().epoch().value());
        page.put("executedPosition", replica.status().executedPosition());
        OrderTable table = replica.orderTable();
        ArrayNode columns = page.putArray("columns");
        table.columns().forEach(columns::add);
        ArrayNode rows = page.putArray("rows");
        for (List<String> row : table.rows()) {
            ObjectNode one = rows.addObject();
            for (int i = 0; i < row.size(); i++) {
                one.put(table.columns().get(i), row.get(i));
            }
        }
        return text(page);
    }

    private static String text(ObjectNode page) {
        try {
            return JSON.writeValueAsString(page) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail to be written", e);
        }
    }
}
