package dev.lockstep.replica;

/// A running digest of every reply that commands were given, and of what they changed as far as the
/// service says, in the order of execution: equal on all replicas that have executed equally far,
/// unless one of them is broken. Duplicates and refusals are not folded in.
final class ReplyChain {

    private long digest;

    long digest() {
        return digest;
    }

    void restore(long written) {
        digest = written;
    }

    void fold(long session, long sequence, int status, byte[] reply, int offset, int length) {
        long folded = Mixing.fold(digest, session);
        folded = Mixing.fold(folded, sequence);
        folded = Mixing.fold(folded, status);
        digest = Mixing.fold(folded, reply, offset, length);
    }

    /// Something was changed, by a command whose reply is folded in or by a deadline.
    void foldChange(long changed) {
        digest = Mixing.fold(digest, changed);
    }
}
