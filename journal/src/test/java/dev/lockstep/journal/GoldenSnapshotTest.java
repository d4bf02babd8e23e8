package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;

/// The bytes of a snapshot file, frozen: three chunks, the last one short. A change here is a
/// change of the format: it needs a new version number, a reader of the old one and a line in the
/// changelog. `-Dlockstep.rewrite=true` writes the fixture anew.
class GoldenSnapshotTest {

    private static final String FIXTURE = "/dev/lockstep/journal/snapshot.golden.txt";
    private static final String CONTENT = "The state at position 4,660, in three chunks.";
    private static final Bytes LABEL = Bytes.wrap("cluster".getBytes(StandardCharsets.US_ASCII));
    private static final long POSITION = 4660;
    private static final int CHUNK = 20;

    @Test
    void theBytesOfASnapshot() throws IOException {
        CrashStore store = new CrashStore();
        SnapshotFiles files = SnapshotFiles.open(store, LABEL, CHUNK);
        Snapshots.write(files, POSITION, CONTENT.getBytes(StandardCharsets.US_ASCII));
        String name = store.list().getFirst();
        String found = name + "\n" + dump(store.bytes(name));
        if (Boolean.getBoolean("lockstep.rewrite")) {
            Files.writeString(Path.of("src/test/resources" + FIXTURE), found);
        }
        assertThat(found).isEqualTo(fixture());
    }

    @Test
    void theFixtureIsReadBack() throws IOException {
        int header = fixture().indexOf('\n');
        StringBuilder hex = new StringBuilder();
        fixture()
                .substring(header)
                .lines()
                .filter(line -> !line.isEmpty())
                .forEach(line -> hex.append(line.substring(7).replace(" ", "")));
        CrashStore store = new CrashStore();
        store.put(fixture().substring(0, header), HexFormat.of().parseHex(hex));
        SnapshotFiles files = SnapshotFiles.open(store, LABEL, CHUNK);
        assertThat(files.damaged()).isEmpty();
        assertThat(files.complete().getFirst().chunks()).isEqualTo(3);
        assertThat(new String(Snapshots.read(files, POSITION), StandardCharsets.US_ASCII))
                .isEqualTo(CONTENT);
    }

    private static String dump(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        HexFormat hex = HexFormat.ofDelimiter(" ");
        for (int at = 0; at < bytes.length; at += 16) {
            int end = Math.min(bytes.length, at + 16);
            out.append(String.format(Locale.ROOT, "  %4d ", at));
            out.append(hex.formatHex(bytes, at, end)).append('\n');
        }
        return out.toString();
    }

    private static String fixture() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(GoldenSnapshotTest.class.getResourceAsStream(FIXTURE))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
