package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.node.BackupOrigin;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A member that a backup may be made from, by way of its admin port.
final class BackupMember {

    /// What a member says of itself.
    ///
    /// @param obstacle why no backup is to be made of it; null if it may
    /// @param isEntry true if it has more to do than the others
    /// @param snapshots newest first
    record Description(
            int id,
            BackupOrigin origin,
            @Nullable String obstacle,
            boolean isEntry,
            long executed,
            List<SnapshotDescription> snapshots) {}

    private final AdminClient admin;

    BackupMember(AdminClient admin) {
        this.admin = admin;
    }

    String address() {
        return admin.address();
    }

    Description describe() throws IOException {
        return decode(admin.get("/backup"));
    }

    /// As [#describe]; if it has no snapshot, it takes one now.
    Description begin() throws IOException {
        return decode(admin.post("/backup"));
    }

    /// One chunk of a snapshot; empty if the snapshot is not kept any more.
    Optional<Bytes> chunk(SnapshotDescription of, int index) throws IOException {
        return admin.piece("/backup/snapshot", "position=" + of.position() + "&chunk=" + index)
                .map(Bytes::wrap);
    }

    /// A block of history.
    Bytes history(long from) throws IOException {
        return Bytes.wrap(
                admin.piece("/backup/history", "from=" + from)
                        .orElseThrow(() -> new IOException("it has no history")));
    }

    private static Description decode(JsonNode page) throws IOException {
        try {
            SortedMap<String, String> options = new TreeMap<>();
            page.path("serviceOptions")
                    .properties()
                    .forEach(option -> options.put(option.getKey(), option.getValue().asText()));
            List<SnapshotDescription> snapshots = new ArrayList<>();
            for (JsonNode each : page.path("snapshots")) {
                snapshots.add(
                        new SnapshotDescription(
                                each.path("position").asLong(),
                                each.path("chunks").asInt(),
                                each.path("sizeBytes").asLong(),
                                Bytes.wrap(HexFormat.of().parseHex(each.path("digest").asText()))));
            }
            return new Description(
                    page.path("self").asInt(),
                    new BackupOrigin(
                            ClusterId.parse(page.path("cluster").asText()),
                            page.path("service").asText(),
                            options,
                            page.path("replyBytes").asInt(),
                            page.path("parkedRequests").asInt(),
                            page.path("parkedBytes").asInt()),
                    page.hasNonNull("obstacle") ? page.path("obstacle").asText() : null,
                    page.path("isEntry").asBoolean(),
                    page.path("executedPosition").asLong(),
                    snapshots);
        } catch (IllegalArgumentException e) {
            throw new IOException("its answer makes no sense: " + e.getMessage(), e);
        }
    }
}
