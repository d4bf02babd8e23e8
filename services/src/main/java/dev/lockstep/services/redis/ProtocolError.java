package dev.lockstep.services.redis;

/// What a client sent is not Redis's protocol: it is told so and disconnected.
final class ProtocolError extends Exception {

    private static final long serialVersionUID = 1L;

    /// @param message in Redis's words, after `Protocol error: `
    ProtocolError(String message) {
        super(message, null, false, false);
    }

    String words() {
        return String.valueOf(getMessage());
    }
}
