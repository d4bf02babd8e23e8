package dev.lockstep.net.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Private keys are their owner's alone and are never written over; public ones say one thing.
final class KeyStoreTest {

    private static final ClusterId CLUSTER = new ClusterId(1, 2);
    private static final Epoch FIFTH = new Epoch(5);
    private static final KeyOwner TWO = KeyOwner.replica(new ReplicaId(2));

    private final SignatureLibrary library = SignatureLibrary.open(SignatureProvider.best());

    @TempDir private Path directory;

    private KeyStore store() {
        return new KeyStore(directory.resolve("cluster.keys"), directory.resolve("private"));
    }

    private KeyStore.Kept init(KeyOwner owner) {
        return store().init(library, CLUSTER, owner, Epoch.FIRST);
    }

    private KeyStore.Kept rotate(KeyOwner owner, Epoch from) {
        return store().rotate(library, CLUSTER, owner, from);
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static Membership members(int... ids) {
        return new Membership(
                Arrays.stream(ids)
                        .mapToObj(id -> new Member(new ReplicaId(id), new Incarnation(id, id)))
                        .toList());
    }

    @Test
    void a_new_key_is_its_owners_alone() throws IOException {
        KeyStore.Kept kept = init(TWO);
        assertThat(kept.isNew()).isTrue();
        assertThat(kept.file()).isEqualTo(directory.resolve("private/replica-2.key"));
        assertThat(permissions(kept.file())).isEqualTo("rw-------");
        assertThat(permissions(directory.resolve("private"))).isEqualTo("rwx------");
        assertThat(store().ring().entries()).containsExactly(kept.entry());
        try (Stream<Path> files = Files.list(directory.resolve("private"))) {
            assertThat(files.map(path -> String.valueOf(path.getFileName())))
                    .containsExactlyInAnyOrder("replica-2.key", ".lock");
        }
    }

    @Test
    void made_again_it_stays() throws IOException {
        KeyStore.Kept first = init(TWO);
        String before = Files.readString(first.file());
        KeyStore.Kept again = init(TWO);
        assertThat(again.isNew()).isFalse();
        assertThat(again.entry()).isEqualTo(first.entry());
        assertThat(Files.readString(first.file())).isEqualTo(before);
        assertThatThrownBy(() -> PrivateKeyFile.writeNew(first.file(), Bytes.wrap(new byte[32])))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(Files.readString(first.file())).isEqualTo(before);
    }

    /// As after a crash between the two.
    @Test
    void a_private_key_that_nobody_was_told_of_is_taken_up() throws IOException {
        KeyStore.Kept first = init(TWO);
        Files.delete(directory.resolve("cluster.keys"));
        KeyStore.Kept again = init(TWO);
        assertThat(again.isNew()).isFalse();
        assertThat(again.entry()).isEqualTo(first.entry());
        assertThat(store().ring().entries()).containsExactly(first.entry());
    }

    @Test
    void what_others_can_use_is_refused() throws IOException {
        KeyStore.Kept kept = init(TWO);
        for (String permissions : List.of("rw-r-----", "rw----r--", "rw--w----", "rwx-----x")) {
            Files.setPosixFilePermissions(
                    kept.file(), PosixFilePermissions.fromString(permissions));
            assertThatThrownBy(() -> store().signingKey(library, kept.entry()))
                    .isInstanceOf(KeyRefusedException.class)
                    .hasMessageContaining("can be used by others (" + permissions + ")")
                    .hasMessageContaining("chmod 600");
        }
        Files.setPosixFilePermissions(kept.file(), PosixFilePermissions.fromString("r--------"));
        assertThat(store().signingKey(library, kept.entry()).publicKey())
                .isEqualTo(kept.entry().key());
        Files.setPosixFilePermissions(
                directory.resolve("private"), PosixFilePermissions.fromString("rwx-w----"));
        assertThatThrownBy(() -> store().signingKey(library, kept.entry()))
                .isInstanceOf(KeyRefusedException.class)
                .hasMessageContaining("chmod 700");
    }

    @Test
    void what_is_no_key_is_refused_in_a_sentence() throws IOException {
        KeyStore.Kept kept = init(TWO);
        String good = Files.readString(kept.file());
        for (String bad :
                List.of(
                        "",
                        "x",
                        good.substring(0, 40),
                        good.replace("MC4C", "MC4D"),
                        good.replace("PRIVATE", "PUBLIC"),
                        "-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----",
                        "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----",
                        good.repeat(2),
                        "\u0000".repeat(5000))) {
            Files.writeString(kept.file(), bad);
            assertThatThrownBy(() -> store().signingKey(library, kept.entry()))
                    .isInstanceOf(KeyRefusedException.class)
                    .hasMessageContaining("is no private key of Ed25519 in PEM");
        }
        Files.writeString(kept.file(), good.replace("\n", "\r\n"));
        assertThat(store().signingKey(library, kept.entry()).publicKey())
                .isEqualTo(kept.entry().key());
        Files.delete(kept.file());
        assertThatThrownBy(() -> store().signingKey(library, kept.entry()))
                .isInstanceOf(KeyRefusedException.class)
                .hasMessageContaining("there is no private key");
    }

    @Test
    void a_key_that_is_elsewhere_is_not_made_again() throws IOException {
        KeyStore.Kept kept = init(TWO);
        Files.delete(kept.file());
        assertThatThrownBy(() -> init(TWO))
                .isInstanceOf(KeyRefusedException.class)
                .hasMessageContaining("its private half is not here");
        KeyStore.Kept other = init(KeyOwner.client(7));
        Files.move(other.file(), kept.file());
        assertThatThrownBy(() -> init(TWO))
                .isInstanceOf(KeyRefusedException.class)
                .hasMessageContaining("is not the private half of replica 2 from 1 key");
    }

    @Test
    void a_rotated_key_counts_from_its_epoch_on() {
        KeyStore.Kept first = init(TWO);
        KeyStore.Kept second = rotate(TWO, FIFTH);
        assertThat(second.isNew()).isTrue();
        assertThat(second.file().toString()).endsWith("replica-2.epoch-5.key");
        assertThat(rotate(TWO, FIFTH).isNew()).isFalse();
        KeyRing ring = store().ring();
        assertThat(ring.keyOf(TWO, new Epoch(4))).isEqualTo(first.entry());
        assertThat(ring.keyOf(TWO, FIFTH)).isEqualTo(second.entry());
        assertThat(ring.keyOf(TWO, new Epoch(9))).isEqualTo(second.entry());
        assertThatThrownBy(() -> rotate(TWO, new Epoch(4)))
                .isInstanceOf(KeyRefusedException.class)
                .hasMessageContaining("choose a later epoch");
        assertThatThrownBy(() -> rotate(KeyOwner.client(1), FIFTH))
                .isInstanceOf(KeyRefusedException.class)
                .hasMessageContaining("has no key yet");

        MemberKeys keys = new MemberKeys(library, ring, store());
        Credentials before = keys.credentials(new ReplicaId(2), new Epoch(4), members(2));
        Credentials after = keys.credentials(new ReplicaId(2), FIFTH, members(2));
        Bytes content = Bytes.wrap("vote".getBytes(StandardCharsets.US_ASCII));
        Bytes old = before.signer().sign(content);
        assertThat(before.verifier().isGenuine(new ReplicaId(2), content, old)).isTrue();
        assertThat(after.verifier().isGenuine(new ReplicaId(2), content, old)).isFalse();
    }

    @Test
    void members_tell_each_other_and_nobody_else() {
        init(KeyOwner.replica(new ReplicaId(1)));
        init(TWO);
        init(KeyOwner.replica(new ReplicaId(3)));
        MemberKeys keys = MemberKeys.load(SignatureProvider.best(), store());
        Credentials one = keys.credentials(new ReplicaId(1), Epoch.FIRST, members(1, 2));
        assertThat(one.cluster()).isEqualTo(CLUSTER);
        Bytes content = Bytes.wrap(new byte[200], 3, 150);
        Bytes signature = one.signer().sign(content);
        assertThat(signature.size()).isEqualTo(64);
        assertThat(one.signer().sign(content)).isEqualTo(signature);
        Credentials.Verifier two = keys.verifier(Epoch.FIRST, members(1, 2));
        assertThat(two.isGenuine(new ReplicaId(1), content, signature)).isTrue();
        assertThat(two.isGenuine(new ReplicaId(2), content, signature)).isFalse();
        assertThat(two.isGenuine(new ReplicaId(3), content, signature)).isFalse();
        assertThat(two.isGenuine(new ReplicaId(1), content.slice(1, 149), signature)).isFalse();
        for (int size = 0; size < 130; size++) {
            assertThat(two.isGenuine(new ReplicaId(1), content, Bytes.wrap(new byte[size])))
                    .isFalse();
        }
        assertThatThrownBy(() -> keys.credentials(new ReplicaId(1), Epoch.FIRST, members(1, 2, 4)))
                .isInstanceOf(KeyRefusedException.class)
                .hasMessageContaining("replica 4 has no key in epoch 1")
                .hasMessageContaining("lockstep keys init --id 4");
    }

    @Test
    void files_of_several_machines_are_put_together_by_appending() throws IOException {
        init(KeyOwner.replica(new ReplicaId(1)));
        KeyStore other =
                new KeyStore(directory.resolve("other.keys"), directory.resolve("elsewhere"));
        other.init(library, CLUSTER, TWO, Epoch.FIRST);
        Files.writeString(
                store().publicKeys(),
                Files.readString(other.publicKeys()),
                StandardOpenOption.APPEND);
        assertThat(store().ring().entries()).hasSize(2);
        KeyRing merged = store().ring();
        Files.writeString(
                store().publicKeys(),
                Files.readString(other.publicKeys()),
                StandardOpenOption.APPEND);
        assertThat(store().ring().entries()).isEqualTo(merged.entries());
        assertThat(store().ring().digest(SignatureProvider.ACCP))
                .isEqualTo(merged.digest(SignatureProvider.ACCP))
                .isNotEqualTo(merged.digest(SignatureProvider.BOUNCY_CASTLE))
                .isNotEqualTo(other.ring().digest(SignatureProvider.ACCP));
    }

    @Test
    void public_keys_that_cannot_be_are_refused_with_their_line() {
        init(TWO);
        String key = Encodings.hex(store().ring().entries().getFirst().key());
        String head = "lockstep keys 1\ncluster " + CLUSTER + "\n";
        refused("", "does not say of which cluster");
        refused("cluster " + CLUSTER, "line 1: the file does not begin with 'lockstep keys 1'");
        refused("lockstep keys 2\n", "line 1: this build knows version 1");
        refused("lockstep keys 1\ncluster 12\n", "line 2: the id of a cluster has 32");
        refused("lockstep keys 1\nreplica 1 from 1 key " + key, "must stand before the keys");
        refused(head + "cluster " + new ClusterId(3, 4), "line 3: the file has keys of another");
        for (String line :
                List.of(
                        "replica",
                        "replica 0 from 1 key " + key,
                        "replica 65536 from 1 key " + key,
                        "client 0 from 1 key " + key,
                        "replica 1 from 0 key " + key,
                        "replica 1 from 1 key " + key + " x",
                        "replica 1 from 1 key " + key.substring(2),
                        "replica 1 from 1 key " + "zz".repeat(32),
                        "replica 1 since 1 key " + key,
                        "leader 1 from 1 key " + key,
                        "replica 99999999999 from 1 key " + key,
                        "replica 1  from 1 key " + key)) {
            refused(head + line, "line 3: a line is like 'replica 2 from 1 key'");
        }
        refused(head + "replica 1 from 1 key " + "00".repeat(32), "is no public key of Ed25519");
        String mine = "replica 1 from 1 key " + key + "\n";
        refused(head + mine + "replica 2 from 1 key " + key, "is also a key of replica 1");
        refused(head + mine + "client 1 from 1 key " + key, "is also a key of replica 1");
        refused(head + mine + "replica 1 from 2 key " + key, "is also a key of replica 1");
        String other = Encodings.hex(library.signingKey(Bytes.wrap(new byte[32])).publicKey());
        refused(head + mine + "replica 1 from 1 key " + other, "has two keys from epoch 1 on");
        assertThat(KeyRingText.parse("f", "# c\n\n" + head + "  \n#\n" + mine).entries())
                .hasSize(1);
    }

    private static void refused(String text, String why) {
        assertThatThrownBy(() -> KeyRingText.parse("cluster.keys", text))
                .isInstanceOf(KeyRefusedException.class)
                .hasMessageStartingWith("cluster.keys")
                .hasMessageContaining(why);
    }

    @Test
    void keys_of_another_cluster_stay_as_they_are() {
        init(TWO);
        assertThatThrownBy(() -> store().init(library, new ClusterId(3, 4), TWO, Epoch.FIRST))
                .isInstanceOf(KeyRefusedException.class)
                .hasMessageContaining("has the keys of cluster " + CLUSTER);
    }

    @Test
    void a_cluster_pins_what_is_quick() {
        assertThat(SignatureProvider.parse("accp")).isEqualTo(SignatureProvider.ACCP);
        assertThat(SignatureProvider.parse("bouncy-castle"))
                .isEqualTo(SignatureProvider.BOUNCY_CASTLE);
        assertThatThrownBy(() -> SignatureProvider.parse("jdk"))
                .hasMessageContaining("a hundred times slower");
        assertThatThrownBy(() -> SignatureProvider.parse("x")).hasMessageContaining("choose accp");
        assertThat(SignatureProvider.BOUNCY_CASTLE.isAvailable()).isTrue();
    }
}
