package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// What a gateway is told that has no room for a reply.
@Timeout(60)
class GatewayRoomTest {

    @TempDir Path directory;

    @SuppressWarnings("ArrayRecordComponent")
    private record Told(Status status, byte[] bytes) {

        String sentence() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /// Keeps what it is told.
    private static final class Teller implements GatewayCallback {

        private final boolean hasRoom;
        private final CompletableFuture<Told> told = new CompletableFuture<>();

        Teller(boolean hasRoom) {
            this.hasRoom = hasRoom;
        }

        @Override
        public boolean takes(int lengthBytes) {
            return hasRoom;
        }

        @Override
        public void onReply(Status status, long position, byte[] bytes, int offset, int length) {
            told.complete(new Told(status, Arrays.copyOfRange(bytes, offset, offset + length)));
        }

        Told await() {
            return told.orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    /// A gateway without a port of its own.
    private static final class TestGateway implements GatewayService {

        private final CompletableFuture<GatewayContext> context = new CompletableFuture<>();

        @Override
        public String name() {
            return "test";
        }

        @Override
        public boolean serves(Class<? extends StateMachine> machineType) {
            return true;
        }

        @Override
        public void start(GatewayContext started) {
            started.listening(1);
            context.complete(started);
        }

        @Override
        public void close() {}

        Told command(boolean hasRoom) {
            Teller teller = new Teller(hasRoom);
            GatewayContext here = context.join();
            here.eventLoop()
                    .execute(
                            () ->
                                    assertThat(here.gateway().command(TestNodes.ONE, 0, 1, teller))
                                            .isTrue());
            return teller.await();
        }

        Told query(boolean hasRoom) {
            Teller teller = new Teller(hasRoom);
            GatewayContext here = context.join();
            here.eventLoop()
                    .execute(
                            () ->
                                    here.gateway()
                                            .query(Bytes.EMPTY, Freshness.LINEARIZABLE, teller));
            return teller.await();
        }
    }

    /// Whoever is told that a command was not executed executes it again.
    @Test
    void aCommandWithoutRoomForItsReplyMayHaveBeenExecutedAndAQueryMayBeAskedAgain() {
        SortedMap<String, Integer> ports = new TreeMap<>();
        ports.put("test", 0);
        NodeConfig alone = TestNodes.alone(directory, Durability.FSYNC);
        MemberConfig self = alone.member();
        NodeConfig config =
                alone.withMember(
                        new MemberConfig(
                                new ReplicaId(1),
                                self.host(),
                                self.peerPort(),
                                self.clientPort(),
                                self.adminHost(),
                                self.adminPort(),
                                ports));
        TestGateway gateway = new TestGateway();
        Node.init(config);
        try (Node node = Node.start(config, Counter::new, List.of(gateway))) {
            assertThat(gateway.command(true).status()).isEqualTo(Status.OK);
            Told lost = gateway.command(false);
            assertThat(lost.status()).isEqualTo(Status.UNKNOWN);
            assertThat(lost.sentence()).startsWith("its reply of 8 bytes found no room");
            Told dropped = gateway.query(false);
            assertThat(dropped.status()).isEqualTo(Status.OVERLOADED);
            assertThat(dropped.sentence()).startsWith("its reply of 8 bytes found no room");
            Told count = gateway.query(true);
            assertThat(count.status()).isEqualTo(Status.OK);
            assertThat(ByteBuffer.wrap(count.bytes()).getLong()).isEqualTo(2);
            assertThat(node.failure()).isEmpty();
        }
    }
}
