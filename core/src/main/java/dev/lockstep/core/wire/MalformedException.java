package dev.lockstep.core.wire;

/// Bytes from a socket or a file are not what they claim to be.
///
/// The one exception that decoders throw. Whoever reads from outside catches it: a connection is
/// closed with one log line, a file is reported.
public class MalformedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// @param message which field is wrong and how
    public MalformedException(String message) {
        super(message, null, false, false);
    }
}
