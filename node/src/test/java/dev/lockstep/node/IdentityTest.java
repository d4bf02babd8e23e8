package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.journal.MemoryStore;
import dev.lockstep.net.KnownReplica;
import dev.lockstep.net.ReplicaAddress;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
        assertThat(store.list()).containsExactly("identity", "identity.copy");
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
        store.delete(IdentityFile.COPY_NAME);

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

    /// One flipped bit does not end a life.
    @Test
    void whicheverOfTheTwoIsDamagedTheOtherIsRead() throws IOException {
        MemoryStore store = new MemoryStore();
        IdentityFile.write(store, IDENTITY);
        byte[] good = textOf(store).getBytes(StandardCharsets.US_ASCII);
        byte[] bad = good.clone();
        bad[70] ^= 1;

        put(store, IdentityFile.NAME, bad);
        assertThat(IdentityFile.read(store, "here")).isEqualTo(IDENTITY);
        put(store, IdentityFile.COPY_NAME, bad);
        assertThatThrownBy(() -> IdentityFile.read(store, "here"))
                .isInstanceOf(IdentityFile.Damaged.class);
        put(store, IdentityFile.NAME, good);
        assertThat(IdentityFile.read(store, "here")).isEqualTo(IDENTITY);
        store.delete(IdentityFile.NAME);
        put(store, IdentityFile.COPY_NAME, good);
        assertThat(IdentityFile.exists(store)).isTrue();
        assertThat(IdentityFile.read(store, "here")).isEqualTo(IDENTITY);
    }

    /// Nothing is done under an identity before both files say so, and the copy says so first: if a
    /// process ends in between, whichever of them is damaged then, no boot that was used is shown
    /// again.
    @Test
    void aBootIsNeverShownTwiceWhicheverOfTheTwoIsDamaged() throws IOException {
        Identity next = IDENTITY.nextBoot();
        MemoryStore store = new MemoryStore();
        IdentityFile.write(store, next);
        byte[] fresh = textOf(store).getBytes(StandardCharsets.US_ASCII);
        IdentityFile.write(store, IDENTITY);
        byte[] old = textOf(store).getBytes(StandardCharsets.US_ASCII);
        byte[] bad = {1, 2, 3};

        // The process ended when the copy was written: the next boot was not used.
        put(store, IdentityFile.COPY_NAME, fresh);
        assertThat(IdentityFile.read(store, "here")).isEqualTo(next);
        put(store, IdentityFile.COPY_NAME, bad);
        assertThat(IdentityFile.read(store, "here")).isEqualTo(IDENTITY);
        put(store, IdentityFile.NAME, bad);
        put(store, IdentityFile.COPY_NAME, fresh);
        assertThat(IdentityFile.read(store, "here")).isEqualTo(next);
        // A file that somebody put back from a backup does not win over the copy.
        put(store, IdentityFile.NAME, old);
        assertThat(IdentityFile.read(store, "here")).isEqualTo(next);
        // Nor does a life that was to begin, and of which nothing was heard.
        IdentityFile.write(
                store,
                new Identity(IDENTITY.cluster(), IDENTITY.replica(), new Incarnation(9, 9), 0));
        put(store, IdentityFile.NAME, old);
        assertThat(IdentityFile.read(store, "here")).isEqualTo(IDENTITY);
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
    void whoIsInALifeThatIsNoMemberOnlyFollows() throws IOException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        try (var store = dev.lockstep.journal.DirectoryStore.open(config.dataDirectory())) {
            IdentityFile.write(
                    store,
                    new Identity(
                            TestNodes.CLUSTER,
                            new ReplicaId(1),
                            Incarnation.parse("0".repeat(32)),
                            0));
        }

        try (Node node = Node.start(config, Counter::new)) {
            assertThat(node.status().member()).isFalse();
        }
    }

    @Test
    void anEmptyDirectoryBecomesThatOfANewLife() throws IOException {
        MemoryStore store = new MemoryStore();
        NodeConfig config = firstOfThree(Durability.FSYNC);

        DataDirectory.Start start = DataDirectory.next(store, "here", config);

        assertThat(start.reborn()).isEqualTo("here is empty");
        assertThat(start.identity().boot()).isEqualTo(1);
        assertThat(start.identity().incarnation())
                .isNotEqualTo(Identity.genesis(TestNodes.CLUSTER, new ReplicaId(1), 0));
        assertThat(IdentityFile.read(store, "here").boot()).isZero();
    }

    @Test
    void whatAFormerLifeLeftIsPutAsideAndTheLastIsKept() throws IOException {
        MemoryStore store = new MemoryStore();
        NodeConfig config = firstOfThree(Durability.FSYNC);
        fill(store, "journal-1");
        fill(store, "lost-00000000-journal-0");
        fill(store, "addresses");

        Identity fresh = DataDirectory.next(store, "here", config).identity();
        String prefix = "lost-" + fresh.incarnation().toString().substring(0, 8) + "-";

        assertThat(store.list())
                .containsExactly("addresses", "identity", "identity.copy", prefix + "journal-1");
        // As if the process had ended before all of it was renamed.
        fill(store, "journal-2");
        Identity again = DataDirectory.next(store, "here", config).identity();

        assertThat(again).isEqualTo(fresh);
        assertThat(store.list())
                .containsExactly(
                        "addresses",
                        "identity",
                        "identity.copy",
                        prefix + "journal-1",
                        prefix + "journal-2");
    }

    @Test
    void aDamagedIdentityAndALostJournalAreTheEndOfALife() throws IOException {
        MemoryStore store = new MemoryStore();
        NodeConfig config = firstOfThree(Durability.FSYNC);
        put(store, "nonsense".getBytes(StandardCharsets.US_ASCII));

        assertThat(DataDirectory.next(store, "here", config).reborn())
                .isEqualTo("here has a damaged identity file");

        Identity run = IdentityFile.read(store, "here").nextBoot();
        IdentityFile.write(store, run);
        DataDirectory.Start start = DataDirectory.next(store, "here", config);
        assertThat(start.reborn()).isEqualTo("here has lost its journal");
        assertThat(start.identity().incarnation()).isNotEqualTo(run.incarnation());
    }

    @Test
    void whoKeptItsJournalInMemoryComesBackInANewLife() throws IOException {
        MemoryStore store = new MemoryStore();
        NodeConfig config = firstOfThree(Durability.MEMORY);
        Node.init(config, StoreSource.of(store, "here"));
        Identity first = DataDirectory.next(store, "here", config).identity();
        IdentityFile.write(store, first);

        DataDirectory.Start start = DataDirectory.next(store, "here", config);

        assertThat(start.reborn()).isEqualTo("its journal was in memory");
    }

    @Test
    void theAddressesReadBackUnlessTheyAreDamaged() throws IOException {
        MemoryStore store = new MemoryStore();
        List<KnownReplica> all =
                List.of(
                        new KnownReplica(
                                new ReplicaId(2),
                                new Incarnation(1, 2),
                                3,
                                -4,
                                new ReplicaAddress("db2", 7102, 7002, 0)),
                        new KnownReplica(
                                new ReplicaId(3),
                                new Incarnation(4, 5),
                                6,
                                7,
                                new ReplicaAddress("::1", 7103, 0, 7203)));

        assertThat(AddressFile.read(store, TestNodes.CLUSTER)).isEmpty();
        AddressFile.write(store, TestNodes.CLUSTER, all);
        assertThat(AddressFile.read(store, TestNodes.CLUSTER)).isEqualTo(all);
        assertThat(AddressFile.read(store, new ClusterId(9, 9))).isEmpty();

        try (StoredFile file = store.open("addresses")) {
            byte[] good = new byte[(int) file.size()];
            file.read(0, ByteBuffer.wrap(good));
            for (int i = 0; i < good.length; i++) {
                byte[] bad = good.clone();
                bad[i] ^= 0x10;
                file.write(0, ByteBuffer.wrap(bad));
                assertThat(AddressFile.read(store, TestNodes.CLUSTER)).isEmpty();
            }
        }
    }

    private NodeConfig firstOfThree(Durability durability) {
        return TestNodes.cluster(3, directory, durability, ReplicaLimits.DEFAULT).getFirst();
    }

    private static void fill(MemoryStore store, String name) throws IOException {
        try (StoredFile file = store.open(name)) {
            file.write(0, ByteBuffer.wrap(new byte[] {1}));
        }
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
        put(store, "identity", text);
    }

    private static void put(MemoryStore store, String name, byte[] text) throws IOException {
        try (StoredFile file = store.open(name)) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap(text));
        }
    }
}
