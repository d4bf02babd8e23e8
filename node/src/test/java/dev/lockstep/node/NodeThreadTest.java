package dev.lockstep.node;

import static dev.lockstep.node.TestNodes.clientOf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Client;
import dev.lockstep.core.OrderingProvider;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Whatever a node's thread meets ends there, with a sentence, and nobody waits for ever.
// Who waits for a start cannot be interrupted.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NodeThreadTest {

    @TempDir private Path directory;

    private final ClassLoader usual = Thread.currentThread().getContextClassLoader();

    /// No other test is to know of this order.
    @BeforeEach
    void addShyOrder() throws IOException {
        Path services = Files.createDirectories(directory.resolve("classes/META-INF/services"));
        Files.writeString(
                services.resolve(OrderingProvider.class.getName()), ShyProvider.class.getName());
        URL[] classes = {directory.resolve("classes").toUri().toURL()};
        Thread.currentThread().setContextClassLoader(new URLClassLoader(classes, usual));
    }

    @AfterEach
    void speakAgain() {
        ShyProvider.isSilent = false;
        Thread.currentThread().setContextClassLoader(usual);
    }

    @Test
    void anErrorWhileTheServiceIsMadeIsASentenceAndTheEnd() {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        assertThatThrownBy(
                        () ->
                                Node.start(
                                        config,
                                        () -> {
                                            throw new NoClassDefFoundError("com/example/Missing");
                                        }))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "replica 1 cannot start: java.lang.NoClassDefFoundError:"
                                + " com/example/Missing");
        // Nothing is left of it that would stand in another's way.
        Node.start(config).close();
    }

    /// What made it stop may have left it in any state.
    @Test
    void aReplicaThatCannotSayHowItWasStopsAllTheSame() throws InterruptedException {
        NodeConfig base = TestNodes.alone(directory, Durability.FSYNC);
        NodeConfig config = base.withOrder(ShyProvider.ORDER);
        Node.init(config);
        Node node = Node.start(config);
        try (Client client = clientOf(node)) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(1);
            ShyProvider.isSilent = true;
            // The replica asks its protocol before it admits anything.
            var _ = client.command(TestNodes.ONE, Duration.ofMillis(100));
            node.awaitTermination();
        }
        assertThat(node.failure().orElseThrow())
                .isEqualTo("replica 1 stopped: java.lang.AssertionError: it does not say");
        assertThatThrownBy(node::status)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the node has stopped");
    }
}
