package dev.lockstep.net.keys;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;

/// Where keys are: the file with all public keys of the cluster, and a directory with the private
/// keys of this machine.
///
/// A private key `replica-2.key`, `client-7.key` or `operator-1.key` is that of epoch 1; one that
/// came later has its
/// first epoch in its name, `replica-2.epoch-5.key`.
///
/// Threading: none is kept. Processes that change it at the same time take turns.
///
/// @param publicKeys the file; need not exist yet
/// @param privateKeys the directory; need not exist yet
public record KeyStore(Path publicKeys, Path privateKeys) {

    private static final String LOCK = ".lock";

    /// A key that is where it should be.
    ///
    /// @param file of the private key
    /// @param isNew true if it was made just now
    public record Kept(KeyRing.Entry entry, Path file, boolean isNew) {}

    /// Reads the public keys.
    ///
    /// @throws KeyRefusedException if they cannot be read, or say what cannot be
    public KeyRing ring() {
        try {
            if (Files.size(publicKeys) > KeyRingText.MAX_CHARS) {
                throw new KeyRefusedException(
                        "%s is larger than the keys of a cluster take: name the file that 'lockstep keys init' wrote"
                                .formatted(publicKeys));
            }
            return KeyRingText.parse(publicKeys.toString(), Files.readString(publicKeys));
        } catch (NoSuchFileException e) {
            throw new KeyRefusedException(
                    "there is no file %s with the cluster's public keys: make keys with 'lockstep keys init', or copy the file from another machine"
                            .formatted(publicKeys),
                    e);
        } catch (MalformedInputException e) {
            throw new KeyRefusedException(
                    publicKeys + " is not a text in UTF-8; copy it from another machine", e);
        } catch (IOException e) {
            throw new KeyRefusedException(
                    "cannot read %s: %s".formatted(publicKeys, PrivateKeyFile.reasonOf(e)), e);
        }
    }

    /// True if there is a file with public keys.
    public boolean hasRing() {
        return Files.exists(publicKeys);
    }

    /// The file of the private key that `owner` has from `from` on.
    public Path fileOf(KeyOwner owner, Epoch from) {
        String name = owner.role().word() + "-" + owner.number();
        return privateKeys.resolve(
                from.equals(Epoch.FIRST) ? name + ".key" : name + ".epoch-" + from + ".key");
    }

    /// True if the private half of a public key is on this machine; not whether it is in order.
    public boolean hasPrivate(KeyRing.Entry entry) {
        return Files.exists(fileOf(entry.owner(), entry.from()));
    }

    /// Reads the private half of a public key.
    ///
    /// @throws KeyRefusedException if it is not here, not its owner's alone, or not the half
    public SigningKey signingKey(SignatureLibrary library, KeyRing.Entry entry) {
        Path file = fileOf(entry.owner(), entry.from());
        SigningKey key = library.signingKey(PrivateKeyFile.read(file));
        if (!key.publicKey().equals(entry.key())) {
            throw new KeyRefusedException(
                    "%s is not the private half of %s, which %s names: bring back the right file, or make a new key with 'lockstep keys rotate'"
                            .formatted(file, entry, publicKeys));
        }
        return key;
    }

    /// Makes the first key of `owner`, unless it is here.
    ///
    /// @throws KeyRefusedException if the public keys name another, or are another cluster's
    public Kept init(SignatureLibrary library, ClusterId cluster, KeyOwner owner, Epoch from) {
        return locked(
                () -> {
                    KeyRing ring = ringOf(cluster);
                    List<KeyRing.Entry> own = ring.entries(owner);
                    if (!own.isEmpty()) {
                        KeyRing.Entry last = own.getLast();
                        if (!hasPrivate(last)) {
                            throw new KeyRefusedException(
                                    "%s has a key already (%s), and its private half is not here, where %s would be: bring it, or make a new one with 'lockstep keys rotate'"
                                            .formatted(owner, last, fileOf(owner, last.from())));
                        }
                        var _ = signingKey(library, last);
                        return new Kept(last, fileOf(owner, last.from()), false);
                    }
                    return make(library, ring, owner, from);
                });
    }

    /// Makes the key that `owner` has from the epoch `from` on, unless it is here.
    ///
    /// @throws KeyRefusedException if `owner` has no key yet, or one from a later epoch on
    public Kept rotate(SignatureLibrary library, ClusterId cluster, KeyOwner owner, Epoch from) {
        return locked(
                () -> {
                    KeyRing ring = ringOf(cluster);
                    List<KeyRing.Entry> own = ring.entries(owner);
                    if (own.isEmpty()) {
                        throw new KeyRefusedException(
                                "%s has no key yet: make its first with 'lockstep keys init'"
                                        .formatted(owner));
                    }
                    KeyRing.Entry last = own.getLast();
                    if (last.from().equals(from) && hasPrivate(last)) {
                        var _ = signingKey(library, last);
                        return new Kept(last, fileOf(owner, from), false);
                    }
                    if (last.from().compareTo(from) >= 0) {
                        throw new KeyRefusedException(
                                "%s has a key from epoch %s on: choose a later epoch, one that has not begun"
                                        .formatted(owner, last.from()));
                    }
                    return make(library, ring, owner, from);
                });
    }

    /// The private half is durable before the public one is told. What an interrupted command left
    /// behind is taken up: a key that is here and in no file of public keys was never used.
    private Kept make(SignatureLibrary library, KeyRing ring, KeyOwner owner, Epoch from)
            throws IOException {
        Path file = fileOf(owner, from);
        boolean isNew = true;
        try {
            byte[] seed = new byte[StrictEd25519.KEY_BYTES];
            new SecureRandom().nextBytes(seed);
            PrivateKeyFile.writeNew(file, Bytes.wrap(seed));
        } catch (FileAlreadyExistsException _) {
            isNew = false;
        }
        Bytes key = library.signingKey(PrivateKeyFile.read(file)).publicKey();
        KeyRing.Entry entry = new KeyRing.Entry(owner, from, key);
        DurableFiles.replace(publicKeys, withComment(KeyRingText.of(ring.with(entry))));
        return new Kept(entry, file, isNew);
    }

    private static String withComment(String text) {
        return """
        # The public keys of a Lockstep cluster: the same on all its machines. Files of several
        # machines are put together by appending one to the other; see docs/keys.md.
        """
                + text;
    }

    private KeyRing ringOf(ClusterId cluster) {
        if (!hasRing()) {
            return KeyRing.empty(cluster);
        }
        KeyRing ring = ring();
        if (!ring.cluster().equals(cluster)) {
            throw new KeyRefusedException(
                    "%s has the keys of cluster %s, and this one is %s: name another file with signatures: {public-keys: FILE}"
                            .formatted(publicKeys, ring.cluster(), cluster));
        }
        return ring;
    }

    /// What is done while no other process changes the keys.
    @FunctionalInterface
    private interface Change {
        Kept run() throws IOException;
    }

    private Kept locked(Change change) {
        PrivateKeyFile.prepareDirectory(privateKeys);
        try {
            @Nullable Path parent = publicKeys.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            try (FileChannel lock =
                            FileChannel.open(
                                    privateKeys.resolve(LOCK),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    var _ = lock.lock()) {
                return change.run();
            }
        } catch (IOException e) {
            throw new KeyRefusedException(
                    "cannot write keys to %s and %s: %s"
                            .formatted(publicKeys, privateKeys, PrivateKeyFile.reasonOf(e)),
                    e);
        }
    }
}
