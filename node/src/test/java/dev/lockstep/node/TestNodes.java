package dev.lockstep.node;

import dev.lockstep.api.Client;
import dev.lockstep.api.Reply;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.SnapshotOptions;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Configurations for nodes on loopback ports, and what tests do with such nodes.
final class TestNodes {

    static final ClusterId CLUSTER = new ClusterId(0x77, 0x88);
    static final String SOURCE = "this test";
    static final byte[] ONE = {1};
    static final byte[] READ = {};

    private TestNodes() {}

    /// A cluster of one that keeps its files in `directory`; all ports but the peers' are any.
    static NodeConfig alone(Path directory, Durability durability) {
        return cluster(1, directory, durability, ReplicaLimits.DEFAULT).getFirst();
    }

    /// Members 1 to `size`, each as its own node sees it.
    static List<NodeConfig> cluster(
            int size, Path directory, Durability durability, ReplicaLimits limits) {
        int[] ports = LoopbackPorts.free(size);
        List<MemberConfig> members = new ArrayList<>();
        for (int id = 1; id <= size; id++) {
            members.add(
                    new MemberConfig(
                            new ReplicaId(id),
                            "127.0.0.1",
                            ports[id - 1],
                            0,
                            "127.0.0.1",
                            0,
                            new TreeMap<>()));
        }
        List<NodeConfig> configs = new ArrayList<>();
        for (MemberConfig member : members) {
            configs.add(
                    new NodeConfig(
                            SOURCE,
                            CLUSTER,
                            FaultModel.CRASH,
                            "leader",
                            new TreeMap<>(),
                            durability,
                            JournalThreading.ADAPTIVE,
                            members,
                            member.id(),
                            directory.resolve(member.id().toString()),
                            Counter.class.getName(),
                            new TreeMap<>(),
                            limits,
                            SnapshotOptions.DEFAULT,
                            1_000_000_000L));
        }
        return configs;
    }

    /// One more replica, on an empty directory, that joins the cluster of another's configuration.
    static NodeConfig joining(NodeConfig known, int id) {
        MemberConfig fresh =
                new MemberConfig(
                        new ReplicaId(id),
                        "127.0.0.1",
                        LoopbackPorts.free(1)[0],
                        0,
                        "127.0.0.1",
                        0,
                        new TreeMap<>(),
                        null,
                        true);
        List<MemberConfig> members = new ArrayList<>(known.members());
        members.add(fresh);
        return with(known, members, fresh.id());
    }

    /// The same replica at another peer port, of which only itself knows.
    static NodeConfig moved(NodeConfig known) {
        MemberConfig old = known.member();
        MemberConfig fresh =
                new MemberConfig(
                        old.id(),
                        old.host(),
                        LoopbackPorts.free(1)[0],
                        0,
                        old.adminHost(),
                        0,
                        new TreeMap<>());
        List<MemberConfig> members = new ArrayList<>(known.members());
        members.replaceAll(each -> each.id().equals(old.id()) ? fresh : each);
        return with(known, members, old.id());
    }

    /// The same with this admin port.
    static NodeConfig withAdminPort(NodeConfig known, int port) {
        MemberConfig old = known.member();
        MemberConfig fresh =
                new MemberConfig(
                        old.id(),
                        old.host(),
                        old.peerPort(),
                        0,
                        old.adminHost(),
                        port,
                        new TreeMap<>());
        List<MemberConfig> members = new ArrayList<>(known.members());
        members.replaceAll(each -> each.id().equals(old.id()) ? fresh : each);
        return with(known, members, old.id());
    }

    /// The same with other options of the protocol.
    static NodeConfig withOptions(NodeConfig known, SortedMap<String, String> options) {
        return new NodeConfig(
                known.source(),
                known.clusterId(),
                known.faults(),
                known.order(),
                options,
                known.durability(),
                known.journalThreading(),
                known.members(),
                known.self(),
                known.dataDirectory(),
                known.service(),
                known.serviceOptions(),
                known.limits(),
                known.snapshots(),
                known.clockMaxSkewNanos());
    }

    private static NodeConfig with(NodeConfig known, List<MemberConfig> members, ReplicaId self) {
        return new NodeConfig(
                known.source(),
                known.clusterId(),
                known.faults(),
                known.order(),
                known.protocolOptions(),
                known.durability(),
                known.journalThreading(),
                members,
                self,
                known.dataDirectory().resolveSibling(self.toString()),
                known.service(),
                known.serviceOptions(),
                known.limits(),
                known.snapshots(),
                known.clockMaxSkewNanos());
    }

    /// How it runs on a store that outlives it.
    static NodePlan plan(NodeConfig config, StoreSource store, List<GatewayService> gateways) {
        return new NodePlan(
                config,
                Services.ordering(config.faults(), config.order()),
                Counter::new,
                gateways,
                store,
                1 << 20,
                true);
    }

    static Client clientOf(Node node) {
        return LockstepClient.builder()
                .address("127.0.0.1", node.clientPort())
                .learnMembers(false)
                .connect();
    }

    static long add(Client client, int amount) {
        return valueOf(client.command(new byte[] {(byte) amount}).toCompletableFuture().join());
    }

    static long read(Client client) {
        return valueOf(client.query(READ).toCompletableFuture().join());
    }

    static long valueOf(Reply reply) {
        return ByteBuffer.wrap(reply.bytes()).getLong();
    }
}
