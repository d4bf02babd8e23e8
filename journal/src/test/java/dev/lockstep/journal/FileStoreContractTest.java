package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// What every file store does, the tests' own included.
class FileStoreContractTest {

    @TempDir private Path directory;

    enum Kind {
        DIRECTORY,
        MEMORY,
        CRASH
    }

    private FileStore store(Kind kind) throws IOException {
        return switch (kind) {
            case DIRECTORY -> DirectoryStore.open(directory);
            case MEMORY -> new MemoryStore();
            case CRASH -> new CrashStore();
        };
    }

    @ParameterizedTest
    @EnumSource
    void namesAreListedInOrder(Kind kind) throws IOException {
        FileStore store = store(kind);
        assertThat(store.list()).isEmpty();
        store.open("b").close();
        store.open("a").close();
        store.open("b").close();
        assertThat(store.list()).containsExactly("a", "b");
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenIsReadAfterReopening(Kind kind) throws IOException {
        FileStore store = store(kind);
        try (StoredFile file = store.open("f")) {
            assertThat(file.size()).isZero();
            file.write(70_000, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            file.write(70_001, ByteBuffer.allocateDirect(1).put((byte) 9).flip());
            file.force();
        }
        try (StoredFile file = store.open("f")) {
            assertThat(file.size()).isEqualTo(70_003);
            ByteBuffer read = ByteBuffer.allocate(6);
            assertThat(file.read(69_998, read)).isEqualTo(5);
            assertThat(read.position()).isEqualTo(5);
            assertThat(read.array()).containsExactly(0, 0, 1, 9, 3, 0);
            assertThat(file.read(70_003, ByteBuffer.allocate(4))).isZero();
            assertThat(file.read(80_000, ByteBuffer.allocate(4))).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeBuffersAreReadAndWrittenWhole(Kind kind) throws IOException {
        FileStore store = store(kind);
        byte[] large = Journals.content(5, 5 << 20).toByteArray();
        try (StoredFile file = store.open("f")) {
            ByteBuffer source = ByteBuffer.wrap(large);
            file.write(3, source);
            assertThat(source.hasRemaining()).isFalse();
            ByteBuffer target = ByteBuffer.allocate(large.length);
            assertThat(file.read(3, target)).isEqualTo(large.length);
            assertThat(target.array()).isEqualTo(large);
            assertThat(target.limit()).isEqualTo(large.length);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileIsCutOffAndGrowsWithZeros(Kind kind) throws IOException {
        FileStore store = store(kind);
        try (StoredFile file = store.open("f")) {
            file.write(0, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
            file.truncate(2);
            file.truncate(3);
            assertThat(file.size()).isEqualTo(2);
            file.write(5, ByteBuffer.wrap(new byte[] {6}));
            ByteBuffer read = ByteBuffer.allocate(6);
            file.read(0, read);
            assertThat(read.array()).containsExactly(1, 2, 0, 0, 0, 6);
        }
    }

    @ParameterizedTest
    @EnumSource
    void renamingReplaces(Kind kind) throws IOException {
        FileStore store = store(kind);
        try (StoredFile from = store.open("from");
                StoredFile to = store.open("to")) {
            from.write(0, ByteBuffer.wrap(new byte[] {1}));
            to.write(0, ByteBuffer.wrap(new byte[] {2, 2}));
        }
        store.rename("from", "to");
        store.syncDirectory();
        assertThat(store.list()).containsExactly("to");
        try (StoredFile file = store.open("to")) {
            assertThat(file.size()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void deletingIsForThingsThatExist(Kind kind) throws IOException {
        FileStore store = store(kind);
        store.open("f").close();
        store.delete("f");
        store.syncDirectory();
        assertThat(store.list()).isEmpty();
        assertThatThrownBy(() -> store.delete("f")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.rename("f", "g")).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void thereIsRoom(Kind kind) throws IOException {
        assertThat(store(kind).usableBytes()).isPositive();
    }
}
