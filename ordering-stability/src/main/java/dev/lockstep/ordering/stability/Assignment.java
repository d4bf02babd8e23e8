package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.stability.OpenCommands.Slot;

import java.util.List;

/// How a command comes by its unique id under fail-stop faults.
interface Assignment {

    /// This member's next command.
    ///
    /// @return what the others are told
    Entry originate(CommandId id, long stampNanos, Batch batch);

    /// Another member's next command.
    void onPropose(int rank, Entry entry);

    /// A command that came before, again: its coordinator may lack the answer.
    void onRepeated(int rank, CommandId id);

    /// A member's candidate for a command of this one's.
    void onCandidate(int rank, CommandId id, long value);

    /// The unique id of another member's command.
    void onFix(CommandId id, long value);

    /// Who has not made a candidate yet for a command of this member's.
    List<ReplicaId> unanswered(CommandId id);

    /// Sends a member again what it lacks of a command of this one's that it has.
    void repeat(int rank, Slot slot);
}
