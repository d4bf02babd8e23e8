package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

/// What a member of a leader-ordered epoch writes to its journal.
public sealed interface LeaderRecord extends ProtocolRecord {

    /// The member's term, and whom it voted for in it. The last one counts.
    ///
    /// @param votedFor null as long as it has voted for nobody
    record Term(long term, @Nullable ReplicaId votedFor) implements LeaderRecord {}

    /// An entry of the log. The same bytes on every member, so that a member can give another back
    /// a record that its disk has lost.
    record Entry(LogEntry entry) implements LeaderRecord {
        @Override
        public Batch batch() {
            return entry.batch();
        }
    }

    /// The entries from `fromIndex` on were replaced by another leader's.
    record Truncated(long fromIndex) implements LeaderRecord {}

    /// Everything through `index` is committed. Written lazily, and once for many entries: losing
    /// it costs nothing.
    record Committed(long index) implements LeaderRecord {}
}
