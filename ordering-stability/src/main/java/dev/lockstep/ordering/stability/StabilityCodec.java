package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;
import dev.lockstep.ordering.stability.StabilityMessage.Body;
import dev.lockstep.ordering.stability.StabilityMessage.Commit;
import dev.lockstep.ordering.stability.StabilityMessage.Consensus;
import dev.lockstep.ordering.stability.StabilityMessage.ConsensusAck;
import dev.lockstep.ordering.stability.StabilityMessage.Fetch;
import dev.lockstep.ordering.stability.StabilityMessage.Heartbeat;
import dev.lockstep.ordering.stability.StabilityMessage.Nack;
import dev.lockstep.ordering.stability.StabilityMessage.Past;
import dev.lockstep.ordering.stability.StabilityMessage.Payload;
import dev.lockstep.ordering.stability.StabilityMessage.Propose;
import dev.lockstep.ordering.stability.StabilityMessage.ProposeAck;
import dev.lockstep.ordering.stability.StabilityMessage.ReadBound;
import dev.lockstep.ordering.stability.StabilityMessage.ReadBoundAck;
import dev.lockstep.ordering.stability.StabilityMessage.Recover;
import dev.lockstep.ordering.stability.StabilityMessage.RecoverAck;

import java.util.ArrayList;
import java.util.List;

/// Messages and records as bytes: one byte of kind, the header of a message, then the fields in the
/// order of the record's components, little-endian. Stateless.
///
/// A batch comes last, its payload last in the batch.
final class StabilityCodec implements ProtocolCodec<StabilityMessage, StabilityRecord> {

    /// No header lists more candidates: a sender that has more announces a lower floor.
    static final int MAX_LISTED = 4_096;

    private static final int MAX_ANCHOR_BYTES = 1 << 20;
    private static final int MARK_BYTES = 8 + 4 + 8;
    private static final int BATCH = 1;
    private static final int SIGN = 2;

    @Override
    public void encodeMessage(StabilityMessage message, BytesWriter out) {
        Body body = message.body();
        out.putByte(kindOf(body));
        encodeHeader(message.header(), out);
        switch (body) {
            case Propose propose -> encodeCommand(propose.command(), out);
            case ProposeAck ack -> {
                encodeId(ack.id(), out);
                out.putLong(ack.candidate());
            }
            case Consensus ask -> {
                out.putLong(ask.ballot()).putLong(ask.timestamp());
                encodeCommand(ask.command(), out);
            }
            case ConsensusAck ack -> {
                encodeId(ack.id(), out);
                out.putLong(ack.ballot());
            }
            case Nack nack -> {
                encodeId(nack.id(), out);
                out.putLong(nack.ballot());
            }
            case Recover recover -> {
                out.putLong(recover.ballot());
                encodeCommand(recover.command(), out);
            }
            case RecoverAck ack -> {
                encodeId(ack.id(), out);
                encodeVote(ack.vote(), out);
            }
            case Commit commit -> {
                encodeId(commit.id(), out);
                out.putLong(commit.timestamp());
                Command command = commit.command();
                putBoolean(command != null, out);
                if (command != null) {
                    encodeCommand(command, out);
                }
            }
            case Past past -> {
                encodeId(past.id(), out);
                out.putLong(past.position());
            }
            case Fetch fetch -> {
                putBoolean(fetch.lacksPayload(), out);
                out.putInt(fetch.ids().size());
                fetch.ids().forEach(id -> encodeId(id, out));
            }
            case Payload payload -> encodeCommand(payload.command(), out);
            case Heartbeat _ -> {}
            case ReadBound bound -> out.putLong(bound.round()).putLong(bound.boot());
            case ReadBoundAck ack ->
                    out.putLong(ack.round()).putLong(ack.boot()).putLong(ack.highest());
        }
    }

    private static int kindOf(Body body) {
        return switch (body) {
            case Propose _ -> 1;
            case ProposeAck _ -> 2;
            case Consensus _ -> 3;
            case ConsensusAck _ -> 4;
            case Nack _ -> 5;
            case Recover _ -> 6;
            case RecoverAck _ -> 7;
            case Commit _ -> 8;
            case Past _ -> 9;
            case Fetch _ -> 10;
            case Payload _ -> 11;
            case Heartbeat _ -> 12;
            case ReadBound _ -> 13;
            case ReadBoundAck _ -> 14;
        };
    }

    @Override
    public StabilityMessage decodeMessage(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int kind = in.getByte();
        Header header = decodeHeader(in);
        Body body =
                switch (kind) {
                    case 1 -> new Propose(decodeCommand(in));
                    case 2 -> new ProposeAck(decodeId(in), timestamp(in));
                    case 3 -> decodeConsensus(in);
                    case 4 -> new ConsensusAck(decodeId(in), in.getNonNegativeLong("ballot"));
                    case 5 -> new Nack(decodeId(in), in.getNonNegativeLong("ballot"));
                    case 6 -> decodeRecover(in);
                    case 7 -> new RecoverAck(decodeId(in), decodeVote(in));
                    case 8 -> decodeCommit(in);
                    case 9 -> new Past(decodeId(in), in.getNonNegativeLong("position"));
                    case 10 -> decodeFetch(in);
                    case 11 -> new Payload(decodeCommand(in));
                    case 12 -> new Heartbeat();
                    case 13 -> new ReadBound(in.getNonNegativeLong("round"), in.getLong());
                    case 14 ->
                            new ReadBoundAck(
                                    in.getNonNegativeLong("round"), in.getLong(), timestamp(in));
                    default -> throw new MalformedException("no message has kind " + kind);
                };
        in.requireEnd();
        return new StabilityMessage(header, body);
    }

    private static Consensus decodeConsensus(BytesReader in) {
        long ballot = in.getNonNegativeLong("ballot");
        long timestamp = timestamp(in);
        return new Consensus(decodeCommand(in), ballot, timestamp);
    }

    private static Recover decodeRecover(BytesReader in) {
        long ballot = in.getNonNegativeLong("ballot");
        return new Recover(decodeCommand(in), ballot);
    }

    private static Commit decodeCommit(BytesReader in) {
        CommandId id = decodeId(in);
        long timestamp = timestamp(in);
        Command command = getBoolean(in) ? decodeCommand(in) : null;
        if (command != null && !command.id().equals(id)) {
            throw new MalformedException("command " + command.id() + " as " + id);
        }
        return new Commit(id, timestamp, command);
    }

    private static Fetch decodeFetch(BytesReader in) {
        boolean lacksPayload = getBoolean(in);
        int count = in.getCount(MAX_LISTED, 12, "number of commands");
        List<CommandId> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(decodeId(in));
        }
        return new Fetch(ids, lacksPayload);
    }

    @Override
    public void encodeRecord(StabilityRecord record, BytesWriter out) {
        switch (record) {
            case StabilityRecord.Known known -> {
                out.putByte(1);
                encodeVote(known.vote(), out);
                encodeCommand(known.command(), out);
            }
            case StabilityRecord.Voted voted -> {
                out.putByte(2);
                encodeId(voted.id(), out);
                encodeVote(voted.vote(), out);
            }
            case StabilityRecord.Reserved reserved ->
                    out.putByte(3).putLong(reserved.floor()).putLong(reserved.base());
            case StabilityRecord.Executed executed -> {
                out.putByte(4).putLong(executed.position());
                encodeMark(executed.mark(), out);
                Batch empty = executed.empty();
                putBoolean(empty != null, out);
                if (empty != null) {
                    empty.encode(out);
                }
            }
            case StabilityRecord.Learnt learnt -> {
                HistoryEntry entry = learnt.entry();
                out.putByte(5).putLong(entry.position()).putLong(entry.timeNanos());
                out.putSized(entry.anchor());
                entry.batch().encode(out);
            }
        }
    }

    @Override
    public StabilityRecord decodeRecord(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int kind = in.getByte();
        StabilityRecord record =
                switch (kind) {
                    case 1 -> decodeKnown(in);
                    case 2 -> new StabilityRecord.Voted(decodeId(in), decodeVote(in));
                    case 3 -> new StabilityRecord.Reserved(timestamp(in), timestamp(in));
                    case 4 -> decodeExecuted(in);
                    case 5 -> decodeLearnt(in);
                    default -> throw new MalformedException("no record has kind " + kind);
                };
        in.requireEnd();
        return record;
    }

    private static StabilityRecord.Known decodeKnown(BytesReader in) {
        Vote vote = decodeVote(in);
        return new StabilityRecord.Known(decodeCommand(in), vote);
    }

    private static StabilityRecord.Executed decodeExecuted(BytesReader in) {
        long position = position(in);
        Mark mark = decodeMark(in);
        return new StabilityRecord.Executed(
                position, mark, getBoolean(in) ? Batch.decode(in) : null);
    }

    private static StabilityRecord.Learnt decodeLearnt(BytesReader in) {
        long position = position(in);
        long timeNanos = in.getLong();
        Bytes anchor = in.getSized(MAX_ANCHOR_BYTES, "anchor");
        return new StabilityRecord.Learnt(
                new HistoryEntry(position, Batch.decode(in), timeNanos, anchor));
    }

    private static long position(BytesReader in) {
        long position = in.getNonNegativeLong("position");
        if (position == 0) {
            throw new MalformedException("there is no position 0");
        }
        return position;
    }

    private static void encodeHeader(Header header, BytesWriter out) {
        out.putLong(header.from()).putLong(header.through());
        out.putLong(header.basePosition() - Header.NO_BASE);
        out.putLong(header.known()).putLong(header.position());
        out.putLong(header.bump()).putLong(header.wallNanos());
        List<Mark> listed = header.listed();
        out.putInt(listed.size());
        for (int i = 0; i < listed.size(); i++) {
            encodeMark(listed.get(i), out);
        }
    }

    private static Header decodeHeader(BytesReader in) {
        long from = timestamp(in);
        long through = timestamp(in);
        long basePosition = in.getNonNegativeLong("position") + Header.NO_BASE;
        long known = timestamp(in);
        long position = in.getNonNegativeLong("position");
        long bump = timestamp(in);
        long wallNanos = in.getLong();
        int count = in.getCount(MAX_LISTED, MARK_BYTES, "number of candidates");
        List<Mark> listed = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Mark mark = decodeMark(in);
            boolean ascends = i == 0 || listed.get(i - 1).compareTo(mark) < 0;
            if (!ascends || mark.timestamp() <= from || mark.timestamp() > through) {
                throw new MalformedException("candidate " + mark + " is listed where it is not");
            }
            listed.add(mark);
        }
        return new Header(from, through, basePosition, listed, known, position, bump, wallNanos);
    }

    private static void encodeCommand(Command command, BytesWriter out) {
        encodeId(command.id(), out);
        out.putLong(command.after()).putLong(command.stampNanos());
        out.putLong(command.fastQuorum()).putLong(command.least());
        Batch batch = command.batch();
        StopSign sign = command.sign();
        out.putByte(sign != null ? SIGN : BATCH);
        if (sign != null) {
            StopSignCodec.encode(sign, out);
        } else if (batch != null) {
            batch.encode(out);
        }
    }

    private static Command decodeCommand(BytesReader in) {
        CommandId id = decodeId(in);
        long after = in.getNonNegativeLong("sequence");
        long stampNanos = in.getLong();
        long fastQuorum = in.getNonNegativeLong("fast quorum");
        long least = timestamp(in);
        int kind = in.getByte();
        return switch (kind) {
            case BATCH ->
                    new Command(id, Batch.decode(in), null, after, stampNanos, fastQuorum, least);
            case SIGN ->
                    new Command(
                            id,
                            null,
                            StopSignCodec.decode(in),
                            after,
                            stampNanos,
                            fastQuorum,
                            least);
            default -> throw new MalformedException("no command has kind " + kind);
        };
    }

    private static void encodeVote(Vote vote, BytesWriter out) {
        out.putLong(vote.candidate());
        putBoolean(vote.isLate(), out);
        out.putLong(vote.ballot()).putLong(vote.acceptedBallot());
        out.putLong(vote.accepted()).putLong(vote.decided());
    }

    private static Vote decodeVote(BytesReader in) {
        long candidate = timestamp(in);
        boolean isLate = getBoolean(in);
        long ballot = in.getNonNegativeLong("ballot");
        long acceptedBallot = in.getNonNegativeLong("ballot");
        if (acceptedBallot > ballot) {
            throw new MalformedException(
                    "accepted at ballot " + acceptedBallot + " above the promised " + ballot);
        }
        return new Vote(candidate, isLate, ballot, acceptedBallot, timestamp(in), timestamp(in));
    }

    static void encodeMark(Mark mark, BytesWriter out) {
        out.putLong(mark.timestamp());
        encodeId(mark.id(), out);
    }

    static Mark decodeMark(BytesReader in) {
        long timestamp = timestamp(in);
        return new Mark(timestamp, decodeId(in));
    }

    static void encodeId(CommandId id, BytesWriter out) {
        out.putInt(id.origin().value()).putLong(id.number());
    }

    static CommandId decodeId(BytesReader in) {
        int origin = in.getInt();
        long number = in.getLong();
        if (origin < 1 || origin > ReplicaId.MAX_VALUE || number < 1) {
            throw new MalformedException("no command is " + number + " of " + origin);
        }
        return new CommandId(new ReplicaId(origin), number);
    }

    private static long timestamp(BytesReader in) {
        return in.getNonNegativeLong("timestamp");
    }

    private static void putBoolean(boolean value, BytesWriter out) {
        out.putByte(value ? 1 : 0);
    }

    private static boolean getBoolean(BytesReader in) {
        int value = in.getByte();
        if (value > 1) {
            throw new MalformedException("neither true nor false: " + value);
        }
        return value == 1;
    }
}
