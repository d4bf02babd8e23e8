package dev.lockstep.ordering.byzantine;

/// The two votes on a block.
enum Phase {
    /// The block is fit to follow what the voter knows. So many of them make a lock.
    FIRST,
    /// The voter holds the lock, durably. So many of them commit the block.
    SECOND
}
