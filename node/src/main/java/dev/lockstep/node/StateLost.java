package dev.lockstep.node;

/// What a replica knew is not on its disk any more, though its identity is.
final class StateLost extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// @param sentence for the operator
    StateLost(String sentence) {
        super(sentence);
    }
}
