package dev.lockstep.journal;

import java.io.IOException;

/// Another process, or another part of this one, works on the directory. The message is one
/// sentence.
public final class DirectoryInUseException extends IOException {

    private static final long serialVersionUID = 1L;

    DirectoryInUseException(String message) {
        super(message);
    }
}
