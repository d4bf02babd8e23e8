package dev.lockstep.node;

/// A change of the cluster is not done; the message is one sentence: why, and what to do.
public final class MemberChangeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MemberChangeException(String sentence) {
        super(sentence);
    }
}
