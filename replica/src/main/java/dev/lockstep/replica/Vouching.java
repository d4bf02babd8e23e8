package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

/// What members say of each other's snapshots.
sealed interface Vouching permits Checkpoints, Vouching.Nobody {

    /// The list of kept snapshots has changed, or is known now.
    void onKept(Now now);

    /// A part of one was read for this.
    ///
    /// @param token below 0
    void onRead(Now now, long token, Bytes chunk);

    /// There is a new connection to a member.
    void onConnected(ReplicaId peer);

    /// A member vouches for a snapshot.
    ///
    /// @param epoch in which it says so
    /// @throws dev.lockstep.core.wire.MalformedException if it does not
    void onCheckpoint(Now now, Member from, long epoch, Bytes content);

    /// An epoch has begun.
    void onBegun(Now now);

    /// Sends what others vouch for of a kept snapshot; false if there is none that is late enough.
    boolean prove(Now now, ReplicaId to, long atLeast);

    /// True if the journal through `position` can be done without: whoever lacks it will believe a
    /// snapshot that is kept here.
    boolean isProven(long position);

    /// Any member's snapshot is believed.
    final class Nobody implements Vouching {

        @Override
        public void onKept(Now now) {}

        @Override
        public void onRead(Now now, long token, Bytes chunk) {}

        @Override
        public void onConnected(ReplicaId peer) {}

        @Override
        public void onCheckpoint(Now now, Member from, long epoch, Bytes content) {
            var _ = CheckpointFrames.decodeCheckpoint(content);
        }

        @Override
        public void onBegun(Now now) {}

        @Override
        public boolean prove(Now now, ReplicaId to, long atLeast) {
            return false;
        }

        @Override
        public boolean isProven(long position) {
            return true;
        }
    }
}
