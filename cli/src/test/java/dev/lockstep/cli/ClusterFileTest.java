package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.node.ConfigException;
import dev.lockstep.node.NodeConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class ClusterFileTest {

    @TempDir private Path directory;

    @Test
    void what_is_written_is_what_a_node_reads() {
        ClusterId id = ClusterFile.freshId();
        Path file = directory.resolve("it's here/cluster.yaml");
        Path data = directory.resolve("it's here/{id}");
        ClusterFile.writeNew(
                file,
                ClusterFile.text(
                        id,
                        MemberPorts.onOneHost(5, "127.0.0.1", port -> port + 1),
                        data.toString()));
        NodeConfig config = NodeConfig.load(file, 4);
        assertThat(config.clusterId()).isEqualTo(id);
        assertThat(config.members()).hasSize(5);
        assertThat(config.dataDirectory()).isEqualTo(directory.resolve("it's here/4"));
        assertThat(config.member().peerPort()).isEqualTo(7105);
        assertThat(config.member().clientPort()).isEqualTo(7005);
        assertThat(config.member().adminPort()).isEqualTo(7205);
        assertThat(config.member().gatewayPorts()).containsEntry("redis", 6383);
        assertThat(ClusterFile.load(file).self().value()).isEqualTo(1);
    }

    @Test
    void another_order_has_neither_the_options_of_the_usual_one_nor_what_is_said_of_them() {
        String usual =
                ClusterFile.text(
                        ClusterFile.freshId(),
                        MemberPorts.onOneHost(3, "127.0.0.1", port -> port),
                        directory.resolve("{id}").toString());
        assertThat(usual).contains("The order's own options", "election-timeout-min");
        assertThat(LocalCluster.inOrder(usual, "logical-clock"))
                .contains("\norder: logical-clock\n")
                .doesNotContain(
                        "The order's own options", "order-options", "election-timeout", "\n\n\n")
                .contains("\n\n# When a command counts as durable");
    }

    @Test
    void a_file_for_members_that_may_lie_is_taken_and_has_no_port_that_answers_alone()
            throws Exception {
        for (String resilience : List.of("3t+1", "2t+1")) {
            String text =
                    ClusterFile.underByzantine(
                            ClusterFile.text(
                                    ClusterFile.freshId(),
                                    MemberPorts.onOneHost(4, "127.0.0.1", port -> port),
                                    directory.resolve("{id}").toString()),
                            resilience);
            Path file = Files.writeString(directory.resolve("byzantine.yaml"), text);
            NodeConfig config = NodeConfig.load(file, 1);
            assertThat(config.faults()).isEqualTo(FaultModel.BYZANTINE);
            assertThat(config.protocolOptions()).containsEntry("resilience", resilience);
            assertThat(config.member().gatewayPorts()).isEmpty();
            assertThat(text).doesNotContain("election-timeout", "\n\n\n");
        }
    }

    @Test
    void fresh_ids_differ() {
        assertThat(ClusterFile.freshId()).isNotEqualTo(ClusterFile.freshId());
    }

    @Test
    void a_file_that_exists_is_left_alone() throws Exception {
        Path file = Files.writeString(directory.resolve("cluster.yaml"), "mine");
        assertThatThrownBy(() -> ClusterFile.writeNew(file, "theirs"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("exists already");
        assertThat(file).hasContent("mine");
    }

    @Test
    void a_file_without_members_or_no_file_is_a_sentence() throws Exception {
        Path empty = Files.writeString(directory.resolve("empty.yaml"), "faults: crash\n");
        assertThatThrownBy(() -> ClusterFile.load(empty))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("names no member");
        assertThatThrownBy(() -> ClusterFile.load(directory.resolve("absent.yaml")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("there is no such file");
    }
}
