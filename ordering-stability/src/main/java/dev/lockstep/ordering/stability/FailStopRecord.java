package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.ProtocolRecord;

import org.jspecify.annotations.Nullable;

/// What a member writes down under fail-stop faults.
sealed interface FailStopRecord extends ProtocolRecord {

    /// This member takes part. Who finds it when it starts has been here before, and does not take
    /// part again.
    record Opened() implements FailStopRecord {}

    /// A command is here.
    record Logged(Entry entry) implements FailStopRecord {
        @Override
        public @Nullable Batch batch() {
            return entry.batch();
        }
    }

    /// A command's unique id.
    record Fixed(Mark mark) implements FailStopRecord {}

    /// A command is delivered.
    record Executed(long position, Mark mark) implements FailStopRecord {}

    /// What the epoch may end with.
    record Agreed(Suffix suffix) implements FailStopRecord {}

    /// It ends with what was agreed in this attempt.
    ///
    /// @param stop what the stop sign's position holds
    record Ended(long attempt, Batch stop) implements FailStopRecord {
        @Override
        public Batch batch() {
            return stop;
        }
    }

    /// A position as another member had it.
    record Learnt(HistoryEntry entry) implements FailStopRecord {
        @Override
        public @Nullable Batch batch() {
            return entry.batch();
        }
    }
}
