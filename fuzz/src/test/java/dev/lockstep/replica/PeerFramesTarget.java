package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What hosts say to each other.
public final class PeerFramesTarget implements Target {

    /// The target; it has no state.
    public PeerFramesTarget() {}

    @Override
    public String name() {
        return "peer-frames";
    }

    @Override
    public boolean takes(byte[] input) {
        Bytes frame = Bytes.wrap(input);
        Bytes again;
        try {
            Bytes content = PeerFrames.content(frame);
            long epoch = PeerFrames.epoch(frame);
            switch (PeerFrames.kind(frame)) {
                case PeerFrames.NEED_HISTORY ->
                        again =
                                PeerFrames.needHistory(
                                        epoch, PeerFrames.decodeNeedHistory(content));
                case PeerFrames.HISTORY -> again = encode(epoch, PeerFrames.decodeHistory(content));
                case PeerFrames.CHAIN -> {
                    PeerFrames.Chain chain = PeerFrames.decodeChain(content);
                    again = PeerFrames.chain(epoch, chain.position(), chain.digest());
                }
                case RepairFrames.NEED_RECORDS -> {
                    if (epoch != 0) {
                        // Nobody looks at it.
                        return false;
                    }
                    again = RepairFrames.needRecords(RepairFrames.decodeNeedRecords(content));
                }
                case RepairFrames.RECORDS ->
                        again = RepairFrames.encode(RepairFrames.decodeRecords(epoch, content));
                case PauseFrames.PAUSE_TURN ->
                        again = PauseFrames.turn(epoch, PauseFrames.decode(content));
                case ReplyFrames.NEED_REPLIES ->
                        again =
                                ReplyFrames.needReplies(
                                        epoch, ReplyFrames.decodeNeedReplies(content));
                case ReplyFrames.REPLIES ->
                        again = ReplyFrames.replies(epoch, ReplyFrames.decodeReplies(content));
                default -> {
                    return false;
                }
            }
        } catch (MalformedException refused) {
            return false;
        }
        if (!again.equals(frame)) {
            throw new AssertionError("encoded again it is " + again);
        }
        return true;
    }

    private static Bytes encode(long epoch, PeerFrames.History history) {
        BytesWriter out = new BytesWriter(256);
        PeerFrames.begin(PeerFrames.HISTORY, epoch, out);
        out.putLong(history.from()).putLong(history.deliveredThrough());
        out.putInt(history.entries().size());
        long position = history.from();
        for (HistoryEntry entry : history.entries()) {
            if (entry.position() != position++) {
                throw new AssertionError("position " + entry.position() + " is out of order");
            }
            PeerFrames.putEntry(entry.timeNanos(), entry.anchor(), entry.batch(), out);
        }
        return out.toBytes();
    }

    @Override
    public Map<String, byte[]> seeds() {
        BytesWriter history = new BytesWriter(256);
        PeerFrames.begin(PeerFrames.HISTORY, 1, history);
        history.putLong(5).putLong(9).putInt(2);
        for (long sequence = 1; sequence <= 2; sequence++) {
            BatchId id = new BatchId(new ReplicaId(2), new Incarnation(1, 2), 3, sequence);
            Batch batch = Batch.of(id, 999, Bytes.wrap(new byte[] {7, (byte) sequence}));
            PeerFrames.putEntry(1_000, Bytes.wrap(new byte[] {'a'}), batch, history);
        }
        BytesWriter nothing = new BytesWriter(64);
        PeerFrames.begin(PeerFrames.HISTORY, 1, nothing);
        nothing.putLong(5).putLong(4).putInt(0);
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("need-history", PeerFrames.needHistory(1, 7).toByteArray());
        seeds.put("history", history.toBytes().toByteArray());
        seeds.put("no-history", nothing.toBytes().toByteArray());
        RecordIdentity one = new RecordIdentity(1, 1, 3, -7);
        RecordIdentity other = new RecordIdentity(5, 2, 0, 0);
        seeds.put("need-records", RepairFrames.needRecords(List.of(one, other)).toByteArray());
        seeds.put(
                "records",
                RepairFrames.encode(
                                new RepairFrames.Records(
                                        2,
                                        3,
                                        List.of(
                                                new RepairFrames.Answer(
                                                        one,
                                                        true,
                                                        Bytes.wrap(new byte[] {1, 2, 3})),
                                                new RepairFrames.Answer(one, true, null),
                                                new RepairFrames.Answer(other, false, null))))
                        .toByteArray());
        seeds.put("chain", PeerFrames.chain(1, 256, -1).toByteArray());
        seeds.put(
                "turn",
                PauseFrames.turn(1, new PauseFrames.Turn(PauseFrames.Word.GIVEN, 7)).toByteArray());
        ReplyFrames.Span span = new ReplyFrames.Span(257, 512);
        seeds.put("need-replies", ReplyFrames.needReplies(1, span).toByteArray());
        List<RecentReplies.Replied> replied =
                List.of(
                        new RecentReplies.Replied(257, 5, 1, -1),
                        new RecentReplies.Replied(258, 5, 2, 7));
        seeds.put(
                "replies",
                ReplyFrames.replies(1, new ReplyFrames.Replies(span, replied)).toByteArray());
        return seeds;
    }
}
