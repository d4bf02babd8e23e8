package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
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

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/// The bytes of messages and records are frozen, read back as what they were, and hostile bytes are
/// refused. `-Dgolden.rewrite=true` writes the frozen bytes anew: a change that the changelog
/// names.
class LeaderCodecTest {

    private static final Path GOLDEN = Path.of("src/test/resources/leader-codec.golden");
    private static final LeaderCodec CODEC = new LeaderCodec();

    private static List<LeaderMessage> messages() {
        Mark mark = new Mark(7, 3, 0x1122334455667788L);
        Batch batch = batch("payload");
        LogEntry entry =
                new LogEntry(new Mark(8, 3, 42), 1_000, batch, LogEntry.Purpose.BATCH, null);
        AppendedEntry reference =
                new AppendedEntry.Reference(
                        new Mark(9, 3, 43), 1_001, batch.id(), batch.checksum());
        LogEntry signed =
                new LogEntry(new Mark(10, 3, 44), 1_002, batch(""), LogEntry.Purpose.SIGN, sign());
        LogEntry closing =
                new LogEntry(new Mark(11, 4, 45), 1_003, batch(""), LogEntry.Purpose.CLOSING, null);
        Pulse pulse = new Pulse(5, 6, 7, true);
        Echo echo = new Echo(5, 6, 1_700_000_000_000_000_000L);
        return List.of(
                new Append(3, mark, 6, pulse, List.of()),
                new Append(3, mark, 6, pulse, List.of(entry)),
                new Append(4, mark, 6, pulse, List.of(entry, reference, signed, closing)),
                new AppendAck(3, 8, 7, echo),
                new AppendReject(3, 8, mark, true, echo),
                new Behind(3, 100, pulse),
                new PreVote(4, mark),
                new PreVoteReply(4, true, 9),
                new RequestVote(4, mark, true),
                new Vote(4, false, 9),
                new TimeoutNow(3),
                new Forward(3, 16, batch),
                new ProposeStop(3, sign()),
                new ReadRequest(3, 12, -1),
                new ReadReply(3, 12, -1, 99));
    }

    private static List<LeaderRecord> records() {
        Batch batch = batch("payload");
        return List.of(
                new LeaderRecord.Term(3, null),
                new LeaderRecord.Term(3, new ReplicaId(2)),
                new LeaderRecord.Entry(
                        new LogEntry(
                                new Mark(8, 3, 42), 1_000, batch, LogEntry.Purpose.BATCH, null)),
                new LeaderRecord.Entry(
                        new LogEntry(
                                new Mark(9, 3, 43),
                                1_000,
                                batch(""),
                                LogEntry.Purpose.SIGN,
                                sign())),
                new LeaderRecord.Truncated(8),
                new LeaderRecord.Committed(9));
    }

    private static Batch batch(String payload) {
        BatchId id = new BatchId(new ReplicaId(2), new Incarnation(1, 2), 5, 17);
        return Batch.of(id, 999, Bytes.wrap(payload.getBytes(StandardCharsets.UTF_8)));
    }

    private static StopSign sign() {
        Membership members =
                new Membership(
                        List.of(
                                new Member(new ReplicaId(1), new Incarnation(1, 1)),
                                new Member(new ReplicaId(2), new Incarnation(2, 2))));
        return new StopSign(new Epoch(2), members, FaultModel.CRASH, "leader", new ReplicaId(2));
    }

    private static Bytes encoded(LeaderMessage message) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeMessage(message, out);
        return out.toBytes();
    }

    private static Bytes encoded(LeaderRecord record) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeRecord(record, out);
        return out.toBytes();
    }

    @Test
    void bytesAreFrozen() throws IOException {
        List<String> lines = new ArrayList<>();
        for (LeaderMessage message : messages()) {
            lines.add(line(message.getClass(), encoded(message)));
        }
        for (LeaderRecord record : records()) {
            lines.add(line(record.getClass(), encoded(record)));
        }
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.createDirectories(GOLDEN.getParent());
            Files.write(GOLDEN, lines);
        }
        assertThat(lines).isEqualTo(Files.readAllLines(GOLDEN));
    }

    private static String line(Class<?> type, Bytes bytes) {
        return type.getSimpleName() + " " + HexFormat.of().formatHex(bytes.toByteArray());
    }

    @Test
    void whatIsWrittenIsReadBack() {
        for (LeaderMessage message : messages()) {
            assertThat(CODEC.decodeMessage(encoded(message))).isEqualTo(message);
        }
        for (LeaderRecord record : records()) {
            assertThat(CODEC.decodeRecord(encoded(record))).isEqualTo(record);
        }
    }

    @Test
    void whatIsCutShortOrTooLongIsRefused() {
        for (LeaderMessage message : messages()) {
            Bytes whole = encoded(message);
            for (int size = 0; size < whole.size(); size++) {
                Bytes cut = whole.slice(0, size);
                assertThatThrownBy(() -> CODEC.decodeMessage(cut))
                        .as("%s cut to %d", message, size)
                        .isInstanceOf(MalformedException.class);
            }
            Bytes longer = new BytesWriter(64).put(whole).putByte(0).toBytes();
            assertThatThrownBy(() -> CODEC.decodeMessage(longer))
                    .as("%s and a byte", message)
                    .isInstanceOf(MalformedException.class);
        }
        for (LeaderRecord record : records()) {
            Bytes whole = encoded(record);
            for (int size = 0; size < whole.size(); size++) {
                Bytes cut = whole.slice(0, size);
                assertThatThrownBy(() -> CODEC.decodeRecord(cut))
                        .as("%s cut to %d", record, size)
                        .isInstanceOf(MalformedException.class);
            }
        }
    }

    /// Whatever came in: either it is refused, or it is a value whose bytes are those that came.
    @Test
    void damagedBytesAreRefusedOrMeanWhatTheySay() {
        SplittableRandom random = new SplittableRandom(1);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            List<LeaderMessage> all = messages();
            byte[] bytes = encoded(all.get(random.nextInt(all.size()))).toByteArray();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                LeaderMessage read = CODEC.decodeMessage(Bytes.wrap(bytes));
                assertThat(encoded(read).toByteArray()).isEqualTo(bytes);
            } catch (MalformedException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }
}
