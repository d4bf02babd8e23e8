package dev.lockstep.client;

/// Told once what became of a command or query, on the engine's thread.
@FunctionalInterface
public interface Completion {

    /// What became of it.
    ///
    /// @param position where it was executed or what was read; 0 if nothing was
    /// @param bytes `length` bytes from `offset` are the reply, or a sentence in UTF-8 if `outcome`
    ///     is not OK; valid during the call only
    void onOutcome(Outcome outcome, long position, byte[] bytes, int offset, int length);
}
