package dev.lockstep.node;

/// A node cannot go on. The message is one sentence: what happened, to which thing, what to do.
final class NodeFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NodeFailure(String sentence) {
        super(sentence);
    }

    NodeFailure(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
