package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;

/// The bytes of a journal's files, frozen. A change here is a change of the format: it needs a new
/// version number, a reader of the old one and a line in the changelog.
/// `-Dlockstep.rewrite=true` writes the fixture anew.
class GoldenSegmentTest {

    private static final String FIXTURE = "/dev/lockstep/journal/journal.golden.txt";

    @Test
    void theBytesOfSegmentsAndAnIndex() throws IOException {
        CrashStore store = write();
        StringBuilder found = new StringBuilder();
        for (String name : store.list()) {
            found.append(name).append('\n').append(dump(store.bytes(name)));
        }
        if (Boolean.getBoolean("lockstep.rewrite")) {
            Files.writeString(Path.of("src/test/resources" + FIXTURE), found);
        }
        assertThat(found.toString()).isEqualTo(fixture());
    }

    @Test
    void theFixtureIsReadBack() throws IOException {
        CrashStore store = new CrashStore();
        String name = null;
        byte[] content = new byte[4096];
        for (String line : fixture().lines().toList()) {
            if (!line.startsWith(" ")) {
                put(store, name, content);
                name = line;
                content = new byte[4096];
            } else {
                String[] fields = line.strip().split(" ", 2);
                int at = Integer.parseInt(fields[0]);
                byte[] row = HexFormat.of().parseHex(fields[1].replace(" ", ""));
                System.arraycopy(row, 0, content, at, row.length);
            }
        }
        put(store, name, content);
        SegmentJournal journal = Journals.open(store);
        assertThat(journal.recovery().removed()).isEmpty();
        assertThat(Journals.replay(journal))
                .extracting(r -> r.kind() + " " + r.epoch() + " " + r.content().size())
                .containsExactly("1 1 5", "255 9 0", "2 1 3400", "3 2 3");
    }

    private static void put(CrashStore store, @Nullable String name, byte[] content) {
        if (name != null) {
            boolean isIndex = SegmentFiles.generationOfIndex(name) > 0;
            store.put(name, isIndex ? Arrays.copyOf(content, 48 + 2 * 24) : content);
        }
    }

    private static CrashStore write() throws IOException {
        CrashStore store = new CrashStore();
        SegmentJournal journal = Journals.open(store);
        journal.append(1, 1, Bytes.wrap(new byte[] {1, 2}), Bytes.wrap(new byte[] {3, 4, 5}));
        journal.append(255, 9, Bytes.EMPTY, Bytes.EMPTY);
        Journals.drive(journal);
        Journals.mark(journal);
        byte[] zeros = new byte[3400];
        journal.append(2, 1, Bytes.EMPTY, Bytes.wrap(zeros));
        Journals.drive(journal);
        journal.append(3, 2, Bytes.wrap(new byte[] {7, 7, 7}), Bytes.EMPTY);
        Journals.drive(journal);
        return store;
    }

    private static String dump(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        HexFormat hex = HexFormat.ofDelimiter(" ");
        for (int at = 0; at < bytes.length; at += 16) {
            byte[] row = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 16));
            if (!Arrays.equals(row, new byte[row.length])) {
                out.append(String.format(Locale.ROOT, "  %4d ", at));
                out.append(hex.formatHex(row)).append('\n');
            }
        }
        return out.toString();
    }

    private static String fixture() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(GoldenSegmentTest.class.getResourceAsStream(FIXTURE))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
