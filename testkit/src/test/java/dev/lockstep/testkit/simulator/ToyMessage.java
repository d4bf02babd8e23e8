package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ProtocolMessage;

/// What the members of a [ToySequencer] tell each other.
sealed interface ToyMessage extends ProtocolMessage {

    /// To the sequencer: order this.
    record Forward(Batch batch) implements ToyMessage {}

    /// From the sequencer: this batch stands at this position, for ever.
    record Ordered(long position, long timeNanos, Batch batch) implements ToyMessage {}

    /// From the sequencer, again and again: how far a majority has it durable, and what there is.
    record Progress(long committed, long last) implements ToyMessage {}

    /// To the sequencer: everything through here is durable at the sender.
    record Acknowledge(long through) implements ToyMessage {}

    /// To the sequencer: the sender lacks everything from here on.
    record Missing(long from) implements ToyMessage {}

    /// To the sequencer: what must a reader have seen?
    ///
    /// @param boot tells the asker's lives apart, since barriers begin anew in each
    record Ask(long boot, long barrier) implements ToyMessage {}

    /// The answer to [Ask].
    record Answer(long boot, long barrier, long position) implements ToyMessage {}
}
