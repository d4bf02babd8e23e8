package dev.lockstep.replica;

import dev.lockstep.core.wire.MalformedException;

/// The journal is what follows a snapshot, and there is no such snapshot that is intact: what this
/// replica knew before is lost.
public final class SnapshotLostException extends MalformedException {

    private static final long serialVersionUID = 1L;

    SnapshotLostException(String message) {
        super(message);
    }
}
