package dev.lockstep.ordering.byzantine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.ClusterId;
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

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// The bytes of messages, records and what is signed are frozen, read back as what they were, and
/// hostile bytes are refused. `-Dgolden.rewrite=true` writes the frozen bytes anew: a change that
/// the changelog names.
class ByzantineCodecTest {

    private static final Path GOLDEN = Path.of("src/test/resources/byzantine-codec.golden");
    private static final ByzantineCodec CODEC = new ByzantineCodec();

    private static final Hash HASH = new Hash(1, 2, 3, 4);
    private static final Bytes SIGNATURE =
            new BytesWriter(8).putLong(0x1122334455667788L).toBytes();

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
        return new StopSign(
                new Epoch(2), members, FaultModel.BYZANTINE, "leader", new ReplicaId(2));
    }

    private static Header header(Payload payload) {
        return new Header(
                3, 1, 12, HASH, new Rank(2, 4), new Hash(5, 6, 7, 8), payload.hash(), 77, false);
    }

    private static Certificate certificate(Phase phase) {
        BlockRef block = new BlockRef(2, 4, 11, HASH);
        return new Certificate(
                phase,
                block,
                List.of(new Endorsement(0, SIGNATURE), new Endorsement(2, SIGNATURE)));
    }

    private static TimeoutCertificate timeouts() {
        return new TimeoutCertificate(
                2,
                List.of(
                        new TimeoutClaim(0, Rank.ROOT, HASH, SIGNATURE),
                        new TimeoutClaim(3, new Rank(2, 4), HASH, SIGNATURE)),
                certificate(Phase.FIRST));
    }

    private static List<ByzantineMessage> messages() {
        Payload payload = new Payload(batch("payload"), null);
        Payload stop = new Payload(batch(""), sign());
        Header header = header(payload);
        Echo echo = new Echo(header, SIGNATURE);
        return List.of(
                new ByzantineMessage.Propose(
                        header, payload, SIGNATURE, certificate(Phase.FIRST), timeouts()),
                new ByzantineMessage.Propose(header(stop), stop, SIGNATURE, null, null),
                new ByzantineMessage.Vote1(header.ref(), SIGNATURE, null),
                new ByzantineMessage.Vote1(header.ref(), SIGNATURE, echo),
                new ByzantineMessage.Vote2(header.ref(), SIGNATURE, null),
                new ByzantineMessage.Vote2(header.ref(), SIGNATURE, certificate(Phase.FIRST)),
                new ByzantineMessage.Timeout(2, certificate(Phase.FIRST), SIGNATURE),
                new ByzantineMessage.Status(3, certificate(Phase.FIRST)),
                new ByzantineMessage.Equivocation(echo, new Echo(header(stop), SIGNATURE)),
                new ByzantineMessage.Fetch(HASH, 9),
                new ByzantineMessage.Blocks(
                        List.of(Block.of(header, payload), Block.of(header(stop), stop))),
                new ByzantineMessage.SyncInfo(null, Certificate.root(0, HASH), null),
                new ByzantineMessage.SyncInfo(
                        timeouts(), certificate(Phase.FIRST), certificate(Phase.SECOND)));
    }

    private static List<ByzantineRecord> records() {
        Payload payload = new Payload(batch("payload"), null);
        Header header = header(payload);
        BlockRef vote = header.ref();
        Anchor anchor =
                new Anchor(
                        1,
                        Certificate.root(0, HASH).block(),
                        header,
                        List.of(header),
                        certificate(Phase.SECOND),
                        sign());
        return List.of(
                new ByzantineRecord.Safety(0, -1, null, null, Certificate.root(0, HASH), -1, null),
                new ByzantineRecord.Safety(
                        3, 2, vote, vote, certificate(Phase.FIRST), 3, timeouts()),
                new ByzantineRecord.Stored(Block.of(header, payload)),
                new ByzantineRecord.Delivered(anchor));
    }

    private static Bytes encoded(ByzantineMessage message) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeMessage(message, out);
        return out.toBytes();
    }

    private static Bytes encoded(ByzantineRecord record) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeRecord(record, out);
        return out.toBytes();
    }

    private static List<Bytes> signed() {
        SignedBytes signed = new SignedBytes('A', new ClusterId(7, 11), new Epoch(3));
        BlockRef block = new BlockRef(2, 4, 11, HASH);
        return List.of(
                signed.vote(Phase.FIRST, block),
                signed.vote(Phase.SECOND, block),
                signed.timeout(2, new Rank(2, 4), HASH));
    }

    @Test
    void what_is_written_is_read_back() {
        for (ByzantineMessage message : messages()) {
            assertThat(CODEC.decodeMessage(encoded(message))).isEqualTo(message);
        }
        for (ByzantineRecord record : records()) {
            assertThat(CODEC.decodeRecord(encoded(record))).isEqualTo(record);
        }
    }

    @Test
    void the_bytes_are_frozen() throws IOException {
        List<String> lines = new ArrayList<>();
        messages().forEach(message -> lines.add(message.brief() + " " + hex(encoded(message))));
        records()
                .forEach(
                        record ->
                                lines.add(
                                        record.getClass().getSimpleName()
                                                + " "
                                                + hex(encoded(record))));
        signed().forEach(bytes -> lines.add("signed " + hex(bytes)));
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.createDirectories(GOLDEN.getParent());
            Files.write(GOLDEN, lines);
        }
        assertThat(lines).isEqualTo(Files.readAllLines(GOLDEN));
    }

    private static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    /// §3: a signature counts in its phase, setting, cluster and epoch only.
    @Test
    void no_two_things_are_signed_with_the_same_bytes() {
        TreeSet<String> all = new TreeSet<>();
        int count = 0;
        for (int setting : new int[] {'A', 'B'}) {
            for (ClusterId cluster : List.of(new ClusterId(7, 11), new ClusterId(11, 7))) {
                for (Epoch epoch : List.of(new Epoch(1), new Epoch(2))) {
                    SignedBytes signed = new SignedBytes(setting, cluster, epoch);
                    for (BlockRef block :
                            List.of(
                                    new BlockRef(2, 4, 11, HASH),
                                    new BlockRef(4, 2, 11, HASH),
                                    new BlockRef(2, 4, 12, HASH),
                                    new BlockRef(2, 4, 11, new Hash(1, 2, 4, 3)))) {
                        all.add(hex(signed.vote(Phase.FIRST, block)));
                        all.add(hex(signed.vote(Phase.SECOND, block)));
                        all.add(hex(signed.timeout(block.view(), block.rank(), block.hash())));
                        count += 3;
                    }
                    // A timeout names no height, so that two of the blocks give one.
                    count--;
                }
            }
        }
        assertThat(all).hasSize(count);
    }

    /// Whatever arrives is refused or reads as something that has exactly these bytes.
    @Test
    void hostile_bytes_are_refused_or_canonical() {
        SplittableRandom random = new SplittableRandom(1);
        int refused = 0;
        for (int i = 0; i < 40_000; i++) {
            List<ByzantineMessage> messages = messages();
            byte[] bytes = encoded(messages.get(random.nextInt(messages.size()))).toByteArray();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int size = random.nextInt(3) == 0 ? random.nextInt(bytes.length) : bytes.length;
            Bytes hostile = Bytes.wrap(bytes, 0, size);
            try {
                ByzantineMessage message = CODEC.decodeMessage(hostile);
                assertThat(encoded(message)).isEqualTo(hostile);
            } catch (MalformedException _) {
                refused++;
            }
        }
        assertThat(refused).isBetween(10_000, 39_000);
    }

    @Test
    void trailing_bytes_are_refused() {
        for (ByzantineMessage message : messages()) {
            Bytes longer = new BytesWriter(64).put(encoded(message)).putByte(0).toBytes();
            assertThatThrownBy(() -> CODEC.decodeMessage(longer))
                    .isInstanceOf(MalformedException.class);
        }
    }

    /// A list that claims to be long is refused before anything is allocated for it.
    @Test
    void lengths_are_bounded() {
        Bytes blocks = new BytesWriter(8).putByte(13).putInt(Integer.MAX_VALUE).toBytes();
        assertThatThrownBy(() -> CODEC.decodeMessage(blocks))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("list out of range");
    }

    @Test
    void an_anchor_of_another_order_is_none() {
        assertThat(Anchor.decode(Bytes.EMPTY)).isNull();
        assertThat(Anchor.decode(new BytesWriter(1).putByte(0x46).toBytes())).isNull();
    }
}
