package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What members tell each other (§3). Whatever a message is signed with is genuine when the
/// protocol sees it ([Authentication]); certificates in it are not checked yet.
sealed interface ByzantineMessage extends ProtocolMessage {

    /// A leader wants this block voted for.
    ///
    /// @param leaderVote1 the leader's own vote, which signs the proposal
    /// @param justify what the first block of a view is built on; null for others
    /// @param timeoutCertificate what the view began with; null for others than its first block,
    ///     and in view 0
    record Propose(
            Header header,
            Payload payload,
            Bytes leaderVote1,
            @Nullable Certificate justify,
            @Nullable TimeoutCertificate timeoutCertificate)
            implements ByzantineMessage {}

    /// VOTE1: the block is fit to follow what the sender knows.
    ///
    /// @param echo what the leader signed; null where it is not echoed
    record Vote1(BlockRef block, Bytes signature, @Nullable Echo echo)
            implements ByzantineMessage {}

    /// VOTE2: the sender holds, durably, a lock on the block or on one after it in the same view.
    ///
    /// @param lock that lock; null where it is not attached
    record Vote2(BlockRef block, Bytes signature, @Nullable Certificate lock)
            implements ByzantineMessage {}

    /// The sender gives the view up and votes no more in it.
    ///
    /// @param highQc1 its lock, whose rank and hash are signed
    record Timeout(long view, Certificate highQc1, Bytes signature) implements ByzantineMessage {}

    /// The sender is in this view, with this lock. To its leader.
    record Status(long view, Certificate highQc1) implements ByzantineMessage {}

    /// EVIDENCE: a leader proposed two blocks for one place.
    record Equivocation(Echo first, Echo second) implements ByzantineMessage {}

    /// Send this block, and those before it down to a height.
    record Fetch(Hash hash, long downTo) implements ByzantineMessage {}

    /// Blocks that were asked for, each after the one that it is the parent of.
    record Blocks(List<Block> blocks) implements ByzantineMessage {
        public Blocks {
            blocks = List.copyOf(blocks);
        }
    }

    /// What proves how far the sender is.
    ///
    /// @param timeoutCertificate what its view began with; null in view 0
    /// @param committed what it committed last; null if nothing in this epoch
    record SyncInfo(
            @Nullable TimeoutCertificate timeoutCertificate,
            Certificate highQc1,
            @Nullable Certificate committed)
            implements ByzantineMessage {}
}
