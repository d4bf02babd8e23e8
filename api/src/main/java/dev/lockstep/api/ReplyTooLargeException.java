package dev.lockstep.api;

/// A state machine wrote a longer reply than the cluster allows.
public final class ReplyTooLargeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// Names both sizes, in bytes.
    public ReplyTooLargeException(long sizeBytes, int limitBytes) {
        super(
                "the reply has at least %d bytes, the cluster allows %d; return less or raise limits.reply-bytes"
                        .formatted(sizeBytes, limitBytes));
    }
}
