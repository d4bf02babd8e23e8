package dev.lockstep.core;

/// Is told what is held in memory, and how much of it may be.
@FunctionalInterface
public interface Holdings {

    /// Tells one amount.
    ///
    /// @param what in words, such as `bytes of batches in flight`
    /// @param amount how much there is now
    /// @param most how much there may be
    void held(String what, long amount, long most);
}
