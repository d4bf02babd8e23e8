package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// No bytes from outside do more than they say, and the bytes themselves are frozen.
class HostileBytesTest {

    @Test
    void aPayloadKeepsItsBytes() {
        OpenBatch open = new OpenBatch();
        open.add(RequestKind.COMMAND, 1, 2, 3, new byte[] {'h', 'i'}, 0, 2);
        open.add(RequestKind.OPEN, 9, 1_000, 0, new byte[0], 0, 0);
        assertThat(hex(open.take()))
                .isEqualTo(
                        "0102000000010000000000000002000000000000000300000000000000"
                                + "6869"
                                + "02000000000900000000000000e8030000000000000000000000000000");
    }

    @Test
    void peerFramesKeepTheirBytes() {
        assertThat(hex(PeerFrames.needHistory(1, 7)))
                .isEqualTo("0201000000000000000700000000000000");
        assertThat(hex(PeerFrames.chain(1, 256, -1)))
                .isEqualTo("0401000000000000000001000000000000ffffffffffffffff");
    }

    private static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    @Property(tries = 300)
    void aMalformedPayloadIsSkippedAlikeEverywhere(
            @ForAll @Size(max = 120) byte[] noise, @ForAll @IntRange(max = 40) int cut) {
        Group group = new Group(3);
        long session = group.node(2).open(7, 60 * Group.SECOND);
        OpenBatch open = new OpenBatch();
        open.add(RequestKind.COMMAND, session, 1, 0, new byte[] {'a'}, 0, 1);
        open.add(RequestKind.COMMAND, session, 2, 0, new byte[] {'b'}, 0, 1);
        Bytes good = open.take();
        BytesWriter out = new BytesWriter(256);
        out.put(good.slice(0, good.size() - cut)).put(Bytes.wrap(noise));
        group.inject(3, 5, 1, out.toBytes());
        for (Group.Node node : group.nodes()) {
            assertThat(node.replica.status().executedPosition()).isGreaterThanOrEqualTo(2);
            assertThat(node.replica.stateDigest()).isEqualTo(group.node(1).replica.stateDigest());
            assertThat(node.heard).isEqualTo(group.node(1).heard);
        }
    }

    @Test
    void whatStandsBeforeTheMalformedPartIsExecuted() {
        Group group = new Group(3);
        long session = group.node(2).open(7, 60 * Group.SECOND);
        OpenBatch open = new OpenBatch();
        open.add(RequestKind.COMMAND, session, 1, 0, new byte[] {'a'}, 0, 1);
        open.add(99, session, 2, 0, new byte[] {'b'}, 0, 1);
        open.add(RequestKind.COMMAND, session, 2, 0, new byte[] {'c'}, 0, 1);
        group.inject(3, 5, 1, open.take());
        assertThat(group.node(1).ledger.text()).isEqualTo("a;");
        assertThat(group.node(1).heard).containsExactly("malformed 2 1");
    }

    @Property(tries = 500)
    void aPeersFrameIsTakenOrRefused(
            @ForAll @IntRange(max = 6) int kind,
            @ForAll @IntRange(max = 2) int epoch,
            @ForAll @Size(max = 80) byte[] content) {
        Group group = new Group(3);
        BytesWriter out = new BytesWriter(128);
        PeerFrames.begin(kind, epoch, out);
        Bytes frame = out.put(Bytes.wrap(content)).toBytes();
        StateDigest before = group.node(2).replica.stateDigest();
        try {
            group.node(2).replica.onPeerFrame(group.now(), Group.member(new ReplicaId(3)), frame);
            group.run();
        } catch (MalformedException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
            assertThat(group.node(2).replica.stateDigest()).isEqualTo(before);
        }
        assertThat(group.node(2).replica.haltReason()).isNull();
    }

    @Test
    void aProtocolIsHeardFromMembersInTheLifeThatIsNamed() {
        Group group = new Group(3);
        Group.Node node = group.node(1);
        node.toy().trace.setLength(0);
        BytesWriter out = new BytesWriter(64);
        PeerFrames.begin(PeerFrames.PROTOCOL, 1, out);
        new Toy.Codec().encodeMessage(new Toy.AskBarrier(1), out);
        Member second = Group.member(new ReplicaId(2));
        Member another = new Member(second.id(), new Incarnation(5, 5));
        node.replica.onPeerFrame(group.now(), Group.member(new ReplicaId(9)), out.toBytes());
        node.replica.onPeerFrame(group.now(), another, out.toBytes());
        assertThat(node.toy().trace).isEmpty();
        node.replica.onPeerFrame(group.now(), second, out.toBytes());
        assertThat(node.toy().trace.toString()).isEqualTo("Received ");
    }

    @Test
    void whoeverIsOfTheClusterGetsHistory() {
        Group group = new Group(3);
        Group.Node node = group.node(1);
        group.node(2).inbox.clear();
        Member another = new Member(new ReplicaId(2), new Incarnation(5, 5));
        node.replica.onPeerFrame(group.now(), another, PeerFrames.needHistory(1, 1));
        assertThat(group.node(2).inbox).hasSize(1);
        assertThatThrownBy(
                        () ->
                                node.replica.onPeerFrame(
                                        group.now(),
                                        Group.member(new ReplicaId(2)),
                                        Bytes.wrap(new byte[8])))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void historyThatNobodyAskedForIsIgnored() {
        Group group = new Group(3);
        BytesWriter out = new BytesWriter(256);
        PeerFrames.begin(PeerFrames.HISTORY, 1, out);
        out.putLong(1).putLong(1).putInt(1);
        PeerFrames.putEntry(5, Bytes.EMPTY, Toy.batch(new ReplicaId(3), 1, 1, Bytes.EMPTY), out);
        group.node(2)
                .replica
                .onPeerFrame(group.now(), Group.member(new ReplicaId(3)), out.toBytes());
        group.run();
        assertThat(group.node(2).replica.status().executedPosition()).isZero();
    }

    @Property
    void historyIsReadBackOrRefused(@ForAll @Size(max = 200) byte[] noise) {
        try {
            PeerFrames.History history = PeerFrames.decodeHistory(Bytes.wrap(noise));
            assertThat(history.from()).isPositive();
        } catch (MalformedException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    /// What a host replicates, in the objects that hold it.
    private static final class Host {
        private final Sessions sessions = new Sessions();
        private final DeliveredBatches delivered = new DeliveredBatches();
        private final ReplyChain chain = new ReplyChain();
        private final Executor executor;
        private final HostState state;

        Host(Group group) {
            ReplicaOptions options =
                    ReplicaOptions.of(
                            Group.CLUSTER,
                            new ReplicaId(1),
                            Group.incarnation(new ReplicaId(1)),
                            1,
                            group.members);
            ReplicaListener none = ReplicaListener.NONE;
            Service service =
                    new Service(new Ledger(), Group.CLUSTER, 1 << 20, none, ReplicaRules.CORRECT);
            ReplyRouting routing = new ReplyRouting(group.node(1), none);
            executor =
                    new Executor(
                            options,
                            service,
                            sessions,
                            delivered,
                            chain,
                            routing,
                            none,
                            ReplicaRules.CORRECT);
            state = new HostState(executor, chain, delivered, sessions);
        }

        Bytes write() {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                state.writeTo(out);
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
            return Bytes.wrap(out.toByteArray());
        }
    }

    private static Host busyHost(Group group, List<Integer> orders) {
        Host host = new Host(group);
        long position = 0;
        long sequence = 0;
        for (int order : orders) {
            OpenBatch open = new OpenBatch();
            open.add(RequestKind.OPEN, order % 3, 1_000, 0, new byte[0], 0, 0);
            long session = (1L + order % 2) << 20;
            byte[] body = new byte[order % 50];
            Arrays.fill(body, (byte) order);
            open.add(RequestKind.COMMAND, session, 1 + order % 17, 2, body, 0, body.length);
            var batch = Toy.batch(new ReplicaId(1 + order % 3), 1, ++sequence, open.take());
            host.executor.execute(++position, batch, 100 * position);
        }
        return host;
    }

    @Property(tries = 200)
    void theHostsStateIsReadBackAndGoesOnAlike(
            @ForAll @Size(max = 60) List<@IntRange(max = 1_000) Integer> orders) {
        Group group = new Group(1);
        Host written = busyHost(group, orders);
        Bytes bytes = written.write();
        Host read = new Host(group);
        read.state.read(bytes);
        assertThat(read.write()).isEqualTo(bytes);

        // Sessions expire alike afterwards: the table's queue of expiries was rebuilt.
        long position = orders.size() + 1L;
        var batch = Toy.batch(new ReplicaId(1), 2, 1, Bytes.EMPTY);
        written.executor.execute(position, batch, 100 * position + 700);
        read.executor.execute(position, batch, 100 * position + 700);
        assertThat(read.write()).isEqualTo(written.write());
        assertThat(read.sessions.nextExpiryNanos(1L << 40))
                .isEqualTo(written.sessions.nextExpiryNanos(1L << 40));
    }

    @Property
    void aDamagedHostStateIsReadOrRefused(
            @ForAll @IntRange(max = 2_000) int at, @ForAll byte damage) {
        Group group = new Group(1);
        byte[] bytes = busyHost(group, List.of(1, 2, 3, 20, 31, 47, 90)).write().toByteArray();
        bytes[at % bytes.length] ^= damage;
        try {
            Host host = new Host(group);
            host.state.read(Bytes.wrap(bytes));
            assertThat(host.executor.position()).isNotNegative();
        } catch (MalformedException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    @Property
    void anyPayloadIsWalkedToAnEnd(@ForAll @Size(max = 300) byte[] noise) {
        RequestCursor cursor = new RequestCursor();
        cursor.reset(Bytes.wrap(noise));
        int requests = 0;
        while (cursor.next()) {
            requests++;
            assertThat(cursor.length()).isBetween(0, noise.length);
        }
        assertThat(requests).isLessThanOrEqualTo(noise.length / OpenBatch.HEADER_BYTES);
    }
}
