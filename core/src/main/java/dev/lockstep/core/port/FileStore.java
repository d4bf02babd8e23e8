package dev.lockstep.core.port;

import java.io.IOException;
import java.util.List;

/// One directory of files, as a journal sees it. The simulator's loses and tears what was not
/// synced.
///
/// Threading: one thread at a time, except [#usableBytes()].
public interface FileStore {

    /// The names of all files, ascending.
    List<String> list() throws IOException;

    /// Opens a file for reading and writing, creating an empty one if there is none.
    StoredFile open(String name) throws IOException;

    /// Renames, replacing `to`; durable after [#syncDirectory()].
    void rename(String from, String to) throws IOException;

    /// Deletes a file; durable after [#syncDirectory()].
    void delete(String name) throws IOException;

    /// Makes creations, renames and deletions durable.
    void syncDirectory() throws IOException;

    /// How much more can be written before the disk is full, in bytes, as far as is known.
    long usableBytes();
}
