package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ProtocolRecord;

import org.jspecify.annotations.Nullable;

/// What a member writes down (§2).
sealed interface ByzantineRecord extends ProtocolRecord {

    /// The safety record: what this member must not contradict, whatever happens to it.
    ///
    /// @param view the one that it is in
    /// @param timeoutSent the highest view that it gave up; -1 if none
    /// @param vote1 its last first vote; null before
    /// @param vote2 its last second vote; null before
    /// @param highQc1 its lock
    /// @param proposedIn the last view in which it proposed; -1 if none
    /// @param timeoutCertificate what the view began with; null in view 0
    record Safety(
            long view,
            long timeoutSent,
            @Nullable BlockRef vote1,
            @Nullable BlockRef vote2,
            Certificate highQc1,
            long proposedIn,
            @Nullable TimeoutCertificate timeoutCertificate)
            implements ByzantineRecord {}

    /// A block is here.
    record Stored(Block block) implements ByzantineRecord {
        @Override
        public Batch batch() {
            return block.payload().batch();
        }
    }

    /// A stored block is delivered.
    record Delivered(Anchor anchor) implements ByzantineRecord {}
}
