package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;
import dev.lockstep.ordering.stability.FailStopMessage.Answer;
import dev.lockstep.ordering.stability.FailStopMessage.Ask;
import dev.lockstep.ordering.stability.FailStopMessage.Body;
import dev.lockstep.ordering.stability.FailStopMessage.Candidate;
import dev.lockstep.ordering.stability.FailStopMessage.Ending;
import dev.lockstep.ordering.stability.FailStopMessage.EndingAck;
import dev.lockstep.ordering.stability.FailStopMessage.Fix;
import dev.lockstep.ordering.stability.FailStopMessage.Have;
import dev.lockstep.ordering.stability.FailStopMessage.Holdings;
import dev.lockstep.ordering.stability.FailStopMessage.Propose;
import dev.lockstep.ordering.stability.FailStopMessage.Status;
import dev.lockstep.ordering.stability.FailStopMessage.Want;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Messages and records as bytes: one byte of kind, the header of a message, then the fields in the
/// order of the record's components, little-endian. Stateless.
final class FailStopCodec implements ProtocolCodec<FailStopMessage, FailStopRecord> {

    /// As many as fit into what a member lets wait.
    private static final int MAX_LISTED = 1 << 20;

    private static final int MAX_ANCHOR_BYTES = 1 << 20;
    private static final int ID_BYTES = 4 + 8;
    private static final int MARK_BYTES = 8 + ID_BYTES;

    @Override
    public void encodeMessage(FailStopMessage message, BytesWriter out) {
        out.putByte(kindOf(message.body()));
        encodeHeader(message.header(), out);
        switch (message.body()) {
            case Propose propose -> encodeEntry(propose.entry(), out);
            case Candidate it -> StabilityCodec.encodeMark(new Mark(it.value(), it.id()), out);
            case Fix it -> StabilityCodec.encodeMark(new Mark(it.value(), it.id()), out);
            case Status _ -> {}
            case Ask ask -> out.putLong(ask.round());
            case Answer answer -> out.putLong(answer.round());
            case Holdings said -> {
                out.putLong(said.attempt()).putLong(said.delivered());
                encodeLast(said.last(), out);
                out.putInt(said.open().size());
                for (Standing standing : said.open()) {
                    StabilityCodec.encodeMark(standing.mark(), out);
                    out.putByte(standing.isFixed() ? 1 : 0);
                }
            }
            case Ending ending -> encodeSuffix(ending.suffix(), out);
            case EndingAck ack -> out.putLong(ack.attempt());
            case Want want -> {
                out.putInt(want.ids().size());
                want.ids().forEach(id -> StabilityCodec.encodeId(id, out));
            }
            case Have have -> encodeEntry(have.entry(), out);
        }
    }

    private static int kindOf(Body body) {
        return switch (body) {
            case Propose _ -> 1;
            case Candidate _ -> 2;
            case Fix _ -> 3;
            case Status _ -> 4;
            case Ask _ -> 5;
            case Answer _ -> 6;
            case Holdings _ -> 7;
            case Ending _ -> 8;
            case EndingAck _ -> 9;
            case Want _ -> 10;
            case Have _ -> 11;
        };
    }

    @Override
    public FailStopMessage decodeMessage(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int kind = in.getByte();
        FailStopHeader header = decodeHeader(in);
        Body body =
                switch (kind) {
                    case 1 -> new Propose(decodeEntry(in));
                    case 2 -> decode(in, mark -> new Candidate(mark.id(), mark.timestamp()));
                    case 3 -> decode(in, mark -> new Fix(mark.id(), mark.timestamp()));
                    case 4 -> new Status();
                    case 5 -> new Ask(in.getNonNegativeLong("round"));
                    case 6 -> new Answer(in.getNonNegativeLong("round"));
                    case 7 ->
                            new Holdings(
                                    in.getNonNegativeLong("attempt"),
                                    in.getNonNegativeLong("position"),
                                    decodeLast(in),
                                    list(in, MARK_BYTES + 1, FailStopCodec::decodeStanding));
                    case 8 -> new Ending(decodeSuffix(in));
                    case 9 -> new EndingAck(in.getNonNegativeLong("attempt"));
                    case 10 -> new Want(list(in, ID_BYTES, StabilityCodec::decodeId));
                    case 11 -> new Have(decodeEntry(in));
                    default -> throw new MalformedException("no fail-stop message is " + kind);
                };
        in.requireEnd();
        return new FailStopMessage(header, body);
    }

    @Override
    public void encodeRecord(FailStopRecord record, BytesWriter out) {
        switch (record) {
            case FailStopRecord.Opened _ -> out.putByte(1);
            case FailStopRecord.Logged logged -> {
                out.putByte(2);
                encodeEntry(logged.entry(), out);
            }
            case FailStopRecord.Fixed fixed -> {
                out.putByte(3);
                StabilityCodec.encodeMark(fixed.mark(), out);
            }
            case FailStopRecord.Executed executed -> {
                out.putByte(4).putLong(executed.position());
                StabilityCodec.encodeMark(executed.mark(), out);
            }
            case FailStopRecord.Agreed agreed -> {
                out.putByte(5);
                encodeSuffix(agreed.suffix(), out);
            }
            case FailStopRecord.Ended ended -> {
                out.putByte(6).putLong(ended.attempt());
                ended.stop().encode(out);
            }
            case FailStopRecord.Learnt learnt -> {
                HistoryEntry entry = learnt.entry();
                out.putByte(7).putLong(entry.position()).putLong(entry.timeNanos());
                out.putSized(entry.anchor());
                entry.batch().encode(out);
            }
        }
    }

    @Override
    public FailStopRecord decodeRecord(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int kind = in.getByte();
        FailStopRecord record =
                switch (kind) {
                    case 1 -> new FailStopRecord.Opened();
                    case 2 -> new FailStopRecord.Logged(decodeEntry(in));
                    case 3 -> new FailStopRecord.Fixed(StabilityCodec.decodeMark(in));
                    case 4 ->
                            new FailStopRecord.Executed(
                                    in.getNonNegativeLong("position"),
                                    StabilityCodec.decodeMark(in));
                    case 5 -> new FailStopRecord.Agreed(decodeSuffix(in));
                    case 6 ->
                            new FailStopRecord.Ended(
                                    in.getNonNegativeLong("attempt"), Batch.decode(in));
                    case 7 -> decodeLearnt(in);
                    default -> throw new MalformedException("no fail-stop record is " + kind);
                };
        in.requireEnd();
        return record;
    }

    private static FailStopRecord decodeLearnt(BytesReader in) {
        long position = in.getNonNegativeLong("position");
        long timeNanos = in.getLong();
        Bytes anchor = in.getSized(MAX_ANCHOR_BYTES, "anchor");
        return new FailStopRecord.Learnt(
                new HistoryEntry(position, Batch.decode(in), timeNanos, anchor));
    }

    private static void encodeHeader(FailStopHeader header, BytesWriter out) {
        out.putLong(header.floor()).putLong(header.count()).putLong(header.through());
        out.putLong(header.wallNanos()).putInt(header.received().size());
        header.received().forEach(out::putLong);
    }

    private static FailStopHeader decodeHeader(BytesReader in) {
        long floor = in.getNonNegativeLong("floor");
        long count = in.getNonNegativeLong("count");
        long through = in.getLong();
        long wallNanos = in.getLong();
        int size = in.getCount(Membership.MAX_MEMBERS, 8, "members");
        List<Long> received = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            received.add(in.getNonNegativeLong("count"));
        }
        return new FailStopHeader(floor, count, through, wallNanos, received);
    }

    private static void encodeEntry(Entry entry, BytesWriter out) {
        StabilityCodec.encodeMark(entry.mark(), out);
        out.putByte(entry.isFixed() ? 1 : 0).putLong(entry.stampNanos());
        entry.batch().encode(out);
    }

    private static Entry decodeEntry(BytesReader in) {
        Standing standing = decodeStanding(in);
        long stampNanos = in.getLong();
        Mark mark = standing.mark();
        return new Entry(
                mark.id(), mark.timestamp(), standing.isFixed(), stampNanos, Batch.decode(in));
    }

    private static Standing decodeStanding(BytesReader in) {
        Mark mark = StabilityCodec.decodeMark(in);
        int fixed = in.getByte();
        if (fixed > 1) {
            throw new MalformedException("neither true nor false: " + fixed);
        }
        return new Standing(mark, fixed == 1);
    }

    private static void encodeSuffix(Suffix suffix, BytesWriter out) {
        out.putLong(suffix.attempt());
        StopSignCodec.encode(suffix.next(), out);
        out.putLong(suffix.base());
        encodeLast(suffix.last(), out);
        out.putInt(suffix.order().size());
        suffix.order().forEach(mark -> StabilityCodec.encodeMark(mark, out));
    }

    private static Suffix decodeSuffix(BytesReader in) {
        return new Suffix(
                in.getNonNegativeLong("attempt"),
                StopSignCodec.decode(in),
                in.getNonNegativeLong("position"),
                decodeLast(in),
                list(in, MARK_BYTES, StabilityCodec::decodeMark));
    }

    private static void encodeLast(@Nullable Mark last, BytesWriter out) {
        out.putByte(last == null ? 0 : 1);
        if (last != null) {
            StabilityCodec.encodeMark(last, out);
        }
    }

    private static @Nullable Mark decodeLast(BytesReader in) {
        int present = in.getByte();
        if (present > 1) {
            throw new MalformedException("neither true nor false: " + present);
        }
        return present == 0 ? null : StabilityCodec.decodeMark(in);
    }

    private static Body decode(BytesReader in, Function<Mark, Body> body) {
        return body.apply(StabilityCodec.decodeMark(in));
    }

    private static <T> List<T> list(BytesReader in, int bytesEach, Function<BytesReader, T> one) {
        int count = in.getCount(MAX_LISTED, bytesEach, "list");
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(one.apply(in));
        }
        return list;
    }
}
