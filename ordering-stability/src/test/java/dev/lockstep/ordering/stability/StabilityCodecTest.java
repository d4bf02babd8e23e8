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
import dev.lockstep.ordering.stability.StabilityMessage.Body;

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
class StabilityCodecTest {

    private static final Path GOLDEN = Path.of("src/test/resources/stability-codec.golden");
    private static final StabilityCodec CODEC = new StabilityCodec();
    private static final CommandId ID = new CommandId(new ReplicaId(2), 17);

    private static List<StabilityMessage> messages() {
        List<StabilityMessage> messages = new ArrayList<>();
        bodies().forEach(body -> messages.add(new StabilityMessage(header(), body)));
        return messages;
    }

    private static Batch batch(String payload) {
        BatchId id = new BatchId(new ReplicaId(2), new Incarnation(1, 2), 5, 17);
        return Batch.of(id, 999, Bytes.wrap(payload.getBytes(StandardCharsets.UTF_8)));
    }

    private static Membership members() {
        return new Membership(
                List.of(
                        new Member(new ReplicaId(1), new Incarnation(1, 1)),
                        new Member(new ReplicaId(2), new Incarnation(1, 2))));
    }

    private static StopSign sign() {
        return new StopSign(
                new Epoch(2), members(), FaultModel.CRASH, "replica-ids", new ReplicaId(2));
    }

    private static Command command() {
        return new Command(ID, batch("payload"), null, 16, 1_000, 0b11, 40);
    }

    private static Command stop() {
        return new Command(ID, null, sign(), 0, 1_000, 0b11, 40);
    }

    private static Header header() {
        return new Header(
                30, 50, 7, List.of(new Mark(40, ID)), 60, 8, 0, 1_700_000_000_000_000_000L);
    }

    private static List<Body> bodies() {
        Vote vote = new Vote(41, true, 9, 6, 44, 0);
        return List.of(
                new StabilityMessage.Propose(command()),
                new StabilityMessage.ProposeAck(ID, 41),
                new StabilityMessage.Consensus(command(), 2, 41),
                new StabilityMessage.ConsensusAck(ID, 2),
                new StabilityMessage.Nack(ID, 9),
                new StabilityMessage.Recover(stop(), 9),
                new StabilityMessage.RecoverAck(ID, vote),
                new StabilityMessage.Commit(ID, 41, command()),
                new StabilityMessage.Past(ID, 12),
                new StabilityMessage.Fetch(List.of(ID), true),
                new StabilityMessage.Payload(command()),
                new StabilityMessage.Heartbeat(),
                new StabilityMessage.ReadBound(3, -1),
                new StabilityMessage.ReadBoundAck(3, -1, 41));
    }

    private static Bytes anchor(boolean isSign) {
        Done done = new Done(members());
        for (long number : new long[] {1, 2, 4}) {
            if (!done.add(new CommandId(new ReplicaId(2), number))) {
                throw new AssertionError("number " + number);
            }
        }
        return Anchor.encode(new Epoch(1), new Mark(41, ID), done, isSign ? sign() : null);
    }

    private static List<StabilityRecord> records() {
        return List.of(
                new StabilityRecord.Known(command(), new Vote(40, false, 0, 0, 0, 0)),
                new StabilityRecord.Voted(ID, new Vote(40, false, 9, 9, 41, 41)),
                new StabilityRecord.Reserved(10_000, 30),
                new StabilityRecord.Executed(7, new Mark(41, ID), null),
                new StabilityRecord.Executed(8, new Mark(42, ID), batch("")),
                new StabilityRecord.Learnt(
                        new HistoryEntry(9, batch("payload"), 1_000, anchor(false))));
    }

    private static Bytes encoded(StabilityMessage message) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeMessage(message, out);
        return out.toBytes();
    }

    private static Bytes encoded(StabilityRecord record) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeRecord(record, out);
        return out.toBytes();
    }

    @Test
    void bytesAreFrozen() throws IOException {
        List<String> lines = new ArrayList<>();
        for (StabilityMessage message : messages()) {
            lines.add(line(message.body().getClass(), encoded(message)));
        }
        for (StabilityRecord record : records()) {
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
        for (StabilityMessage message : messages()) {
            assertThat(CODEC.decodeMessage(encoded(message))).isEqualTo(message);
        }
        for (StabilityRecord record : records()) {
            assertThat(CODEC.decodeRecord(encoded(record))).isEqualTo(record);
        }
    }

    @Test
    void whatIsCutShortOrTooLongIsRefused() {
        for (StabilityMessage message : messages()) {
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
        for (StabilityRecord record : records()) {
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
            List<StabilityMessage> all = messages();
            byte[] bytes = encoded(all.get(random.nextInt(all.size()))).toByteArray();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                StabilityMessage read = CODEC.decodeMessage(Bytes.wrap(bytes));
                assertThat(encoded(read).toByteArray()).isEqualTo(bytes);
            } catch (MalformedException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }
}
