package dev.lockstep.core;

/// What a genuine proof shows of a member.
///
/// @param about who it was
/// @param epoch in which epoch
/// @param deed what it did, to follow "replica 2": "signed two blocks for one place, view 3, 4th"
public record Accusation(ReplicaId about, Epoch epoch, String deed) {

    @Override
    public String toString() {
        return "replica " + about + " " + deed + " (epoch " + epoch + ")";
    }
}
