package dev.lockstep.node;

import dev.lockstep.api.Client;
import dev.lockstep.api.StateMachine;
import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.journal.MemoryStore;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.ReplicaOptions;
import dev.lockstep.replica.ReplicaStatus;
import dev.lockstep.replica.SnapshotOptions;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// A cluster inside one process: every replica a [Node] with its own thread and loopback ports, its
/// journal in memory that outlives the node.
///
/// Every gateway on the class path that serves the state machine listens too, on any free port:
/// [Node#gatewayPort] tells which, and after a restart it is another.
///
/// Replicas are numbered from 1.
///
/// Threading: any thread.
public final class EmbeddedCluster implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final int PORT_ATTEMPTS = 5;
    private static final int SEGMENT_BYTES = 4 << 20;
    private static final long LEADER_PATIENCE_NANOS = 30_000_000_000L;
    private static final long LOOK_NANOS = 2_000_000;

    private final List<MemberConfig> members;
    private final ClusterId clusterId;
    private final Supplier<? extends StateMachine> machine;
    private final List<MemoryStore> stores = new ArrayList<>();

    /// By number less one; null while the replica does not run.
    private final @Nullable Node[] nodes;

    private EmbeddedCluster(List<MemberConfig> members, Supplier<? extends StateMachine> machine) {
        SecureRandom random = new SecureRandom();
        this.members = members;
        this.clusterId = new ClusterId(random.nextLong(), random.nextLong());
        this.machine = machine;
        this.nodes = new @Nullable Node[members.size()];
        for (int i = 0; i < members.size(); i++) {
            stores.add(new MemoryStore());
        }
    }

    static EmbeddedCluster start(int replicas, Supplier<? extends StateMachine> machine) {
        if (replicas < 1) {
            throw new ConfigException("a cluster has at least one replica, not " + replicas);
        }
        for (int attempt = 1; ; attempt++) {
            EmbeddedCluster cluster = new EmbeddedCluster(freshMembers(replicas), machine);
            try {
                for (int id = 1; id <= replicas; id++) {
                    Node.init(cluster.config(id), cluster.store(id));
                    cluster.restart(id);
                }
                return cluster;
            } catch (ConfigException e) {
                cluster.close();
                // Somebody else may have taken a port between looking and listening.
                if (attempt == PORT_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static List<MemberConfig> freshMembers(int replicas) {
        int[] ports = LoopbackPorts.free(2 * replicas);
        List<MemberConfig> members = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            members.add(
                    new MemberConfig(
                            new ReplicaId(i + 1),
                            HOST,
                            ports[2 * i],
                            ports[2 * i + 1],
                            HOST,
                            -1,
                            new TreeMap<>()));
        }
        return members;
    }

    private NodeConfig config(int id) {
        return new NodeConfig(
                "the embedded cluster's configuration",
                clusterId,
                FaultModel.CRASH,
                "leader",
                new TreeMap<>(),
                Durability.OS,
                JournalThreading.INLINE,
                members,
                new ReplicaId(id),
                Path.of(""),
                "embedded",
                new TreeMap<>(),
                ReplicaLimits.DEFAULT,
                SnapshotOptions.DEFAULT,
                ReplicaOptions.DEFAULT_CLOCK_MAX_SKEW_NANOS);
    }

    private StoreSource store(int id) {
        return StoreSource.of(stores.get(id - 1), "the memory of replica " + id);
    }

    /// How many replicas there are, running or not.
    public int size() {
        return nodes.length;
    }

    /// A new session that may use every replica. The caller closes it.
    public Client client() {
        ClientBuilder builder = LockstepClient.builder().cluster(clusterId);
        for (MemberConfig member : members) {
            builder.address(member.host(), member.clientPort());
        }
        return builder.connect();
    }

    /// A new session that talks to replica `id` alone. The caller closes it.
    public Client client(int id) {
        MemberConfig member = members.get(checked(id) - 1);
        return LockstepClient.builder()
                .cluster(clusterId)
                .address(member.host(), member.clientPort())
                .learnMembers(false)
                .follow(false)
                .connect();
    }

    /// The number of the replica that leads, waiting until there is one.
    ///
    /// @throws IllegalStateException if there is none for half a minute, such as when no majority
    ///     runs
    public int leader() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < LEADER_PATIENCE_NANOS) {
            for (int id = 1; id <= nodes.length; id++) {
                if (leads(id)) {
                    return id;
                }
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        throw new IllegalStateException("no replica has led for 30 s; does a majority run?");
    }

    private boolean leads(int id) {
        Node node = nodeOrNull(id);
        if (node == null) {
            return false;
        }
        ReplicaStatus status = node.status();
        return status.serving() && status.self().equals(status.preferredEntry());
    }

    /// A running replica.
    ///
    /// @throws IllegalStateException if replica `id` does not run
    public Node node(int id) {
        Node node = nodeOrNull(id);
        if (node == null) {
            throw new IllegalStateException("replica " + id + " does not run");
        }
        return node;
    }

    private synchronized @Nullable Node nodeOrNull(int id) {
        return nodes[checked(id) - 1];
    }

    private synchronized @Nullable Node take(int id) {
        Node node = nodes[checked(id) - 1];
        nodes[id - 1] = null;
        return node;
    }

    /// Stops replica `id` at once, as if its process had been killed. What it had written stays.
    public void kill(int id) {
        Node node = take(id);
        if (node != null) {
            node.kill();
        }
    }

    /// Stops replica `id` in good order.
    public void stop(int id) {
        Node node = take(id);
        if (node != null) {
            node.close();
        }
    }

    /// Starts replica `id` again on what it had written; does nothing if it runs.
    public synchronized void restart(int id) {
        if (nodes[checked(id) - 1] != null) {
            return;
        }
        NodeConfig config = config(id);
        nodes[id - 1] =
                Node.start(
                        new NodePlan(
                                config,
                                Services.ordering(config.faults(), config.order()),
                                machine,
                                gatewaysFor(machine.get()),
                                store(id),
                                SEGMENT_BYTES,
                                true));
    }

    private static List<GatewayService> gatewaysFor(StateMachine machine) {
        return Services.gateways().stream()
                .filter(gateway -> gateway.serves(machine.getClass()))
                .toList();
    }

    private int checked(int id) {
        if (id < 1 || id > nodes.length) {
            throw new IllegalArgumentException(
                    "replicas are numbered from 1 to " + nodes.length + ", not " + id);
        }
        return id;
    }

    /// Stops every replica at once; what was written is forgotten.
    @Override
    public void close() {
        for (int id = 1; id <= nodes.length; id++) {
            kill(id);
        }
        stores.clear();
    }
}
