package dev.lockstep.journal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// A snapshot, or a chunk of one that came from another member, is not what was written. Nothing
/// was altered by finding this out. The message is one sentence for an operator.
public final class SnapshotDamagedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final long position;

    private SnapshotDamagedException(
            String file, long offset, long position, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.file = file;
        this.offset = offset;
        this.position = position;
    }

    /// Something is wrong with a file.
    static SnapshotDamagedException inFile(
            String file, long offset, long position, String found, @Nullable Throwable cause) {
        return new SnapshotDamagedException(
                file,
                offset,
                position,
                "the snapshot is damaged: "
                        + file
                        + " at offset "
                        + offset
                        + ": "
                        + found
                        + ": look after the disk; an older one or another member's takes its"
                        + " place, or with a backup another backup",
                cause);
    }

    /// Something is wrong with what another member sent.
    static SnapshotDamagedException received(
            String file, long offset, long position, String found) {
        return new SnapshotDamagedException(
                file,
                offset,
                position,
                "what was received for "
                        + file
                        + " at offset "
                        + offset
                        + " is not taken: "
                        + found
                        + "; ask for it again, or ask another member",
                null);
    }

    /// The damaged file's name, or of the one that the chunk was for.
    public String file() {
        return file;
    }

    /// Where in the file the damage was noticed, or where the chunk would have begun.
    public long offset() {
        return offset;
    }

    /// The snapshot's position.
    public long position() {
        return position;
    }
}
