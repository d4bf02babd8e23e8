package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The file that says whose a data directory is: a few lines that people can read, the last one a
/// CRC32C of those before.
///
/// ```
/// lockstep identity 1
/// cluster 0f3c…
/// replica 2
/// incarnation 77ab…
/// boot 5
/// base 1200
/// crc32c 9a8b7c6d
/// ```
///
/// The line `base` is there if the cluster was restored from a backup, or goes on from one that
/// lost its majority; `parent` then follows, and names that one.
///
/// It is small, and what it says is nowhere else: there is a copy of it. Each is written under
/// another name, synced, and renamed, so that there is always an old one or a new one; the copy
/// first, and nothing is done under an identity before both say so. So whichever of them is intact
/// is the last that was used, or says more than that: a boot is never shown twice.
final class IdentityFile {

    static final String NAME = "identity";
    static final String COPY_NAME = "identity.copy";
    private static final String FRESH_NAME = "identity.new";
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final String FIRST_LINE = "lockstep identity 1";
    private static final String ANY_VERSION = "lockstep identity ";
    private static final int MAX_BYTES = 4096;
    private static final String[] FIELDS = {"cluster ", "replica ", "incarnation ", "boot "};
    private static final String BASE = "base ";
    private static final String PARENT = "parent ";
    private static final String CHECKSUM = "crc32c ";

    private IdentityFile() {}

    /// The file does not say any more whose the directory is.
    static final class Damaged extends ConfigException {

        private static final long serialVersionUID = 1L;

        Damaged(String sentence) {
            super(sentence);
        }
    }

    static boolean isOne(String name) {
        return name.equals(NAME) || name.equals(COPY_NAME) || name.equals(FRESH_NAME);
    }

    static boolean exists(FileStore store) throws IOException {
        List<String> names = store.list();
        return names.contains(NAME) || names.contains(COPY_NAME);
    }

    /// Returns once the identity is durable.
    static void write(FileStore store, Identity identity) throws IOException {
        byte[] text = text(identity).getBytes(StandardCharsets.US_ASCII);
        write(store, COPY_NAME, text);
        write(store, NAME, text);
    }

    private static void write(FileStore store, String name, byte[] text) throws IOException {
        try (StoredFile file = store.open(FRESH_NAME)) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap(text));
            file.force();
        }
        store.rename(FRESH_NAME, name);
        store.syncDirectory();
    }

    /// Reads the identity, which must exist: from the copy if the file is damaged or gone, or older
    /// because a process ended between the two.
    ///
    /// @param where the directory, for people
    /// @throws Damaged if the file is damaged and so is its copy
    /// @throws ConfigException if it is of another version
    static Identity read(FileStore store, String where) throws IOException {
        Identity copy = null;
        try {
            copy = store.list().contains(COPY_NAME) ? read(store, COPY_NAME, where) : null;
        } catch (Damaged damaged) {
            LOG.warn("{}; it is a copy, and is written anew", damaged.getMessage());
        }
        Identity first;
        try {
            first = read(store, NAME, where);
        } catch (Damaged damaged) {
            if (copy == null) {
                throw damaged;
            }
            LOG.warn("the identity file of {} is damaged, its copy is intact", where);
            return copy;
        }
        boolean isLater =
                copy != null
                        && copy.incarnation().equals(first.incarnation())
                        && copy.boot() > first.boot();
        return copy != null && isLater ? copy : first;
    }

    private static Identity read(FileStore store, String name, String where) throws IOException {
        if (!store.list().contains(name)) {
            throw damaged(where, "is gone");
        }
        try (StoredFile file = store.open(name)) {
            if (file.size() > MAX_BYTES) {
                throw damaged(where, "has " + file.size() + " bytes");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(0, bytes);
            bytes.flip();
            return parse(StandardCharsets.ISO_8859_1.decode(bytes).toString(), where);
        }
    }

    private static Identity parse(String text, String where) {
        int bodyEnd = text.lastIndexOf(CHECKSUM);
        if (bodyEnd < 0) {
            throw damaged(where, "has no checksum");
        }
        String body = text.substring(0, bodyEnd);
        if (!text.substring(bodyEnd).equals(checksumLine(body))) {
            throw damaged(where, "does not match its checksum");
        }
        List<String> lines = body.lines().toList();
        String first = lines.isEmpty() ? "" : lines.getFirst();
        if (!first.equals(FIRST_LINE)) {
            throw first.startsWith(ANY_VERSION)
                    ? new ConfigException(
                            "the identity file of %s is of version %s, this build knows version 1; run the build that wrote it"
                                    .formatted(where, first.substring(ANY_VERSION.length())))
                    : damaged(where, "does not begin with \"" + FIRST_LINE + "\"");
        }
        try {
            return new Identity(
                    ClusterId.parse(field(lines, 0)),
                    new ReplicaId(Integer.parseInt(field(lines, 1))),
                    Incarnation.parse(field(lines, 2)),
                    Integer.parseInt(field(lines, 3)),
                    base(lines),
                    parent(lines));
        } catch (IllegalArgumentException e) {
            throw damaged(where, "cannot be read: " + e.getMessage());
        }
    }

    private static long base(List<String> lines) {
        int index = FIELDS.length + 1;
        if (index == lines.size()) {
            return 0;
        }
        if (!lines.get(index).startsWith(BASE)) {
            throw new IllegalArgumentException("there is no line " + BASE.strip());
        }
        return Long.parseLong(lines.get(index).substring(BASE.length()));
    }

    private static @Nullable ClusterId parent(List<String> lines) {
        int index = FIELDS.length + 2;
        if (index >= lines.size()) {
            return null;
        }
        if (!lines.get(index).startsWith(PARENT)) {
            throw new IllegalArgumentException("there is no line " + PARENT.strip());
        }
        return ClusterId.parse(lines.get(index).substring(PARENT.length()));
    }

    private static String field(List<String> lines, int index) {
        String name = FIELDS[index];
        String line = index + 1 < lines.size() ? lines.get(index + 1) : "";
        if (!line.startsWith(name)) {
            throw new IllegalArgumentException("there is no line " + name.strip());
        }
        return line.substring(name.length());
    }

    private static String text(Identity identity) {
        Object[] values = {
            identity.cluster(), identity.replica(), identity.incarnation(), identity.boot()
        };
        StringBuilder body = new StringBuilder(FIRST_LINE).append('\n');
        for (int i = 0; i < FIELDS.length; i++) {
            body.append(FIELDS[i]).append(values[i]).append('\n');
        }
        ClusterId parent = identity.parent();
        if (identity.base() > 0 || parent != null) {
            body.append(BASE).append(identity.base()).append('\n');
        }
        if (parent != null) {
            body.append(PARENT).append(parent).append('\n');
        }
        return body + checksumLine(body.toString());
    }

    private static String checksumLine(String body) {
        int crc = Bytes.wrap(body.getBytes(StandardCharsets.ISO_8859_1)).crc32c();
        return "%s%08x\n".formatted(CHECKSUM, crc);
    }

    private static Damaged damaged(String where, String how) {
        return new Damaged(
                "the identity file of %s is damaged (it %s); restore the directory from a copy made since the replica last ran"
                        .formatted(where, how));
    }
}
