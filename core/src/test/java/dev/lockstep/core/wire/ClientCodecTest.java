package dev.lockstep.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Client frames: what is written is read, its bytes are frozen, and hostile bytes are refused.
class ClientCodecTest {

    record Fixture(ClientRequest request, String hex) {}

    static Fixture[] fixtures() {
        Bytes text = Bytes.wrap("hi".getBytes(StandardCharsets.UTF_8));
        return new Fixture[] {
            new Fixture(new ClientRequest.Open(1, 2), "01000000000000000200000000000000"),
            new Fixture(
                    new ClientRequest.Command(1, 2, 3, text),
                    "0100000000000000020000000000000003000000000000006869"),
            new Fixture(
                    new ClientRequest.Query(9, ClientRequest.Freshness.SESSION, 4, text),
                    "09000000000000000104000000000000006869"),
            new Fixture(
                    new ClientRequest.Skip(1, 2, 3),
                    "010000000000000002000000000000000300000000000000"),
            new Fixture(new ClientRequest.KeepAlive(1, 7), "01000000000000000700000000000000"),
            new Fixture(new ClientRequest.Close(255), "ff00000000000000"),
        };
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void requestsKeepTheirBytes(Fixture fixture) {
        BytesWriter out = new BytesWriter(64);
        ClientCodec.encode(fixture.request(), out);
        assertThat(HexFormat.of().formatHex(out.toBytes().toByteArray())).isEqualTo(fixture.hex());
        assertThat(
                        ClientCodec.decodeRequest(
                                ClientCodec.frameKind(fixture.request()), out.toBytes()))
                .isEqualTo(fixture.request());
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void requestsCutShortAreRefused(Fixture fixture) {
        Bytes whole = Bytes.wrap(HexFormat.of().parseHex(fixture.hex()));
        int fixed =
                fixture.request() instanceof ClientRequest.Command
                                || fixture.request() instanceof ClientRequest.Query
                        ? whole.size() - 2
                        : whole.size();
        for (int size = 0; size < fixed; size++) {
            Bytes cut = whole.slice(0, size);
            assertThatThrownBy(
                            () ->
                                    ClientCodec.decodeRequest(
                                            ClientCodec.frameKind(fixture.request()), cut))
                    .isInstanceOf(MalformedException.class);
        }
    }

    @Property
    void repliesAreReadBack(
            @ForAll ClientReply.Kind kind,
            @ForAll ClientReply.Status status,
            @ForAll long session,
            @ForAll long sequence,
            @ForAll byte[] bytes) {
        ClientReply reply = new ClientReply(kind, status, session, sequence, 17, Bytes.wrap(bytes));
        BytesWriter out = new BytesWriter(64);
        ClientCodec.encodeReplyHeader(kind, status, session, sequence, 17, out);
        out.put(reply.bytes());
        assertThat(ClientCodec.decodeReply(out.toBytes())).isEqualTo(reply);
    }

    @Property
    void hostileBytesAreDecodedOrRefused(
            @ForAll @IntRange(min = 0, max = 40) int frameKind, @ForAll byte[] bytes) {
        try {
            assertThat(ClientCodec.decodeRequest(frameKind, Bytes.wrap(bytes))).isNotNull();
        } catch (MalformedException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
        try {
            assertThat(ClientCodec.decodeReply(Bytes.wrap(bytes))).isNotNull();
        } catch (MalformedException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }
}
