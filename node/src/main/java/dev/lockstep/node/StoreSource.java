package dev.lockstep.node;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.journal.DirectoryStore;

import java.io.IOException;
import java.nio.file.Path;

/// Where a node keeps its identity and its journal.
interface StoreSource {

    /// What it is called in sentences for people.
    String where();

    /// Opens it for this node alone; closed if it can be.
    ///
    /// @throws ConfigException if it is in use or cannot be written to
    FileStore open();

    /// A directory of the file system.
    static StoreSource directory(Path directory) {
        return new StoreSource() {
            @Override
            public String where() {
                return directory.toString();
            }

            @Override
            public FileStore open() {
                try {
                    return DirectoryStore.open(directory);
                } catch (IOException e) {
                    // The store's own words: they name the directory and what to do.
                    throw new ConfigException(String.valueOf(e.getMessage()), e);
                }
            }
        };
    }

    /// A store that lives longer than the node.
    static StoreSource of(FileStore store, String where) {
        return new StoreSource() {
            @Override
            public String where() {
                return where;
            }

            @Override
            public FileStore open() {
                return store;
            }
        };
    }
}
