package dev.lockstep.replica;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a host replicates beside the state machine: sessions, delivered batches, chain. What was
/// read and written is read again, and goes on: a batch can be executed on it.
public final class HostStateTarget implements Target {

    private static final ClusterId CLUSTER = new ClusterId(1, 2);
    private static final ReplicaId SELF = new ReplicaId(1);
    private static final Incarnation LIFE = new Incarnation(1, 1);
    private static final ReplicaOptions OPTIONS =
            ReplicaOptions.of(
                    CLUSTER, SELF, LIFE, 1, new Membership(List.of(new Member(SELF, LIFE))));

    /// The target; it has no state.
    public HostStateTarget() {}

    @Override
    public String name() {
        return "host-state";
    }

    @Override
    public boolean takes(byte[] input) {
        Host host = new Host();
        try {
            host.state.read(Bytes.wrap(input));
        } catch (MalformedException refused) {
            return false;
        }
        Bytes written = host.write();
        Host again = new Host();
        again.state.read(written);
        if (!again.write().equals(written)) {
            throw new AssertionError("read and written again it is " + again.write());
        }
        return true;
    }

    /// A host's objects, a service that answers with the command.
    private static final class Host implements ClientPort, StateMachine {

        private final Sessions sessions = new Sessions();
        private final DeliveredBatches delivered = new DeliveredBatches();
        private final ReplyChain chain = new ReplyChain();
        private final Executor executor;
        private final HostState state;

        Host() {
            ReplicaListener none = ReplicaListener.NONE;
            Service service = new Service(this, CLUSTER, 1 << 10, none, ReplicaRules.CORRECT);
            ReplyRouting routing = new ReplyRouting(this, none);
            executor =
                    new Executor(
                            OPTIONS,
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
                throw new UncheckedIOException(impossible);
            }
            return Bytes.wrap(out.toByteArray());
        }

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            reply.put(command);
        }

        @Override
        public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
            reply.put(query);
        }

        @Override
        public FrozenState snapshot() {
            return out -> {};
        }

        @Override
        public void restore(InputStream in) {}

        @Override
        public void reply(
                long connection,
                ClientReply.Kind kind,
                ClientReply.Status status,
                long session,
                long sequence,
                long position,
                byte[] bytes,
                int offset,
                int length) {}

        @Override
        public void preferredEntry(long connection, int replica) {}
    }

    /// A session that is empty takes a kilobyte for its 56 bytes, and all is there twice.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (256L << 10) + 512L * inputBytes;
    }

    @Override
    public Map<String, byte[]> seeds() {
        byte[] none = new byte[0];
        Host host = new Host();
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("fresh", host.write().toByteArray());
        OpenBatch open = new OpenBatch();
        open.add(RequestKind.OPEN, 7, 10_000_000_000L, 0, none, 0, 0);
        open.add(RequestKind.OPEN, 8, 10_000_000_000L, 0, none, 0, 0);
        host.executor.execute(1, batch(1, 1, open.take()), 100);
        seeds.put("sessions", host.write().toByteArray());
        long session = host.sessions.sortedIds()[0];
        open.add(RequestKind.COMMAND, session, 1, 0, new byte[] {'h', 'i'}, 0, 2);
        open.add(RequestKind.COMMAND, session, 2, 1, new byte[] {'y', 'o', 'u'}, 0, 3);
        open.add(RequestKind.COMMAND, session, 5, 1, new byte[] {'5'}, 0, 1);
        open.add(RequestKind.SKIP, session, 4, 1, none, 0, 0);
        host.executor.execute(2, batch(2, 1, open.take()), 200);
        seeds.put("replies-and-parked", host.write().toByteArray());
        return seeds;
    }

    private static Batch batch(int origin, long sequence, Bytes payload) {
        BatchId id = new BatchId(new ReplicaId(origin), LIFE, 1, sequence);
        return Batch.of(id, 999, payload);
    }
}
