package dev.lockstep.journal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Bytes that were known to be durable have changed or are gone. Nothing was altered by finding
/// this out. The message is one sentence for an operator.
public final class JournalDamagedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String finding;
    private final String file;
    private final long offset;
    private final long sequence;
    private final transient @Nullable Lost lost;

    /// What is still known of a record that cannot be read: from its own header if only the content
    /// is damaged, otherwise from the segment's index, which exists for full segments.
    ///
    /// @param kind the host's tag
    /// @param epoch the epoch it was written in
    /// @param length of its content
    /// @param checksum CRC32C of its content
    public record Lost(int kind, long epoch, int length, int checksum) {}

    JournalDamagedException(String file, long offset, long sequence, String found) {
        this(file, offset, sequence, found, null);
    }

    JournalDamagedException(
            String file, long offset, long sequence, String found, @Nullable Lost lost) {
        super(
                finding(file, offset, sequence, found)
                        + "; leave this replica stopped, the others go on without it, and restore"
                        + " its data directory from a copy made since it last ran");
        this.finding = finding(file, offset, sequence, found);
        this.file = file;
        this.offset = offset;
        this.sequence = sequence;
        this.lost = lost;
    }

    private static String finding(String file, long offset, long sequence, String found) {
        return "the journal is damaged: "
                + file
                + " at offset "
                + offset
                + ", sequence "
                + sequence
                + ": "
                + found;
    }

    /// What is damaged, without what to do.
    public String finding() {
        return finding;
    }

    /// The damaged file's name.
    public String file() {
        return file;
    }

    /// Where in the file the damage begins.
    public long offset() {
        return offset;
    }

    /// The first record that cannot be read.
    public long sequence() {
        return sequence;
    }

    /// What is known of the first record that cannot be read, or null.
    public @Nullable Lost lost() {
        return lost;
    }
}
