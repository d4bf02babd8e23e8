package dev.lockstep.journal;

import java.io.IOException;

/// Bytes that were known to be durable have changed or are gone. Nothing was altered by finding
/// this out. The message is one sentence for an operator.
public final class JournalDamagedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final long sequence;

    JournalDamagedException(String file, long offset, long sequence, String found) {
        super(
                "the journal is damaged: "
                        + file
                        + " at offset "
                        + offset
                        + ", sequence "
                        + sequence
                        + ": "
                        + found
                        + "; restore this replica's data directory from a copy, or empty it and"
                        + " let the replica join as a new one");
        this.file = file;
        this.offset = offset;
        this.sequence = sequence;
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
}
