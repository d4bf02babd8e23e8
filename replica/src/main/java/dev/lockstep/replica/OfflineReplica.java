package dev.lockstep.replica;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.Batch;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.MalformedException;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// The state of a cluster that is not there: restored from a snapshot, moved on by history that was
/// delivered once, and given out as the beginning of another cluster. Executes as a replica does,
/// answers nobody, and takes part in no protocol.
///
/// Errors: as [Replica].
///
/// Threading: one thread.
public final class OfflineReplica {

    private static final ReplicaId SOMEBODY = new ReplicaId(1);
    private static final Incarnation NO_LIFE = new Incarnation(0, 0);

    private final ClusterId cluster;
    private final StateMachine machine;
    private final Sessions sessions = new Sessions();
    private final DeliveredBatches delivered = new DeliveredBatches();
    private final ReplyChain chain = new ReplyChain();
    private final Executor executor;

    /// A replica that has executed nothing.
    ///
    /// @param cluster whose history it is: part of what seeds the randomness of commands
    /// @param limits those that are agreed take part in execution, so they are the cluster's
    public OfflineReplica(ClusterId cluster, StateMachine machine, ReplicaLimits limits) {
        this.cluster = cluster;
        this.machine = machine;
        ReplicaListener nobody = ReplicaListener.NONE;
        ReplicaRules rules = ReplicaRules.CORRECT;
        Membership alone = new Membership(List.of(new Member(SOMEBODY, NO_LIFE)));
        this.executor =
                new Executor(
                        ReplicaOptions.of(cluster, SOMEBODY, NO_LIFE, 1, alone).withLimits(limits),
                        new Service(machine, cluster, limits.replyBytes(), nobody, rules),
                        sessions,
                        delivered,
                        chain,
                        new ReplyRouting(new NoClients(), nobody),
                        nobody,
                        rules);
    }

    /// Begins with the state of a snapshot, before anything else.
    ///
    /// @param in exactly a snapshot's content, then end of stream
    /// @throws IOException if reading fails, or the service cannot restore what is read; this
    ///     object and the service's must then be dropped
    /// @throws MalformedException if it is no snapshot of this cluster
    public void restore(InputStream in) throws IOException {
        var _ = restoreFrom(in);
    }

    /// The same; returns how the snapshot begins.
    SnapshotHead restoreFrom(InputStream in) throws IOException {
        Invariant.check(executor.position() == 0, "a snapshot comes first");
        DataInputStream data = new DataInputStream(in);
        SnapshotHead head = SnapshotHead.read(data);
        if (!head.cluster().equals(cluster)) {
            throw new MalformedException("a snapshot of cluster " + head.cluster());
        }
        Bytes host = FrozenReplica.readHost(data);
        machine.restore(data);
        hostState().read(host);
        Invariant.check(
                executor.position() == head.position(),
                "a snapshot is of one position",
                head.position());
        return head;
    }

    /// Executes what was delivered at the position after the last.
    public void execute(long position, Batch batch, long timeNanos) {
        executor.execute(position, batch, timeNanos);
    }

    /// Everything through here is executed.
    public long position() {
        return executor.position();
    }

    /// Agreed time there, nanoseconds since 1970.
    public long timeNanos() {
        return executor.timeNanos();
    }

    /// How many commands were executed here.
    long commands() {
        return executor.commands();
    }

    /// The batches that were delivered.
    DeliveredBatches delivered() {
        return delivered;
    }

    /// What the state is: reads all of it.
    public StateDigest digest() {
        return StateDigest.of(executor.position(), machine, hostState(), chain.digest());
    }

    /// The state as the content of a snapshot with which every member of another cluster is to
    /// begin: positions go on, epochs begin anew, and no protocol has a past.
    public SnapshotContent contentFor(ClusterId other) {
        SnapshotHead head =
                new SnapshotHead(
                        other, null, executor.position(), executor.timeNanos(), Bytes.EMPTY);
        return new FrozenReplica(head, hostState(), machine.snapshot());
    }

    private HostState hostState() {
        return new HostState(executor, chain, delivered, sessions);
    }

    /// There is nobody to answer.
    static final class NoClients implements ClientPort {
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
                int length) {
            throw Invariant.broken("nobody waits for a reply of the past");
        }

        @Override
        public void preferredEntry(long connection, int replica) {
            throw Invariant.broken("nobody is connected to the past");
        }
    }
}
