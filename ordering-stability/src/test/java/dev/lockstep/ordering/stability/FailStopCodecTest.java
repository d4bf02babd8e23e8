package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.ordering.stability.FailStopMessage.Body;

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
class FailStopCodecTest {

    private static final Path GOLDEN = Path.of("src/test/resources/fail-stop-codec.golden");
    private static final FailStopCodec CODEC = new FailStopCodec();
    private static final CommandId ID = new CommandId(new ReplicaId(2), 17);
    private static final Mark MARK = new Mark(41, ID);

    private static List<FailStopMessage> messages() {
        List<FailStopMessage> messages = new ArrayList<>();
        bodies().forEach(body -> messages.add(new FailStopMessage(header(), body)));
        return messages;
    }

    private static Batch batch(String payload) {
        BatchId id = new BatchId(new ReplicaId(2), new Incarnation(1, 2), 5, 17);
        return Batch.of(id, 999, Bytes.wrap(payload.getBytes(StandardCharsets.UTF_8)));
    }

    private static StopSign sign() {
        Member first = new Member(new ReplicaId(1), new Incarnation(1, 1));
        Member second = new Member(new ReplicaId(2), new Incarnation(1, 2));
        return new StopSign(
                new Epoch(2),
                new Membership(List.of(first, second)),
                FaultModel.FAIL_STOP,
                "replica-ids",
                new ReplicaId(2));
    }

    private static Entry entry() {
        return new Entry(ID, 41, true, 1_000, batch("payload"));
    }

    private static FailStopHeader header() {
        return new FailStopHeader(30, 17, 29, 1_700_000_000_000_000_000L, List.of(4L, 17L));
    }

    private static Suffix suffix(boolean hasLast) {
        return new Suffix(3, sign(), 6, hasLast ? MARK : null, List.of(MARK));
    }

    private static List<Body> bodies() {
        Standing standing = new Standing(MARK, false);
        return List.of(
                new FailStopMessage.Propose(entry()),
                new FailStopMessage.Candidate(ID, 41),
                new FailStopMessage.Fix(ID, 41),
                new FailStopMessage.Status(),
                new FailStopMessage.Ask(7),
                new FailStopMessage.Answer(7),
                new FailStopMessage.Holdings(3, 6, MARK, List.of(standing)),
                new FailStopMessage.Ending(suffix(true)),
                new FailStopMessage.EndingAck(3),
                new FailStopMessage.Want(List.of(ID)),
                new FailStopMessage.Have(entry()));
    }

    private static List<FailStopRecord> records() {
        Bytes anchor = FailStopAnchor.encode(new Epoch(1), MARK, null);
        return List.of(
                new FailStopRecord.Opened(),
                new FailStopRecord.Logged(entry()),
                new FailStopRecord.Fixed(MARK),
                new FailStopRecord.Executed(7, MARK),
                new FailStopRecord.Agreed(suffix(false)),
                new FailStopRecord.Ended(3, batch("")),
                new FailStopRecord.Learnt(new HistoryEntry(9, batch("payload"), 1_000, anchor)));
    }

    private static Bytes encoded(FailStopMessage message) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeMessage(message, out);
        return out.toBytes();
    }

    private static Bytes encoded(FailStopRecord record) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeRecord(record, out);
        return out.toBytes();
    }

    @Test
    void bytesAreFrozen() throws IOException {
        List<String> lines = new ArrayList<>();
        for (FailStopMessage message : messages()) {
            lines.add(line(message.body().getClass(), encoded(message)));
        }
        for (FailStopRecord record : records()) {
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
        for (FailStopMessage message : messages()) {
            assertThat(CODEC.decodeMessage(encoded(message))).isEqualTo(message);
        }
        for (FailStopRecord record : records()) {
            assertThat(CODEC.decodeRecord(encoded(record))).isEqualTo(record);
        }
    }

    @Test
    void whatIsCutShortOrTooLongIsRefused() {
        for (FailStopMessage message : messages()) {
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
        for (FailStopRecord record : records()) {
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
            List<FailStopMessage> all = messages();
            byte[] bytes = encoded(all.get(random.nextInt(all.size()))).toByteArray();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                FailStopMessage read = CODEC.decodeMessage(Bytes.wrap(bytes));
                assertThat(encoded(read).toByteArray()).isEqualTo(bytes);
            } catch (MalformedException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }
}
