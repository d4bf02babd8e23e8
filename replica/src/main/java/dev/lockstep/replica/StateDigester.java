package dev.lockstep.replica;

/// Reads and digests whole states on behalf of a replica, on another thread than the replica's: a
/// state of gigabytes takes seconds.
public interface StateDigester {

    /// Digests nothing: this replica compares no states of its own accord.
    StateDigester NONE = FrozenDigest::close;

    /// Digests a state, hands the digest in through [Replica#onStateDigest] and closes what was
    /// frozen. A digest that cannot be had is left out; the next comes in its time.
    void digest(FrozenDigest frozen);
}
