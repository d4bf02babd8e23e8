package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Replies find the connection that waits for them, once.
class ReplyRoutingTest {

    private static final class Recorder implements ClientPort {
        private final List<String> sent = new ArrayList<>();

        @Override
        public void reply(
                long connection,
                Kind kind,
                Status status,
                long session,
                long sequence,
                long position,
                byte[] bytes,
                int offset,
                int length) {
            sent.add(connection + ":" + session + "." + sequence);
        }

        @Override
        public void preferredEntry(long connection, int replica) {
            sent.add(connection + " prefers " + replica);
        }
    }

    @Property
    void behavesLikeATreeMap(@ForAll @Size(max = 500) List<@IntRange(max = 4_000) Integer> orders) {
        Recorder port = new Recorder();
        ReplyRouting routing = new ReplyRouting(port, ReplicaListener.NONE);
        TreeMap<String, Integer> model = new TreeMap<>();
        for (int connection = 0; connection < 3; connection++) {
            routing.touch(connection);
        }
        for (int order : orders) {
            int connection = order % 3;
            long session = order / 3 % 2 + 5_000_000_000L;
            long sequence = order / 6 % 100;
            String key = session + "." + sequence;
            assertThat(routing.isWaiting(0, session, sequence)).isEqualTo(model.containsKey(key));
            if (order % 5 < 3) {
                routing.expect(0, session, sequence, connection, 10);
                model.put(key, connection);
            } else {
                port.sent.clear();
                routing.answer(Status.OK, 0, session, sequence, 1, new byte[0], 0, 0);
                Integer waited = model.remove(key);
                if (waited == null) {
                    assertThat(port.sent).isEmpty();
                } else {
                    assertThat(port.sent).containsExactly(waited + ":" + key);
                }
            }
            assertThat(routing.size()).isEqualTo(model.size());
        }
        for (int connection = 0; connection < 3; connection++) {
            int number = connection;
            assertThat(routing.inFlightBytes(connection))
                    .isEqualTo(10 * model.values().stream().filter(to -> to == number).count());
        }
    }

    @Test
    void aConnectionThatIsGoneGetsNothing() {
        Recorder port = new Recorder();
        ReplyRouting routing = new ReplyRouting(port, ReplicaListener.NONE);
        routing.touch(4);
        routing.expect(0, 1, 1, 4, 10);
        routing.gone(4);
        routing.answer(Status.OK, 0, 1, 1, 1, new byte[0], 0, 0);
        assertThat(port.sent).isEmpty();
        assertThat(routing.size()).isZero();
    }

    @Test
    void everyConnectionHearsOfTheBestEntry() {
        Recorder port = new Recorder();
        ReplyRouting routing = new ReplyRouting(port, ReplicaListener.NONE);
        routing.touch(4);
        routing.touch(2);
        routing.preferEntry(3);
        routing.preferEntry(3);
        routing.touch(9);
        routing.touch(9);
        assertThat(port.sent).containsExactly("2 prefers 3", "4 prefers 3", "9 prefers 3");
    }
}
