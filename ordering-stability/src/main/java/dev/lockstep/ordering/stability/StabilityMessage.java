package dev.lockstep.ordering.stability;

import dev.lockstep.core.ProtocolMessage;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What the members of an epoch under stability ordering send each other: always a header, and
/// something to do.
///
/// @param header what the sender's floor and candidates are
/// @param body the rest
public record StabilityMessage(Header header, Body body) implements ProtocolMessage {

    @Override
    public String brief() {
        return body.brief();
    }

    /// One record a message.
    ///
    /// | message | from | to | what it says |
    /// |---|---|---|---|
    /// | [Propose] | coordinator | fast quorum | here is a command; make a candidate |
    /// | [ProposeAck] | fast quorum | coordinator | this is mine, and durable |
    /// | [Consensus] | coordinator, recoverer | all | accept this unique id at this ballot |
    /// | [ConsensusAck] | all | who asked | accepted, and durable |
    /// | [Nack] | all | who asked | I have promised a higher ballot |
    /// | [Recover] | recoverer | all | what do you have of this command? |
    /// | [RecoverAck] | all | recoverer | this, and it is durable |
    /// | [Commit] | who knows | all | the unique id is decided |
    /// | [Past] | who executed it | who asks late | executed and forgotten: get history |
    /// | [Fetch], [Payload] | | | what has become of a command, and what it is |
    /// | [ReadBound], [ReadBoundAck] | reader | all | the highest timestamp you know of |
    /// | [Heartbeat] | | | the header alone |
    sealed interface Body {

        /// The record's name and the command.
        default String brief() {
            return getClass().getSimpleName();
        }
    }

    record Propose(Command command) implements Body {
        @Override
        public String brief() {
            return "Propose " + command.id();
        }
    }

    record ProposeAck(CommandId id, long candidate) implements Body {
        @Override
        public String brief() {
            return "ProposeAck " + id + " " + candidate;
        }
    }

    record Consensus(Command command, long ballot, long timestamp) implements Body {
        @Override
        public String brief() {
            return "Consensus " + command.id() + " " + timestamp;
        }
    }

    record ConsensusAck(CommandId id, long ballot) implements Body {
        @Override
        public String brief() {
            return "ConsensusAck " + id;
        }
    }

    /// @param ballot what the sender has promised
    record Nack(CommandId id, long ballot) implements Body {
        @Override
        public String brief() {
            return "Nack " + id;
        }
    }

    record Recover(Command command, long ballot) implements Body {
        @Override
        public String brief() {
            return "Recover " + command.id();
        }
    }

    /// @param vote what the sender has durably said of the command; its ballot is the asker's
    record RecoverAck(CommandId id, Vote vote) implements Body {
        @Override
        public String brief() {
            return "RecoverAck " + id + " " + vote.candidate();
        }
    }

    /// @param command null if the receiver has it
    record Commit(CommandId id, long timestamp, @Nullable Command command) implements Body {
        @Override
        public String brief() {
            return "Commit " + id + " " + timestamp;
        }
    }

    /// @param position the command was executed at or before it
    record Past(CommandId id, long position) implements Body {
        @Override
        public String brief() {
            return "Past " + id;
        }
    }

    /// @param lacksPayload true if the sender has the names only; else it asks how they have ended
    record Fetch(List<CommandId> ids, boolean lacksPayload) implements Body {
        Fetch {
            ids = List.copyOf(ids);
        }
    }

    record Payload(Command command) implements Body {
        @Override
        public String brief() {
            return "Payload " + command.id();
        }
    }

    record Heartbeat() implements Body {}

    /// @param round ascends within the asker's boot
    /// @param boot tells the asker's processes apart
    record ReadBound(long round, long boot) implements Body {}

    record ReadBoundAck(long round, long boot, long highest) implements Body {}
}
