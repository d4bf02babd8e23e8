package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.ProtocolRecord;

import org.jspecify.annotations.Nullable;

/// What a member of an epoch under stability ordering writes to its journal.
public sealed interface StabilityRecord extends ProtocolRecord {

    /// A command and what this member has said of it so far.
    record Known(Command command, Vote vote) implements StabilityRecord {
        @Override
        public @Nullable Batch batch() {
            return command.batch();
        }
    }

    /// What this member has said of a command by now, in place of what it had before.
    record Voted(CommandId id, Vote vote) implements StabilityRecord {}

    /// No candidate at or below `floor` is made after a restart, and all of those at or below
    /// `base` belong to commands that were executed when this was written.
    record Reserved(long floor, long base) implements StabilityRecord {}

    /// A command took its position.
    ///
    /// @param empty what is delivered in place of the command's batch if that does not count, or if
    ///     it is a stop sign; else null
    record Executed(long position, Mark mark, @Nullable Batch empty) implements StabilityRecord {
        @Override
        public @Nullable Batch batch() {
            return empty;
        }
    }

    /// A position was learnt from another member's history.
    record Learnt(HistoryEntry entry) implements StabilityRecord {
        @Override
        public Batch batch() {
            return entry.batch();
        }
    }
}
