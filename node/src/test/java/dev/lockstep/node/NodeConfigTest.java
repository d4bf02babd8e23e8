package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.net.keys.KeyStore;
import dev.lockstep.net.keys.SignatureProvider;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// What cluster.yaml may say, and the sentence each mistake gets.
class NodeConfigTest {

    private static final String MEMBERS =
            """
            members:
              - {id: 1, host: a, peer-port: 7101, client-port: 7001}
              - {id: 2, host: a, peer-port: 7102, client-port: 7002}
              - {id: 3, host: a, peer-port: 7103, client-port: 7003}
            """;

    @Test
    void theShippedFileSaysTheDefaults(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("cluster.yaml");
        try (InputStream shipped = NodeConfig.class.getResourceAsStream("cluster.yaml")) {
            Files.copy(Objects.requireNonNull(shipped), file);
        }

        NodeConfig config = NodeConfig.load(file, 2);

        NodeConfig bare = parse("service: kv\n" + MEMBERS, 2);
        assertThat(config.limits()).isEqualTo(ReplicaLimits.DEFAULT).isEqualTo(bare.limits());
        assertThat(config.faults()).isEqualTo(FaultModel.CRASH).isEqualTo(bare.faults());
        assertThat(config.order()).isEqualTo("leader").isEqualTo(bare.order());
        assertThat(config.durability()).isEqualTo(Durability.FSYNC).isEqualTo(bare.durability());
        assertThat(config.journalThreading())
                .isEqualTo(JournalThreading.ADAPTIVE)
                .isEqualTo(bare.journalThreading());
        assertThat(config.clockMaxSkewNanos()).isEqualTo(bare.clockMaxSkewNanos());
        assertThat(config.service()).isEqualTo("kv").isEqualTo(bare.service());
        assertThat(config.dataDirectory())
                .isEqualTo(Path.of(".lockstep/2"))
                .isEqualTo(bare.dataDirectory());
        assertThat(config.signatures())
                .isEqualTo(SignatureConfig.DEFAULT)
                .isEqualTo(bare.signatures());
        assertThat(config.members()).hasSize(3);
        assertThat(config.member().clientPort()).isEqualTo(7002);
        assertThat(config.member().adminPort()).isEqualTo(7202);
        assertThat(config.member().gatewayPorts()).containsEntry("redis", 6380);
        assertThat(bare.member().adminPort()).isEqualTo(-1);
    }

    @Test
    void everyKeyIsTaken() {
        NodeConfig config =
                parse(
                        """
                        cluster: 00000000000000010000000000000002
                        faults: crash
                        order: leader
                        order-options: {election-timeout-min: 200ms, reads: {lease: true}}
                        durability: os
                        journal-threading: threaded
                        service: dev.example.Counter
                        service-options: {size: 010, empty: }
                        data: /var/{id}/data
                        signatures: {provider: bouncy-castle, public-keys: a.keys, private-keys: /k, client: 9}
                        limits: {request-bytes: 1MiB, parked-requests: 100, query-timeout: 2s}
                        clock: {max-skew: 500ms}
                        members:
                          - id: 7
                            host: "10.0.0.7"
                            peer-port: 7101
                            client-port: 0
                            admin-host: 127.0.0.1
                            admin-port: 7201
                            redis-port: 6379
                            incarnation: 000000000000000a000000000000000b
                        """,
                        7);

        assertThat(config.clusterId()).isEqualTo(new ClusterId(1, 2));
        assertThat(config.protocolOptions())
                .containsEntry("election-timeout-min", "200ms")
                .containsEntry("reads.lease", "true");
        assertThat(config.durability()).isEqualTo(Durability.OS);
        assertThat(config.journalThreading()).isEqualTo(JournalThreading.THREADED);
        assertThat(config.service()).isEqualTo("dev.example.Counter");
        assertThat(config.serviceOptions()).containsEntry("size", "010").containsEntry("empty", "");
        assertThat(config.dataDirectory()).isEqualTo(Path.of("/var/7/data"));
        assertThat(config.signatures())
                .isEqualTo(
                        new SignatureConfig(
                                SignatureProvider.BOUNCY_CASTLE,
                                new KeyStore(Path.of("a.keys"), Path.of("/k")),
                                9,
                                1));
        assertThat(config.limits().requestBytes()).isEqualTo(1 << 20);
        assertThat(config.limits().parkedRequests()).isEqualTo(100);
        assertThat(config.limits().queryTimeoutNanos()).isEqualTo(2_000_000_000L);
        assertThat(config.clockMaxSkewNanos()).isEqualTo(500_000_000L);
        MemberConfig member = config.member();
        assertThat(member.id()).isEqualTo(new ReplicaId(7));
        assertThat(member.host()).isEqualTo("10.0.0.7");
        assertThat(member.adminHost()).isEqualTo("127.0.0.1");
        assertThat(member.gatewayPorts()).containsEntry("redis", 6379);
        assertThat(member.incarnation()).isEqualTo(new Incarnation(10, 11));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeGetsOneSentence(Mistake mistake) {
        assertThatThrownBy(() -> parse(mistake.yaml, mistake.id))
                .isInstanceOf(ConfigException.class)
                .hasMessage(mistake.sentence);
    }

    record Mistake(String yaml, int id, String sentence) {}

    static Stream<Mistake> mistakes() {
        return Stream.of(textMistakes(), keyMistakes(), valueMistakes(), memberMistakes(), rules())
                .flatMap(List::stream);
    }

    private static List<Mistake> textMistakes() {
        return List.of(
                new Mistake("", 1, "c.yaml is empty"),
                new Mistake(
                        "{ [garbage: ]",
                        1,
                        "c.yaml, line 1: this is no YAML: Expected a field name (Scalar value in"
                                + " YAML)"),
                new Mistake(
                        "hello", 1, "c.yaml, line 1: a configuration consists of keys and values"),
                new Mistake(
                        "order: leader\norder: leader\n" + MEMBERS,
                        1,
                        "c.yaml, line 2: the key order is there twice"),
                new Mistake(
                        "order: leader\n---\norder: leader\n",
                        1,
                        "c.yaml, line 3: there is a second document"),
                new Mistake(
                        "order: &o leader\nservice: *o\n" + MEMBERS,
                        1,
                        "c.yaml, line 2: aliases are not taken; write the value out"));
    }

    private static List<Mistake> keyMistakes() {
        return List.of(
                new Mistake(
                        MEMBERS + "oder: leader\n",
                        1,
                        "c.yaml, line 5: there is no key oder; did you mean order?"),
                new Mistake(
                        MEMBERS + "limits: {request-byte: 1MiB}\n",
                        1,
                        "c.yaml, line 5: there is no key request-byte; did you mean"
                                + " request-bytes?"),
                new Mistake(
                        MEMBERS + "clock: {drift: 1s}\n",
                        1,
                        "c.yaml, line 5: there is no key drift here; there are max-skew"),
                new Mistake(
                        "members:\n  - {id: 1, host: a, peer-prot: 1, client-port: 2}\n",
                        1,
                        "c.yaml, line 2: peer-port is missing"),
                new Mistake(
                        "members:\n"
                                + "  - {id: 1, host: a, peer-port: 1, client-port: 2, admn-port: 3}\n",
                        1,
                        "c.yaml, line 2: there is no key admn-port; did you mean admin-port?"));
    }

    private static List<Mistake> valueMistakes() {
        return List.of(
                new Mistake(
                        MEMBERS + "cluster: 12\n",
                        1,
                        "c.yaml, line 5: cluster is \"12\": it must be 32 hexadecimal digits in"
                                + " quotes"),
                new Mistake(
                        MEMBERS + "durability: fsnc\n",
                        1,
                        "c.yaml, line 5: durability is \"fsnc\": choose fsync, os or memory"),
                new Mistake(
                        MEMBERS + "faults: byzantin\n",
                        1,
                        "c.yaml, line 5: faults is \"byzantin\": choose crash, fail-stop or"
                                + " byzantine"),
                new Mistake(
                        MEMBERS + "limits: {request-bytes: 8MB}\n",
                        1,
                        "c.yaml, line 5: request-bytes is \"8MB\": it must be a size such as 64KiB"
                                + " or 8MiB, at most 1GiB"),
                new Mistake(
                        MEMBERS + "limits: {request-bytes: 512MiB}\n",
                        1,
                        "c.yaml, line 5: limits cannot be: request-bytes is 536870912; choose from"
                                + " 1 to 33554432"),
                new Mistake(
                        MEMBERS + "clock: {max-skew: soon}\n",
                        1,
                        "c.yaml, line 5: max-skew is \"soon\": it must be a duration such as 150ms"
                                + " or 2s"),
                new Mistake(
                        MEMBERS + "order: [leader]\n",
                        1,
                        "c.yaml, line 5: order is one value, not several"),
                new Mistake(
                        MEMBERS + "limits: 8MiB\n",
                        1,
                        "c.yaml, line 5: limits has keys of its own, each on a line and indented"));
    }

    private static List<Mistake> memberMistakes() {
        return List.of(
                new Mistake(
                        "order: leader\n",
                        1,
                        "members is empty; list every replica with its id, host, peer-port and"
                                + " client-port"),
                new Mistake(
                        "members: 3\n",
                        1,
                        "c.yaml, line 1: members is a list: begin each item with a hyphen"),
                new Mistake(
                        "members:\n  - 1\n",
                        1,
                        "c.yaml, line 2: each of members has keys, such as {id: 1}"),
                new Mistake(
                        "members:\n  - {id: 0, host: a, peer-port: 1, client-port: 2}\n",
                        1,
                        "c.yaml, line 2: id is \"0\": it must be a number from 1 to 65535"),
                new Mistake(
                        "members:\n  - {id: 1, host: a, peer-port: 0, client-port: 2}\n",
                        1,
                        "c.yaml, line 2: peer-port is \"0\": it must be a number from 1 to 65535"),
                new Mistake(MEMBERS, 0, "the number of a replica is from 1 to 65535, not 0"),
                new Mistake(
                        "signatures: {provider: jdk}\n" + MEMBERS,
                        1,
                        "c.yaml, line 1: provider is \"jdk\": the JDK's own signatures are a"
                                + " hundred times slower: choose accp or bouncy-castle"),
                new Mistake(
                        MEMBERS,
                        4,
                        "replica 4 is not one of the members 1, 2 and 3; choose one of them or add"
                                + " it"),
                new Mistake(
                        MEMBERS + "  - {id: 3, host: b, peer-port: 1, client-port: 2}\n",
                        1,
                        "members lists replica 3 twice; give every replica its own id"),
                new Mistake(
                        MEMBERS + "  - {id: 4, host: a, peer-port: 7001, client-port: 2}\n",
                        1,
                        "client-port of replica 1 and peer-port of replica 4 are both 7001 on host"
                                + " a; give each its own port"),
                new Mistake(
                        MEMBERS
                                + "  - {id: 4, host: a, peer-port: 1, client-port: 2, redis-port:"
                                + " 2}\n",
                        1,
                        "client-port of replica 4 and redis-port of replica 4 are both 2 on host a;"
                                + " give each its own port"));
    }

    private static final String AUTHORITY =
            "authority: {cluster: \"00000000000000070000000000000008\", addresses: \"h:1,h:2\"}\n";

    @Test
    void anAuthorityIsNamed() {
        NodeConfig config =
                ConfigFile.parse(
                        "c.yaml",
                        MEMBERS + "faults: fail-stop\norder: replica-ids\n" + AUTHORITY,
                        1);
        assertThat(config.authority())
                .isEqualTo(new AuthorityConfig(new ClusterId(7, 8), List.of("h:1", "h:2")));
        ConfigRules.check(config);
    }

    private static List<Mistake> rules() {
        return List.of(
                new Mistake(
                        MEMBERS + "order: by-lot\n",
                        1,
                        "there is no order by-lot with faults crash; there is order leader,"
                                + " logical-clock, synchronized-clock or replica-ids with faults crash,"
                                + " order logical-clock, synchronized-clock or replica-ids with faults"
                                + " fail-stop and order leader with faults byzantine"),
                new Mistake(
                        MEMBERS + "faults: fail-stop\norder: replica-ids\n",
                        1,
                        "faults: fail-stop needs a configuration authority that says which replicas"
                                + " go on: name it with authority: {cluster: \"...\", addresses:"
                                + " \"host:port,...\"}; it is run with lockstep authority"),
                new Mistake(
                        MEMBERS + AUTHORITY,
                        1,
                        "authority is for faults: fail-stop, and faults is crash: remove"
                                + " authority"),
                new Mistake(
                        MEMBERS + "faults: byzantine\n",
                        1,
                        "members has 3 replicas, too few for faults: byzantine, where one of them"
                                + " may lie: resilience 3t+1 needs 4, and resilience 2t+1, which rests"
                                + " on a delta that no message exceeds, needs 3"),
                new Mistake(
                        MEMBERS
                                + "faults: byzantine\n"
                                + "order-options: {resilience: 2t+1}\n"
                                + "durability: memory\n",
                        1,
                        "durability: memory does not go with faults: byzantine, because a replica"
                                + " that forgets what it has voted for counts as one that lies: choose"
                                + " fsync or os"),
                new Mistake(
                        MEMBERS
                                + "  - {id: 4, host: b, peer-port: 7101, client-port: 7001,"
                                + " redis-port: 1}\n"
                                + "faults: byzantine\n",
                        1,
                        "replica 4 has a redis-port, and with faults: byzantine one replica's"
                                + " answer is not to be believed: remove the key, and serve that"
                                + " protocol with 'lockstep gateway', which asks all replicas and"
                                + " counts their answers"),
                new Mistake(
                        MEMBERS + "faults: byzantine\norder: logical-clock\n",
                        1,
                        "there is no order logical-clock with faults byzantine; there is order"
                                + " leader, logical-clock, synchronized-clock or replica-ids with"
                                + " faults crash, order logical-clock, synchronized-clock or"
                                + " replica-ids with faults fail-stop and order leader with faults"
                                + " byzantine"),
                new Mistake(
                        MEMBERS + "order-options: {heartbeat-interval: 200ms}\n",
                        1,
                        "order-options: option heartbeat-interval is more than half of"
                                + " election-timeout-min: set it to at most that."),
                new Mistake(
                        MEMBERS + "limits: {in-flight-bytes: 1MiB}\n",
                        1,
                        "limits: request-bytes is 8MiB, more than may be in flight: raise"
                                + " in-flight-bytes and in-flight-bytes-per-connection to at least"
                                + " that"));
    }

    @Test
    void evenNumbersOfMembersAreTaken() {
        NodeConfig config =
                parse(MEMBERS + "  - {id: 4, host: b, peer-port: 7101, client-port: 7001}\n", 4);

        assertThat(config.members()).hasSize(4);
    }

    @Test
    void aFileThatIsNotThereIsNamed(@TempDir Path directory) {
        Path file = directory.resolve("none.yaml");

        assertThatThrownBy(() -> NodeConfig.load(file, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessage("there is no file " + file + "; name another");
    }

    @Test
    void whatIsNoTextIsNamed(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("c.yaml");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> NodeConfig.load(file, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + " is not a text in UTF-8; write it anew");

        Files.write(file, "a: [1, 2".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> NodeConfig.load(file, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(file + ", line 1: this is no YAML: ");
    }

    @Test
    void amountsAreWrittenAsTheyAreRead() {
        assertThat(Amounts.ofSize(8 << 20)).isEqualTo("8MiB");
        assertThat(Amounts.ofSize(1000)).isEqualTo("1000B");
        assertThat(Amounts.ofDuration(150_000_000)).isEqualTo("150ms");
        assertThat(Amounts.ofDuration(86_400_000_000_000L)).isEqualTo("24h");
        assertThat(Amounts.sizeBytes("999999999999999GiB")).isNull();
        assertThat(Amounts.durationNanos("-1s")).isNull();
        assertThat(Amounts.durationNanos("1")).isNull();
    }

    private static NodeConfig parse(String yaml, int id) {
        NodeConfig config = ConfigFile.parse("c.yaml", yaml, id);
        ConfigRules.check(config);
        return config;
    }
}
