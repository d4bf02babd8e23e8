package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;

/// One private key in a file: PKCS #8 in PEM, as other tools write it too, readable by its owner
/// alone. It is written under another name, synced, and only then gets its own; one that is there
/// is never written over.
final class PrivateKeyFile {

    private static final int MAX_BYTES = 4096;
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final Set<PosixFilePermission> OTHERS =
            EnumSet.of(
                    PosixFilePermission.GROUP_READ,
                    PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.GROUP_EXECUTE,
                    PosixFilePermission.OTHERS_READ,
                    PosixFilePermission.OTHERS_WRITE,
                    PosixFilePermission.OTHERS_EXECUTE);
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private PrivateKeyFile() {}

    /// Makes the directory, for its owner alone, or finds one that nobody else may write to.
    static void prepareDirectory(Path directory) {
        try {
            if (!Files.exists(directory)) {
                Files.createDirectories(
                        directory,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
            }
            checkDirectory(directory);
        } catch (UnsupportedOperationException e) {
            throw withoutPermissions(directory, e);
        } catch (IOException e) {
            throw new KeyRefusedException(
                    "cannot make the directory %s for private keys: %s"
                            .formatted(directory, reasonOf(e)),
                    e);
        }
    }

    private static void checkDirectory(Path directory) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        if (permissions.stream().anyMatch(OTHERS_WRITE::contains)) {
            throw new KeyRefusedException(
                    "the directory %s for private keys can be written to by others (%s): run chmod 700 on it, and look whether its keys are still yours"
                            .formatted(directory, PosixFilePermissions.toString(permissions)));
        }
    }

    /// Writes a key that is not there yet; returns once it is durable.
    ///
    /// @throws FileAlreadyExistsException if there is one, which stays as it is
    static void writeNew(Path file, Bytes seed) throws FileAlreadyExistsException {
        Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
        try {
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            Files.deleteIfExists(fresh);
            byte[] pem = pem(seed).getBytes(StandardCharsets.US_ASCII);
            try (FileChannel out =
                    FileChannel.open(
                            fresh,
                            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = ByteBuffer.wrap(pem);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            // A second name instead of another one: it fails if somebody was faster.
            Files.createLink(file, fresh);
            Files.delete(fresh);
            DurableFiles.syncDirectoryOf(file);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException e) {
            throw withoutPermissions(file, e);
        } catch (IOException e) {
            throw new KeyRefusedException(
                    "cannot write the private key %s: %s".formatted(file, reasonOf(e)), e);
        }
    }

    /// Reads a key; its 32 bytes.
    ///
    /// @throws KeyRefusedException if it is not there, others can read or change it, or it is none
    static Bytes read(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(OTHERS::contains)) {
                throw new KeyRefusedException(
                        "the private key %s can be used by others (%s): run chmod 600 on it, and if anybody else works on this machine, make a new one with 'lockstep keys rotate'"
                                .formatted(file, PosixFilePermissions.toString(permissions)));
            }
            checkOwner(file);
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                checkDirectory(directory);
            }
            if (Files.size(file) > MAX_BYTES) {
                throw isNone(file);
            }
            return parse(file, Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (UnsupportedOperationException e) {
            throw withoutPermissions(file, e);
        } catch (NoSuchFileException e) {
            throw new KeyRefusedException(
                    "there is no private key %s: make one with 'lockstep keys init', or bring it from where it is"
                            .formatted(file),
                    e);
        } catch (IOException e) {
            throw new KeyRefusedException(
                    "cannot read the private key %s: %s".formatted(file, reasonOf(e)), e);
        }
    }

    /// A file of somebody else is one that somebody else may change.
    private static void checkOwner(Path file) throws IOException {
        UserPrincipal user;
        try {
            user =
                    file.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName(System.getProperty("user.name", ""));
        } catch (UserPrincipalNotFoundException _) {
            return; // a container whose users have no names: the permissions say enough
        }
        UserPrincipal owner = Files.getOwner(file);
        if (!owner.equals(user)) {
            throw new KeyRefusedException(
                    "the private key %s belongs to %s, and this process is %s's: run it as %s, or change the file's owner"
                            .formatted(file, owner.getName(), user.getName(), owner.getName()));
        }
    }

    private static Bytes parse(Path file, String text) {
        String inner = text.strip();
        if (!inner.startsWith(BEGIN) || !inner.endsWith(END)) {
            throw isNone(file);
        }
        Bytes der;
        try {
            String base64 = inner.substring(BEGIN.length(), inner.length() - END.length());
            der = Bytes.wrap(Base64.getDecoder().decode(base64.replaceAll("\\s", "")));
        } catch (IllegalArgumentException | StringIndexOutOfBoundsException _) {
            throw isNone(file);
        }
        if (!Encodings.isPkcs8(der)) {
            throw isNone(file);
        }
        return Encodings.seedOf(der);
    }

    private static String pem(Bytes seed) {
        return BEGIN
                + "\n"
                + Base64.getEncoder().encodeToString(Encodings.pkcs8(seed))
                + "\n"
                + END
                + "\n";
    }

    private static KeyRefusedException isNone(Path file) {
        return new KeyRefusedException(
                "%s is no private key of Ed25519 in PEM (PKCS #8, not encrypted): bring back the file that 'lockstep keys init' wrote, or make a new key with 'lockstep keys rotate'"
                        .formatted(file));
    }

    private static KeyRefusedException withoutPermissions(Path path, Exception e) {
        return new KeyRefusedException(
                "the file system of %s knows no permissions, and a private key must be its owner's alone: choose a directory on another with signatures: {private-keys: DIR}"
                        .formatted(path),
                e);
    }

    /// Some exceptions have no words but a file's name.
    static String reasonOf(IOException e) {
        return e instanceof AccessDeniedException
                ? "this user may not; grant it"
                : String.valueOf(e.getMessage());
    }
}
