package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.StoredFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

class DirectoryStoreTest {

    @TempDir private Path temporary;

    /// Opens a directory in a process of its own and says how that went.
    static final class Opener {

        private Opener() {}

        public static void main(String[] arguments) throws IOException {
            try (DirectoryStore store = DirectoryStore.open(Path.of(arguments[0]))) {
                System.out.println("opened " + store.list());
            } catch (DirectoryInUseException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private static String openElsewhere(Path directory) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Opener.class.getName(),
                                directory.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    @Test
    void aSecondProcessIsRefusedWithTheFirstOnesNumber() throws Exception {
        Path directory = temporary.resolve("new/data");
        try (DirectoryStore first = DirectoryStore.open(directory)) {
            assertThat(first.list()).isEmpty();
            assertThat(openElsewhere(directory))
                    .contains(directory.toString())
                    .contains("pid " + ProcessHandle.current().pid())
                    .contains("stop it");
            assertThatThrownBy(() -> DirectoryStore.open(directory))
                    .isInstanceOf(DirectoryInUseException.class)
                    .hasMessageContaining(directory.toString());
        }
        assertThat(openElsewhere(directory)).startsWith("opened");
        DirectoryStore.open(directory).close();
    }

    @Test
    void aSegmentThatHasBecomeShorterIsNamedWithBothSizes() throws IOException {
        Path directory = temporary.resolve("data");
        try (DirectoryStore store = DirectoryStore.open(directory)) {
            SegmentJournal journal = Journals.open(store);
            Journals.append(journal, 1, 100);
            Journals.drive(journal);
            journal.close();
        }
        Path segment = directory.resolve(SegmentFiles.segmentName(1));
        long before = Files.size(segment);
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            channel.truncate(700);
        }
        try (DirectoryStore store = DirectoryStore.open(directory)) {
            assertThatThrownBy(() -> Journals.open(store))
                    .isInstanceOf(JournalDamagedException.class)
                    .hasMessageContaining(segment.getFileName().toString())
                    .hasMessageContaining("had " + before + " bytes and has only 700");
        }
        assertThat(Files.size(segment)).as("nothing is touched").isEqualTo(700);
    }

    @Test
    void aDirectoryThatCannotBeUsedIsNamedInASentence() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));
        unusable(file, " is a file: choose another one");
        unusable(
                file.resolve("below"),
                " cannot be used (Not a directory): repair it or choose another one");
        Path nowhere = Path.of("/proc/lockstep");
        if (Files.exists(nowhere.getParent())) {
            unusable(
                    nowhere,
                    " cannot be used (it does not exist and cannot be made): repair it or choose"
                            + " another one");
        }
    }

    @Test
    void aLockFileThatCannotBeWrittenIsNamedInASentence() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "there is a device that is always full");
        Files.createSymbolicLink(temporary.resolve(DirectoryStore.LOCK_FILE), full);
        assertThatThrownBy(() -> DirectoryStore.open(temporary))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("the directory " + temporary + " cannot be used (")
                .hasMessageEndingWith("): repair it or choose another one");
    }

    private static void unusable(Path directory, String sentence) {
        assertThatThrownBy(() -> DirectoryStore.open(directory))
                .isInstanceOf(IOException.class)
                .hasMessage("the directory " + directory + sentence);
    }

    @Test
    void aFullDiskIsToldWithFileAndSizes() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "there is a device that is always full");
        try (DirectoryStore store = DirectoryStore.open(temporary)) {
            Files.createSymbolicLink(temporary.resolve("f"), full);
            try (StoredFile file = store.open("f")) {
                assertThatThrownBy(() -> file.write(0, ByteBuffer.allocate(1234)))
                        .isInstanceOf(DiskFullException.class)
                        .hasMessageContaining("1234 bytes")
                        .hasMessageContaining(temporary.resolve("f").toString())
                        .hasMessageContaining("are free");
            }
        }
    }

    @Test
    void aJournalLivesInARealDirectory() throws IOException {
        List<JournalRecord> written = new ArrayList<>();
        for (int boot = 0; boot < 5; boot++) {
            try (DirectoryStore store = DirectoryStore.open(temporary);
                    SegmentJournal journal =
                            Journals.open(store, Journals.SMALL.withSegmentBytes(64 << 10))) {
                assertThat(Journals.replay(journal)).isEqualTo(written);
                for (int i = 0; i < 40; i++) {
                    written.add(Journals.append(journal, 40 * boot + i, 50 * i));
                    if (i % 5 == 0) {
                        Journals.drive(journal);
                    }
                }
                Journals.drive(journal);
                journal.dropBefore(written.size() / 2);
                assertThat(journal.read(1)).isEqualTo(written.getFirst());
            }
        }
    }
}
