package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;

import java.util.HexFormat;
import java.util.List;

/// The bytes of the handshake are frozen, and what is no handshake is malformed and nothing else.
class HandshakeTest {

    private static final ClusterId CLUSTER =
            new ClusterId(0x1122334455667788L, 0x99aabbccddeeff00L);
    private static final Hello.Caller.Peer PEER =
            new Hello.Caller.Peer(
                    new ReplicaId(2),
                    new Incarnation(3, 4),
                    5,
                    6,
                    Epoch.FIRST,
                    new ReplicaAddress("b.example", 7102, 7202, 0));

    /// The address of [#PEER].
    private static final String ADDRESS = "09000000622e6578616d706c65" + "be1b" + "221c" + "0000";

    @Test
    void helloOfAMember() {
        Hello hello = Hello.ofPeer(CLUSTER, PEER, new ReplicaId(1));

        assertThat(hex(hello))
                .isEqualTo(
                        "4c53545003000300"
                                + "887766554433221100ffeeddccbbaa99"
                                + "0102000000"
                                + "03000000000000000400000000000000"
                                + "05000000"
                                + "0600000000000000"
                                + "0100000000000000"
                                + ADDRESS
                                + "01000000");
        assertThat(Hello.decode(bytes(hello))).isEqualTo(hello);
    }

    @Test
    void helloOfAMemberThatSigns() {
        Bytes keys = Bytes.wrap(HexFormat.of().parseHex("5a".repeat(32)));
        Hello hello = Hello.ofPeer(CLUSTER, PEER, new ReplicaId(1), keys);

        assertThat(hex(hello))
                .isEqualTo(hex(Hello.ofPeer(CLUSTER, PEER, new ReplicaId(1))) + "5a".repeat(32));
        assertThat(Hello.decode(bytes(hello))).isEqualTo(hello);
        assertThatThrownBy(() -> Hello.decode(bytes(hello).slice(0, bytes(hello).size() - 1)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void helloOfAClient() {
        Hello hello = Hello.ofClient(null);

        assertThat(hex(hello))
                .isEqualTo("4c53545003000300" + "00000000000000000000000000000000" + "02");
        assertThat(Hello.decode(bytes(hello))).isEqualTo(hello);
    }

    @Test
    void welcome() {
        Welcome welcome =
                new Welcome.Accepted(
                        3,
                        CLUSTER,
                        PEER,
                        1,
                        List.of(new MemberAddress(new ReplicaId(1), "a.example", 7201)));

        assertThat(hex(welcome))
                .isEqualTo(
                        "4c535450010300"
                                + "887766554433221100ffeeddccbbaa99"
                                + "02000000"
                                + "03000000000000000400000000000000"
                                + "05000000"
                                + "0600000000000000"
                                + "0100000000000000"
                                + ADDRESS
                                + "0100000001000000"
                                + "0100000009000000612e6578616d706c65211c0000");
        assertThat(Welcome.decode(bytes(welcome))).isEqualTo(welcome);
    }

    @Test
    void addresses() {
        List<AddressesCodec.Told> all = List.of(new AddressesCodec.Told(PEER.known(), true));
        Bytes content = AddressesCodec.encode(all);

        assertThat(HexFormat.of().formatHex(content.toByteArray()))
                .isEqualTo(
                        "01000000"
                                + "02000000"
                                + "03000000000000000400000000000000"
                                + "05000000"
                                + "0600000000000000"
                                + ADDRESS
                                + "01");
        assertThat(AddressesCodec.decode(content)).isEqualTo(all);
    }

    @Test
    void membersThatClientsAreToldOf() {
        ClientMembers members =
                new ClientMembers(
                        new Epoch(7),
                        List.of(new MemberAddress(new ReplicaId(4), "a.example", 7204)));

        assertThat(HexFormat.of().formatHex(members.encode().toByteArray()))
                .isEqualTo(
                        "0700000000000000"
                                + "01000000"
                                + "0400000009000000612e6578616d706c65241c0000");
        assertThat(ClientMembers.decode(members.encode())).isEqualTo(members);
        assertThatThrownBy(() -> ClientMembers.decode(Bytes.wrap(new byte[12])))
                .isInstanceOf(MalformedException.class)
                .hasMessage("epoch out of range: 0");
    }

    @Test
    void refusal() {
        Welcome welcome = new Welcome.Refused(Welcome.Reason.UNSAFE, "no");

        assertThat(hex(welcome)).isEqualTo("4c5354500202020000006e6f");
        assertThat(Welcome.decode(bytes(welcome))).isEqualTo(welcome);
    }

    @Test
    void laterVersionsMayAppendToAGreeting() {
        BytesWriter out = new BytesWriter(64);
        new Hello(1, 3, CLUSTER, new Hello.Caller.User()).encode(out);
        out.putLong(42);

        assertThat(Hello.decode(out.toBytes()).highestVersion()).isEqualTo(3);
    }

    /// So that it is told which versions there are, and not that it speaks nonsense.
    @Test
    void aReplicaOfAnotherVersionIsReadAsFarAsThat() {
        String former = "4c53545002000200" + "887766554433221100ffeeddccbbaa99" + "0102000000";

        Hello hello = Hello.decode(Bytes.wrap(HexFormat.of().parseHex(former)));

        assertThat(hello.highestVersion()).isEqualTo(2);
        assertThat(hello.clusterId()).isEqualTo(CLUSTER);
    }

    @Test
    void aHostIsOneWord() {
        String spoilt =
                hex(Hello.ofPeer(CLUSTER, PEER, new ReplicaId(1))).replace("622e6578", "620a6578");

        assertThatThrownBy(() -> Hello.decode(Bytes.wrap(HexFormat.of().parseHex(spoilt))))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> new ReplicaAddress("a b", 1, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"a b\" is not the name of a host");
    }

    @Test
    void anotherProtocolIsNamed() {
        Bytes http =
                Bytes.wrap("GET / HTTP/1.1\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));

        assertThatThrownBy(() -> Hello.decode(http))
                .isInstanceOf(MalformedException.class)
                .hasMessage("the caller does not speak Lockstep");
    }

    @Property
    void anyBytesDecodeOrAreMalformed(@ForAll byte[] bytes, @ForAll boolean magic) {
        byte[] content = bytes.clone();
        if (magic && content.length >= 4) {
            System.arraycopy(HexFormat.of().parseHex("4c535450"), 0, content, 0, 4);
        }
        for (Runnable decode :
                List.<Runnable>of(
                        () -> Hello.decode(Bytes.wrap(content)),
                        () -> Welcome.decode(Bytes.wrap(content)),
                        () -> AddressesCodec.decode(Bytes.wrap(content)))) {
            try {
                decode.run();
            } catch (MalformedException expected) {
                assertThat(expected.getMessage()).isNotBlank();
            }
        }
    }

    private static Bytes bytes(Hello hello) {
        BytesWriter out = new BytesWriter(64);
        hello.encode(out);
        return out.toBytes();
    }

    private static Bytes bytes(Welcome welcome) {
        BytesWriter out = new BytesWriter(64);
        welcome.encode(out);
        return out.toBytes();
    }

    private static String hex(Hello hello) {
        return HexFormat.of().formatHex(bytes(hello).toByteArray());
    }

    private static String hex(Welcome welcome) {
        return HexFormat.of().formatHex(bytes(welcome).toByteArray());
    }
}
