package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// What proves that members misbehaved, kept over restarts in the file `evidence`: a line each,
/// oldest first, for people and for [EvidenceJudge].
///
/// ```
/// lockstep evidence 1
/// cluster 0f3c…
/// replica 2 at 2026-11-29T04:14:41Z proof AQEA…
/// ```
///
/// Proofs have signatures in them, so the file needs no checksum: a line that is damaged proves
/// nothing. Of a member that goes on misbehaving only so much is kept.
///
/// Threading: the loop's thread.
final class EvidenceBook {

    /// More proofs about one member say nothing new.
    static final int MOST_PER_REPLICA = 32;

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final String NAME = "evidence";
    private static final String FRESH_NAME = "evidence.new";
    private static final String FIRST_LINE = "lockstep evidence 1";
    private static final String CLUSTER = "cluster ";
    private static final int MAX_BYTES = 16 << 20;
    private static final int WORDS = 6;

    /// @param at when this replica had it, as an ISO instant
    record Entry(ReplicaId about, String at, Bytes proof) {
        private String line() {
            return "replica %s at %s proof %s"
                    .formatted(about, at, Base64.getEncoder().encodeToString(proof.toByteArray()));
        }

        private static Entry parse(String line) {
            String[] words = line.split(" ", -1);
            if (words.length != WORDS) {
                throw new IllegalArgumentException("a line has " + words.length + " words");
            }
            return new Entry(
                    new ReplicaId(Integer.parseInt(words[1])),
                    words[3],
                    Bytes.wrap(Base64.getDecoder().decode(words[WORDS - 1])));
        }
    }

    private final FileStore store;
    private final ClusterId cluster;
    private final List<Entry> entries = new ArrayList<>();

    /// With what earlier processes have kept.
    EvidenceBook(FileStore store, ClusterId cluster) throws IOException {
        this.store = store;
        this.cluster = cluster;
        if (store.list().contains(NAME)) {
            read();
        }
    }

    static boolean isOne(String name) {
        return name.equals(NAME) || name.equals(FRESH_NAME);
    }

    private void read() throws IOException {
        List<String> lines;
        try (StoredFile file = store.open(NAME)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MAX_BYTES, file.size()));
            file.read(0, bytes);
            lines = StandardCharsets.UTF_8.decode(bytes.flip()).toString().lines().toList();
        }
        if (lines.size() < 2
                || !lines.getFirst().equals(FIRST_LINE)
                || !lines.get(1).equals(CLUSTER + cluster)) {
            LOG.warn("the file {} is none of this cluster, and is begun anew", NAME);
            return;
        }
        for (String line : lines.subList(2, lines.size())) {
            try {
                entries.add(Entry.parse(line));
            } catch (IllegalArgumentException e) {
                LOG.warn("a line of the file {} is damaged: {}", NAME, e.getMessage());
            }
        }
    }

    /// Keeps a proof, unless there is enough about this member.
    void keep(ReplicaId about, Bytes proof) {
        if (entries.stream().filter(known -> known.about().equals(about)).count()
                >= MOST_PER_REPLICA) {
            return;
        }
        entries.add(
                new Entry(about, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), proof));
        try {
            write();
        } catch (IOException e) {
            LOG.warn(
                    "the proof is in memory only, since {} cannot be written: {}",
                    NAME,
                    e.toString());
        }
    }

    private void write() throws IOException {
        StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
        text.append(CLUSTER).append(cluster).append('\n');
        entries.forEach(entry -> text.append(entry.line()).append('\n'));
        try (StoredFile file = store.open(FRESH_NAME)) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
        }
        store.rename(FRESH_NAME, NAME);
    }

    /// What is kept, oldest first.
    List<Entry> entries() {
        return List.copyOf(entries);
    }
}
