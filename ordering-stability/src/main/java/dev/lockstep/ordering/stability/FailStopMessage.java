package dev.lockstep.ordering.stability;

import dev.lockstep.core.ProtocolMessage;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A message between two members under fail-stop faults.
record FailStopMessage(FailStopHeader header, Body body) implements ProtocolMessage {

    /// What it is about.
    sealed interface Body {}

    /// The next command of the sender's.
    record Propose(Entry entry) implements Body {}

    /// The sender's candidate for a command of the receiver's.
    record Candidate(CommandId id, long value) implements Body {}

    /// The unique id of a command of the sender's.
    record Fix(CommandId id, long value) implements Body {}

    /// Nothing but the header.
    record Status() implements Body {}

    /// Do you still take part in this epoch?
    record Ask(long round) implements Body {}

    /// I did when I was asked.
    record Answer(long round) implements Body {}

    /// What the sender holds at the end of the epoch.
    ///
    /// @param attempt the configuration authority's
    /// @param delivered so many positions are delivered there
    /// @param last what was delivered last in this epoch; null before the first
    /// @param open what is not delivered
    record Holdings(long attempt, long delivered, @Nullable Mark last, List<Standing> open)
            implements Body {
        Holdings {
            open = List.copyOf(open);
        }
    }

    /// What the epoch ends with.
    record Ending(Suffix suffix) implements Body {}

    /// The ending of this attempt is durable here.
    record EndingAck(long attempt) implements Body {}

    /// Send these commands.
    record Want(List<CommandId> ids) implements Body {
        Want {
            ids = List.copyOf(ids);
        }
    }

    /// A command that was asked for.
    record Have(Entry entry) implements Body {}
}
