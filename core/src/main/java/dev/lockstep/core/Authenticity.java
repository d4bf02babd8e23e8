package dev.lockstep.core;

/// Tells whether a message was said by whom it claims. A host asks before it hands a message in
/// ([Input.Received]); certificates inside are the protocol's own to check.
///
/// Threading: pure, and called on any thread.
@FunctionalInterface
public interface Authenticity<M extends ProtocolMessage> {

    /// True if everything that the message itself is signed with is genuine. Never throws.
    ///
    /// @param from the member whose connection it came on
    boolean isGenuine(ReplicaId from, M message);
}
