package dev.lockstep.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a complete backup holds: one JSON object, which carries the CRC32C of the rest of it.
///
/// @param origin whose state it is
/// @param made when the backup was completed
/// @param snapshot where it begins
/// @param fromTime agreed time there
/// @param last the last position of its history; that of the snapshot if it has none
/// @param toTime agreed time there
/// @param historyBytes the size of its history
/// @param historyDigest SHA-256 of its history
public record BackupManifest(
        BackupOrigin origin,
        Instant made,
        SnapshotDescription snapshot,
        Instant fromTime,
        long last,
        Instant toTime,
        long historyBytes,
        Bytes historyDigest) {

    private static final int VERSION = 1;
    private static final String FORMAT = "format";
    private static final String CHECKSUM = "crc32c";
    private static final HexFormat HEX = HexFormat.of();
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final JsonMapper COMPACT = new JsonMapper();

    /// As the file has it.
    byte[] encode() {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put(FORMAT, VERSION);
        page.put("cluster", origin.cluster().toString());
        page.put("made", made.toString());
        page.put("fromPosition", snapshot.position());
        page.put("fromTime", fromTime.toString());
        page.put("toPosition", last);
        page.put("toTime", toTime.toString());
        ObjectNode file = page.putObject("snapshot");
        file.put("chunks", snapshot.chunks());
        file.put("sizeBytes", snapshot.sizeBytes());
        file.put("sha256", HEX.formatHex(snapshot.digest().toByteArray()));
        ObjectNode history = page.putObject("history");
        history.put("sizeBytes", historyBytes);
        history.put("sha256", HEX.formatHex(historyDigest.toByteArray()));
        page.put("service", origin.service());
        ObjectNode options = page.putObject("serviceOptions");
        origin.serviceOptions().forEach(options::put);
        page.put("replyBytes", origin.replyBytes());
        page.put("parkedRequests", origin.parkedRequests());
        page.put("parkedBytes", origin.parkedBytes());
        try {
            page.put(CHECKSUM, checksum(page));
            return (JSON.writeValueAsString(page) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("a string cannot fail to be written", e);
        }
    }

    private static String checksum(ObjectNode page) throws IOException {
        byte[] text = COMPACT.writeValueAsString(page).getBytes(StandardCharsets.UTF_8);
        return HEX.toHexDigits(Bytes.wrap(text).crc32c());
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws IOException with the end of a sentence if it is damaged, or of another version
    static BackupManifest decode(byte[] text) throws IOException {
        if (!(COMPACT.readTree(text) instanceof ObjectNode page)) {
            throw new IOException("it is no JSON object");
        }
        String sealed = page.path(CHECKSUM).asText();
        page.remove(CHECKSUM);
        if (!sealed.equals(checksum(page))) {
            throw new IOException("it does not match its checksum");
        }
        if (page.path(FORMAT).asInt() != VERSION) {
            throw new IOException(
                    "it has format %s, and this build reads format %d"
                            .formatted(page.path(FORMAT), VERSION));
        }
        try {
            SortedMap<String, String> options = new TreeMap<>();
            page.path("serviceOptions")
                    .properties()
                    .forEach(option -> options.put(option.getKey(), option.getValue().asText()));
            JsonNode file = page.path("snapshot");
            JsonNode history = page.path("history");
            return new BackupManifest(
                    new BackupOrigin(
                            ClusterId.parse(page.path("cluster").asText()),
                            page.path("service").asText(),
                            options,
                            page.path("replyBytes").asInt(),
                            page.path("parkedRequests").asInt(),
                            page.path("parkedBytes").asInt()),
                    Instant.parse(page.path("made").asText()),
                    new SnapshotDescription(
                            page.path("fromPosition").asLong(),
                            file.path("chunks").asInt(),
                            file.path("sizeBytes").asLong(),
                            digest(file)),
                    Instant.parse(page.path("fromTime").asText()),
                    page.path("toPosition").asLong(),
                    Instant.parse(page.path("toTime").asText()),
                    history.path("sizeBytes").asLong(),
                    digest(history));
        } catch (RuntimeException e) {
            throw new IOException("it cannot be read: " + e.getMessage(), e);
        }
    }

    private static Bytes digest(JsonNode of) {
        return Bytes.wrap(HEX.parseHex(of.path("sha256").asText()));
    }
}
