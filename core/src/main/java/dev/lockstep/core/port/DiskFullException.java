package dev.lockstep.core.port;

import java.io.IOException;

/// There is no room for a write. What was durable stays so; writing may be tried again.
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1L;

    /// @param message which file of which directory, and how much was to be written
    public DiskFullException(String message) {
        super(message);
    }
}
