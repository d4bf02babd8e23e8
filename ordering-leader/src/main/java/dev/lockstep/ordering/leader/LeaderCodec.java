package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;
import dev.lockstep.ordering.leader.LeaderMessage.Append;
import dev.lockstep.ordering.leader.LeaderMessage.AppendAck;
import dev.lockstep.ordering.leader.LeaderMessage.AppendReject;
import dev.lockstep.ordering.leader.LeaderMessage.Behind;
import dev.lockstep.ordering.leader.LeaderMessage.Echo;
import dev.lockstep.ordering.leader.LeaderMessage.Forward;
import dev.lockstep.ordering.leader.LeaderMessage.PreVote;
import dev.lockstep.ordering.leader.LeaderMessage.PreVoteReply;
import dev.lockstep.ordering.leader.LeaderMessage.ProposeStop;
import dev.lockstep.ordering.leader.LeaderMessage.Pulse;
import dev.lockstep.ordering.leader.LeaderMessage.ReadReply;
import dev.lockstep.ordering.leader.LeaderMessage.ReadRequest;
import dev.lockstep.ordering.leader.LeaderMessage.RequestVote;
import dev.lockstep.ordering.leader.LeaderMessage.TimeoutNow;
import dev.lockstep.ordering.leader.LeaderMessage.Vote;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Messages and records as bytes: one byte of kind, then the fields in the order of the record's
/// components, little-endian. Stateless.
///
/// A batch comes last in its record, its payload last in the batch.
final class LeaderCodec implements ProtocolCodec<LeaderMessage, LeaderRecord> {

    /// The size of an encoded entry without its payload and without a stop sign.
    static final int ENTRY_BYTES = 1 + Mark.BYTES + Long.BYTES + Batch.HEADER_BYTES;

    /// The size of an encoded reference.
    static final int REFERENCE_BYTES = 1 + Mark.BYTES + Long.BYTES + 4 + 16 + 4 + 8 + 4;

    /// No `Append` carries more entries, whatever the frame would hold.
    static final int MAX_ENTRIES = 1 << 14;

    /// 2 was that of entries with the commit index that their member knew.
    private static final int ENTRY_RECORD = 5;

    private static final int BATCH = 1;
    private static final int SIGN = 2;
    private static final int CLOSING = 3;
    private static final int REFERENCE = 4;

    @Override
    public void encodeMessage(LeaderMessage message, BytesWriter out) {
        out.putByte(kindOf(message)).putLong(message.term());
        switch (message) {
            case Append append -> encodeAppend(append, out);
            case AppendAck ack -> {
                out.putLong(ack.matched()).putLong(ack.durable());
                encodeEcho(ack.echo(), out);
            }
            case AppendReject reject -> {
                out.putLong(reject.rejectedIndex());
                reject.hint().encode(out);
                putBoolean(reject.needsPayload(), out);
                encodeEcho(reject.echo(), out);
            }
            case Behind behind -> {
                out.putLong(behind.firstIndex());
                encodePulse(behind.pulse(), out);
            }
            case PreVote vote -> vote.last().encode(out);
            case PreVoteReply reply -> {
                putBoolean(reply.granted(), out);
                out.putLong(reply.wallNanos());
            }
            case RequestVote request -> {
                request.last().encode(out);
                putBoolean(request.transfer(), out);
            }
            case Vote vote -> {
                putBoolean(vote.granted(), out);
                out.putLong(vote.wallNanos());
            }
            case TimeoutNow _ -> {}
            case Forward forward -> {
                out.putLong(forward.after());
                forward.batch().encode(out);
            }
            case ProposeStop stop -> StopSignCodec.encode(stop.sign(), out);
            case ReadRequest request -> out.putLong(request.barrier()).putLong(request.asker());
            case ReadReply reply ->
                    out.putLong(reply.barrier()).putLong(reply.asker()).putLong(reply.index());
        }
    }

    private static int kindOf(LeaderMessage message) {
        return switch (message) {
            case Append _ -> 1;
            case AppendAck _ -> 2;
            case AppendReject _ -> 3;
            case Behind _ -> 4;
            case PreVote _ -> 5;
            case PreVoteReply _ -> 6;
            case RequestVote _ -> 7;
            case Vote _ -> 8;
            case TimeoutNow _ -> 9;
            case Forward _ -> 10;
            case ProposeStop _ -> 11;
            case ReadRequest _ -> 12;
            case ReadReply _ -> 13;
        };
    }

    @Override
    public LeaderMessage decodeMessage(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int kind = in.getByte();
        long term = in.getNonNegativeLong("term");
        LeaderMessage message =
                switch (kind) {
                    case 1 -> decodeAppend(term, in);
                    case 2 -> decodeAck(term, in);
                    case 3 -> decodeReject(term, in);
                    case 4 -> new Behind(term, in.getNonNegativeLong("index"), decodePulse(in));
                    case 5 -> new PreVote(term, Mark.decode(in));
                    case 6 -> new PreVoteReply(term, getBoolean(in), in.getLong());
                    case 7 -> new RequestVote(term, Mark.decode(in), getBoolean(in));
                    case 8 -> new Vote(term, getBoolean(in), in.getLong());
                    case 9 -> new TimeoutNow(term);
                    case 10 ->
                            new Forward(term, in.getNonNegativeLong("sequence"), Batch.decode(in));
                    case 11 -> new ProposeStop(term, StopSignCodec.decode(in));
                    case 12 ->
                            new ReadRequest(term, in.getNonNegativeLong("barrier"), in.getLong());
                    case 13 ->
                            new ReadReply(
                                    term,
                                    in.getNonNegativeLong("barrier"),
                                    in.getLong(),
                                    in.getNonNegativeLong("index"));
                    default -> throw new MalformedException("no message has kind " + kind);
                };
        in.requireEnd();
        return message;
    }

    @Override
    public void encodeRecord(LeaderRecord record, BytesWriter out) {
        switch (record) {
            case LeaderRecord.Term term -> {
                out.putByte(1).putLong(term.term());
                ReplicaId votedFor = term.votedFor();
                out.putInt(votedFor == null ? 0 : votedFor.value());
            }
            case LeaderRecord.Entry entry -> {
                out.putByte(ENTRY_RECORD);
                encodeEntry(entry.entry(), out);
            }
            case LeaderRecord.Truncated truncated -> out.putByte(3).putLong(truncated.fromIndex());
            case LeaderRecord.Committed committed -> out.putByte(4).putLong(committed.index());
        }
    }

    @Override
    public LeaderRecord decodeRecord(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int kind = in.getByte();
        LeaderRecord record =
                switch (kind) {
                    case 1 -> new LeaderRecord.Term(in.getNonNegativeLong("term"), decodeVote(in));
                    case ENTRY_RECORD -> decodeEntryRecord(in);
                    case 3 -> new LeaderRecord.Truncated(in.getNonNegativeLong("index"));
                    case 4 -> new LeaderRecord.Committed(in.getNonNegativeLong("index"));
                    default -> throw new MalformedException("no record has kind " + kind);
                };
        in.requireEnd();
        return record;
    }

    private static LeaderRecord decodeEntryRecord(BytesReader in) {
        if (decodeEntry(in) instanceof LogEntry entry) {
            return new LeaderRecord.Entry(entry);
        }
        throw new MalformedException("a record holds its batch, not a reference");
    }

    private static @Nullable ReplicaId decodeVote(BytesReader in) {
        int value = in.getInt();
        if (value < 0 || value > ReplicaId.MAX_VALUE) {
            throw new MalformedException("replica id out of range: " + value);
        }
        return value == 0 ? null : new ReplicaId(value);
    }

    private static void encodeAppend(Append append, BytesWriter out) {
        append.previous().encode(out);
        out.putLong(append.commit());
        encodePulse(append.pulse(), out);
        List<AppendedEntry> entries = append.entries();
        out.putInt(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            encodeEntry(entries.get(i), out);
        }
    }

    private static Append decodeAppend(long term, BytesReader in) {
        Mark previous = Mark.decode(in);
        long commit = in.getNonNegativeLong("commit");
        Pulse pulse = decodePulse(in);
        int count = in.getCount(MAX_ENTRIES, REFERENCE_BYTES, "number of entries");
        List<AppendedEntry> entries = new ArrayList<>(count);
        long index = previous.index();
        for (int i = 0; i < count; i++) {
            AppendedEntry entry = decodeEntry(in);
            if (entry.mark().index() != ++index) {
                throw new MalformedException(
                        "entry " + entry.mark().index() + " where " + index + " should be");
            }
            entries.add(entry);
        }
        return new Append(term, previous, commit, pulse, entries);
    }

    private static AppendAck decodeAck(long term, BytesReader in) {
        long matched = in.getNonNegativeLong("matched");
        long durable = in.getNonNegativeLong("durable");
        return new AppendAck(term, matched, durable, decodeEcho(in));
    }

    private static AppendReject decodeReject(long term, BytesReader in) {
        long rejected = in.getNonNegativeLong("index");
        Mark hint = Mark.decode(in);
        return new AppendReject(term, rejected, hint, getBoolean(in), decodeEcho(in));
    }

    static void encodeEntry(AppendedEntry appended, BytesWriter out) {
        switch (appended) {
            case LogEntry entry -> {
                StopSign sign = entry.sign();
                out.putByte(kindOf(entry.purpose()));
                entry.mark().encode(out);
                out.putLong(entry.timeNanos());
                if (sign != null) {
                    StopSignCodec.encode(sign, out);
                }
                entry.batch().encode(out);
            }
            case AppendedEntry.Reference reference -> {
                out.putByte(REFERENCE);
                reference.mark().encode(out);
                out.putLong(reference.timeNanos());
                encodeId(reference.batch(), out);
                out.putInt(reference.checksum());
            }
        }
    }

    private static int kindOf(LogEntry.Purpose purpose) {
        return switch (purpose) {
            case BATCH -> BATCH;
            case SIGN -> SIGN;
            case CLOSING -> CLOSING;
        };
    }

    static AppendedEntry decodeEntry(BytesReader in) {
        int kind = in.getByte();
        Mark mark = Mark.decode(in);
        if (mark.index() == 0) {
            throw new MalformedException("no entry has index 0");
        }
        long timeNanos = in.getLong();
        return switch (kind) {
            case BATCH -> entry(mark, timeNanos, LogEntry.Purpose.BATCH, null, in);
            case SIGN ->
                    entry(mark, timeNanos, LogEntry.Purpose.SIGN, StopSignCodec.decode(in), in);
            case CLOSING -> entry(mark, timeNanos, LogEntry.Purpose.CLOSING, null, in);
            case REFERENCE ->
                    new AppendedEntry.Reference(mark, timeNanos, decodeId(in), in.getInt());
            default -> throw new MalformedException("no entry has kind " + kind);
        };
    }

    private static LogEntry entry(
            Mark mark,
            long timeNanos,
            LogEntry.Purpose purpose,
            @Nullable StopSign sign,
            BytesReader in) {
        Batch batch = Batch.decode(in);
        if (purpose != LogEntry.Purpose.BATCH && !batch.payload().isEmpty()) {
            throw new MalformedException(purpose + " with a payload");
        }
        return new LogEntry(mark, timeNanos, batch, purpose, sign);
    }

    private static void encodeId(BatchId id, BytesWriter out) {
        out.putInt(id.origin().value());
        out.putLong(id.incarnation().high()).putLong(id.incarnation().low());
        out.putInt(id.boot()).putLong(id.sequence());
    }

    private static BatchId decodeId(BytesReader in) {
        int origin = in.getInt();
        Incarnation incarnation = new Incarnation(in.getLong(), in.getLong());
        int boot = in.getInt();
        long sequence = in.getLong();
        if (origin < 1 || origin > ReplicaId.MAX_VALUE || boot < 0 || sequence < 1) {
            throw new MalformedException("batch id out of range: origin " + origin);
        }
        return new BatchId(new ReplicaId(origin), incarnation, boot, sequence);
    }

    private static void encodePulse(Pulse pulse, BytesWriter out) {
        out.putLong(pulse.round()).putLong(pulse.sentNanos()).putLong(pulse.roundTripNanos());
        putBoolean(pulse.wantsAck(), out);
    }

    private static Pulse decodePulse(BytesReader in) {
        long round = in.getNonNegativeLong("round");
        long sentNanos = in.getLong();
        return new Pulse(round, sentNanos, in.getNonNegativeLong("round trip"), getBoolean(in));
    }

    private static void encodeEcho(Echo echo, BytesWriter out) {
        out.putLong(echo.round()).putLong(echo.sentNanos()).putLong(echo.wallNanos());
    }

    private static Echo decodeEcho(BytesReader in) {
        return new Echo(in.getNonNegativeLong("round"), in.getLong(), in.getLong());
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
