package dev.lockstep.core.port;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A search for records of a journal by what they are, which goes on step by step, so that whoever
/// drives it can do something else in between. The journal may grow meanwhile, and lose its
/// beginning.
///
/// Threading: the replica's thread.
public interface RecordSearch {

    /// Looks on; a step takes about a millisecond, unless the disk is slow.
    ///
    /// @return true if nothing is left to look at, or all was found
    /// @throws java.io.UncheckedIOException if the file cannot be read, or one of the records was
    ///     found damaged
    boolean advance();

    /// What was found so far: as many as are wanted, null for each that was not.
    List<@Nullable JournalRecord> found();
}
