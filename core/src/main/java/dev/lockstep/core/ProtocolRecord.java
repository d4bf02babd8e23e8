package dev.lockstep.core;

import org.jspecify.annotations.Nullable;

/// What one protocol writes to the journal: one record a kind, data only. Each protocol seals its
/// own.
public interface ProtocolRecord {

    /// The batch whose payload the record carries, if it carries one.
    ///
    /// The host remembers where the payload of every undelivered batch is, so that it can read
    /// delivered history back from the journal.
    default @Nullable Batch batch() {
        return null;
    }
}
