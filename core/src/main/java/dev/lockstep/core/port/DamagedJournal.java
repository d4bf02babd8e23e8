package dev.lockstep.core.port;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A journal in which records are damaged, while it is mended. What is put back is durable when the
/// driver has said so to the disk, before the journal is opened again.
///
/// Threading: the replica's thread. Errors: an [java.io.UncheckedIOException] if the disk fails.
public interface DamagedJournal {

    /// The records that cannot be read, in order; fewer with every one that is put back.
    List<LostRecord> lost();

    /// Puts a record back as it was.
    ///
    /// @return false if `content` is not what was there
    boolean put(LostRecord lost, Bytes content);

    /// Puts another record in the place of one that can be done without.
    ///
    /// @param content as long as what was there
    void replace(LostRecord lost, int kind, Bytes content);

    /// Looks for intact records by what they are, all at once.
    ///
    /// @return as many as `wanted`, null for each that is not there or not intact
    List<@Nullable JournalRecord> find(List<RecordIdentity> wanted);
}
