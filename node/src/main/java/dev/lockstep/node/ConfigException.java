package dev.lockstep.node;

/// A node cannot start as it is configured, or where it is. The message is one sentence: what is
/// wrong, with which thing, and what to do.
public sealed class ConfigException extends RuntimeException
        permits IdentityFile.Damaged {

    private static final long serialVersionUID = 1L;

    /// @param sentence for the operator
    public ConfigException(String sentence) {
        super(sentence);
    }

    /// @param sentence for the operator
    public ConfigException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
