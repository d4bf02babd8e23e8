package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.journal.MemoryStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whose a data directory is, and what a node says to one that is not its own.
class IdentityTest {

    private static final Identity IDENTITY =
            new Identity(new ClusterId(1, 2), new ReplicaId(3), new Incarnation(4, 5), 6);

    @TempDir private Path directory;

    @Test
    void theFileReadsBackAsItWasWritten() throws IOException {
        MemoryStore store = new MemoryStore();

        IdentityFile.write(store, IDENTITY);

        assertThat(IdentityFile.read(store, "here")).isEqualTo(IDENTITY);
        assertThat(store.list()).containsExactly("identity");
    }

    /// Frozen: data directories of this version must stay readable.
    @Test
    void theFileHasTheseBytes() throws IOException {
        MemoryStore store = new MemoryStore();
        IdentityFile.write(store, IDENTITY);

        assertThat(textOf(store))
                .isEqualTo(
                        """
                        lockstep identity 1
                        cluster 00000000000000010000000000000002
                        replica 3
                        incarnation 00000000000000040000000000000005
                        boot 6
                        crc32c %s
                        """
                                .formatted("dc86a035"));
    }

    /// Frozen: members of one cluster must work out the same.
    @Test
    void theFirstLifeIsTheSameEverywhere() {
        assertThat(Identity.genesis(new ClusterId(1, 2), new ReplicaId(3), 0))
                .isEqualTo(Incarnation.parse("45b2e4b765e390708505b8822f0c5350"));
    }

    @Test
    void everyChangedByteIsNoticed() throws IOException {
        MemoryStore store = new MemoryStore();
        IdentityFile.write(store, IDENTITY);
        byte[] good = textOf(store).getBytes(StandardCharsets.US_ASCII);

        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x40;
            put(store, bad);
            assertThatThrownBy(() -> IdentityFile.read(store, "/data"))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageStartingWith("the identity file of /data is damaged (it ");
        }
        for (int size = 0; size < good.length; size++) {
            put(store, java.util.Arrays.copyOf(good, size));
            assertThatThrownBy(() -> IdentityFile.read(store, "/data"))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageStartingWith("the identity file of /data is damaged (it ");
        }
    }

    @Test
    void aLaterVersionIsNamed() throws IOException {
        MemoryStore store = new MemoryStore();
        String body = "lockstep identity 2\nshape round\n";
        int crc =
                dev.lockstep.core.wire.Bytes.wrap(body.getBytes(StandardCharsets.US_ASCII))
                        .crc32c();
        put(store, "%scrc32c %08x\n".formatted(body, crc).getBytes(StandardCharsets.US_ASCII));

        assertThatThrownBy(() -> IdentityFile.read(store, "/data"))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "the identity file of /data is of version 2, this build knows version 1; run"
                                + " the build that wrote it");
    }

    @Test
    void aDirectoryIsInitialisedOnce() {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);

        assertThatThrownBy(() -> Node.init(config))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        config.dataDirectory()
                                + " is the data directory of replica 1 of cluster "
                                + TestNodes.CLUSTER
                                + " already; start it, or choose another directory");
    }

    @Test
    void aDirectoryWithOtherFilesIsNotInitialised() throws IOException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Files.createDirectories(config.dataDirectory());
        Files.writeString(config.dataDirectory().resolve("journal"), "x");

        assertThatThrownBy(() -> Node.init(config))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        config.dataDirectory()
                                + " has files (journal) but no identity; restore the identity file"
                                + " or choose an empty directory");
    }

    @Test
    void aDirectoryThatWasNotInitialisedIsNotStarted() {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);

        assertThatThrownBy(() -> Node.start(config, Counter::new))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        config.dataDirectory()
                                + " has no identity: run lockstep init if replica 1 has never run;"
                                + " if it has, restore the directory from a backup");
    }

    @Test
    void anotherClustersDirectoryIsRefused() throws IOException {
        refused(
                new Identity(
                        new ClusterId(9, 9),
                        new ReplicaId(1),
                        Incarnation.parse("0".repeat(32)),
                        1),
                " belongs to cluster 00000000000000090000000000000009, this test is for cluster "
                        + TestNodes.CLUSTER
                        + "; use the right one of them");
    }

    @Test
    void anotherReplicasDirectoryIsRefused() throws IOException {
        refused(
                new Identity(
                        TestNodes.CLUSTER, new ReplicaId(2), Incarnation.parse("0".repeat(32)), 1),
                " belongs to replica 2, this is replica 1; give each its own directory");
    }

    @Test
    void anotherLifesDirectoryIsRefused() throws IOException {
        Incarnation genesis = Identity.genesis(TestNodes.CLUSTER, new ReplicaId(1), 0);
        refused(
                new Identity(
                        TestNodes.CLUSTER, new ReplicaId(1), Incarnation.parse("0".repeat(32)), 1),
                " is in its life 00000000000000000000000000000000, this test names the life "
                        + genesis
                        + " of replica 1; restore the one that is named");
    }

    @Test
    void aDirectoryThatLostItsJournalIsRefused() throws IOException {
        refused(
                new Identity(
                        TestNodes.CLUSTER,
                        new ReplicaId(1),
                        Identity.genesis(TestNodes.CLUSTER, new ReplicaId(1), 0),
                        1),
                " has an identity but no journal, though replica 1 has run before; restore the"
                        + " directory from a backup");
    }

    @Test
    void whoKeptItsJournalInMemoryDoesNotComeBack() {
        NodeConfig config = TestNodes.alone(directory, Durability.MEMORY);
        Node.init(config);
        Node.start(config, Counter::new).close();

        assertThatThrownBy(() -> Node.start(config, Counter::new))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "replica 1 has run before with its journal in memory, where it is lost, so"
                                + " it may not take part again; create a new cluster or choose"
                                + " durability fsync");
    }

    private void refused(Identity identity, String sentence) throws IOException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        try (var store = dev.lockstep.journal.DirectoryStore.open(config.dataDirectory())) {
            IdentityFile.write(store, identity);
        }

        assertThatThrownBy(() -> Node.start(config, Counter::new))
                .isInstanceOf(ConfigException.class)
                .hasMessage(config.dataDirectory() + sentence);
    }

    private static String textOf(MemoryStore store) throws IOException {
        try (StoredFile file = store.open("identity")) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(0, bytes);
            return new String(bytes.array(), StandardCharsets.US_ASCII);
        }
    }

    private static void put(MemoryStore store, byte[] text) throws IOException {
        try (StoredFile file = store.open("identity")) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap(text));
        }
    }
}
