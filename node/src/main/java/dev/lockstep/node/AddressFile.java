package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.net.KnownReplica;
import dev.lockstep.net.ReplicaAddress;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/// The file that remembers where other replicas were reached last: a few lines that people can
/// read, the last one a CRC32C of those before.
///
/// ```
/// lockstep addresses 2
/// cluster 0f3c…
/// replica 2 77ab… boot 5 1c29… host db2 ports 7102 7002 7202
/// crc32c 9a8b7c6d
/// ```
///
/// As to addresses a hint and nothing more: one that is lost or damaged costs nothing but the time
/// until others tell, so it is not synced. What it knows of boots lets a replica that has started
/// again recognise one that has lost its directory meanwhile.
final class AddressFile {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final String NAME = "addresses";
    private static final String FRESH_NAME = "addresses.new";
    private static final String FIRST_LINE = "lockstep addresses 2";
    private static final String CLUSTER = "cluster ";
    private static final String CHECKSUM = "crc32c ";
    private static final int MAX_BYTES = 1 << 20;
    private static final int WORDS = 12;

    private AddressFile() {}

    static boolean isOne(String name) {
        return name.equals(NAME) || name.equals(FRESH_NAME);
    }

    /// A cluster begins here: what was known was of another one.
    static void delete(FileStore store) throws IOException {
        for (String name : store.list()) {
            if (isOne(name)) {
                store.delete(name);
            }
        }
    }

    /// Writes all of them anew.
    static void write(FileStore store, ClusterId cluster, Collection<KnownReplica> all)
            throws IOException {
        StringBuilder body = new StringBuilder(FIRST_LINE).append('\n');
        body.append(CLUSTER).append(cluster).append('\n');
        for (KnownReplica each : all) {
            ReplicaAddress address = each.address();
            body.append("replica ").append(each.id()).append(' ').append(each.incarnation());
            body.append(" boot ").append(each.boot()).append(' ');
            body.append(HexFormat.of().toHexDigits(each.start()));
            body.append(" host ").append(address.host());
            body.append(" ports ").append(address.peerPort());
            body.append(' ').append(address.clientPort());
            body.append(' ').append(address.adminPort()).append('\n');
        }
        String text = body + checksumLine(body.toString());
        try (StoredFile file = store.open(FRESH_NAME)) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
        store.rename(FRESH_NAME, NAME);
    }

    /// What was written last; nothing if there is no file, or none that is intact and of this
    /// cluster.
    static List<KnownReplica> read(FileStore store, ClusterId cluster) throws IOException {
        if (!store.list().contains(NAME)) {
            return List.of();
        }
        try (StoredFile file = store.open(NAME)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MAX_BYTES, file.size()));
            file.read(0, bytes);
            return parse(StandardCharsets.UTF_8.decode(bytes.flip()).toString(), cluster);
        } catch (IllegalArgumentException e) {
            LOG.warn("the file {} cannot be used: {}", NAME, e.getMessage());
            return List.of();
        }
    }

    private static List<KnownReplica> parse(String text, ClusterId cluster) {
        int bodyEnd = Math.max(0, text.lastIndexOf(CHECKSUM));
        String body = text.substring(0, bodyEnd);
        if (!text.substring(bodyEnd).equals(checksumLine(body))) {
            throw new IllegalArgumentException("it does not match its checksum");
        }
        List<String> lines = body.lines().toList();
        if (lines.size() < 2 || !lines.getFirst().equals(FIRST_LINE)) {
            throw new IllegalArgumentException("it does not begin with \"" + FIRST_LINE + "\"");
        }
        List<KnownReplica> all = new ArrayList<>();
        if (!lines.get(1).equals(CLUSTER + cluster)) {
            return all;
        }
        for (String line : lines.subList(2, lines.size())) {
            all.add(parseLine(line.split(" ", -1)));
        }
        return all;
    }

    private static KnownReplica parseLine(String[] words) {
        if (words.length != WORDS) {
            throw new IllegalArgumentException("a line has " + words.length + " words");
        }
        return new KnownReplica(
                new ReplicaId(Integer.parseInt(words[1])),
                Incarnation.parse(words[2]),
                Integer.parseInt(words[4]),
                HexFormat.fromHexDigitsToLong(words[5]),
                new ReplicaAddress(
                        words[7],
                        Integer.parseInt(words[9]),
                        Integer.parseInt(words[10]),
                        Integer.parseInt(words[WORDS - 1])));
    }

    private static String checksumLine(String body) {
        int crc = Bytes.wrap(body.getBytes(StandardCharsets.UTF_8)).crc32c();
        return "%s%08x\n".formatted(CHECKSUM, crc);
    }
}
