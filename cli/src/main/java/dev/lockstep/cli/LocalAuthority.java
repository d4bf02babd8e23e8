package dev.lockstep.cli;

import dev.lockstep.core.ClusterId;
import dev.lockstep.node.ConfigException;
import dev.lockstep.node.MemberConfig;
import dev.lockstep.node.Node;
import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/// The configuration authority of a [LocalCluster] under fail-stop faults: one replica of `service:
/// authority` in this process, with its own directory. What it has decided stays, as a cluster's
/// does.
///
/// Threading: one thread at a time.
final class LocalAuthority implements AutoCloseable {

    private static final String FILE = "authority.yaml";
    private static final String DATA = "authority";

    /// So far are an authority's usual ports from those of the cluster on the same machine.
    static final int PORT_OFFSET = 300;

    private final Path directory;
    private @Nullable Node node;

    LocalAuthority(Path directory) {
        this.directory = directory;
    }

    private Path file() {
        return directory.resolve(FILE);
    }

    /// The file and the data, for [LocalCluster#wipe].
    List<Path> files() {
        return List.of(directory.resolve(DATA), file());
    }

    boolean exists() {
        return Files.exists(file());
    }

    /// Makes a new one.
    ///
    /// @param ports chooses the port to use, given the usual one
    void create(IntUnaryOperator ports) throws IOException {
        List<MemberPorts> one =
                MemberPorts.onOneHost(
                        1,
                        LocalCluster.HOST,
                        usual -> ports.applyAsInt(usual + LocalAuthority.PORT_OFFSET));
        Path draft = directory.resolve(FILE + ".draft");
        String data = directory.resolve(DATA).resolve("{id}").toString();
        Files.writeString(draft, ClusterFile.authorityText(ClusterFile.freshId(), one, data));
        Node.init(NodeConfig.load(draft, 1));
        Files.move(draft, file(), StandardCopyOption.ATOMIC_MOVE);
    }

    private NodeConfig config() {
        return NodeConfig.load(file(), 1);
    }

    ClusterId clusterId() {
        return Objects.requireNonNull(config().clusterId());
    }

    String address() {
        MemberConfig member = config().member();
        return member.host() + ":" + member.clientPort();
    }

    /// Replaces ports that somebody else has taken meanwhile.
    void replaceTakenPorts() throws IOException {
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        String text = Files.readString(file());
        MemberConfig member = config().member();
        for (int port : List.of(member.peerPort(), member.clientPort(), member.adminPort())) {
            text = text.replaceAll("-port: " + port + "\\b", "-port: " + ports.near(port));
        }
        Files.writeString(file(), text);
    }

    /// Starts it; it serves when this returns.
    void start() {
        // Before the first logger is made: what the authority does is of no interest beside a demo.
        System.setProperty("lockstep.log", System.getenv().getOrDefault("LOCKSTEP_LOG", "warn"));
        try {
            node = Node.start(config());
        } catch (ConfigException e) {
            throw new OperatorException(
                    "the configuration authority does not start: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        Node running = node;
        if (running != null) {
            running.close();
            node = null;
        }
    }
}
