package dev.lockstep.node;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.net.keys.KeyOwner;
import dev.lockstep.net.keys.KeyStore;
import dev.lockstep.net.keys.SignatureLibrary;
import dev.lockstep.net.keys.SignatureProvider;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.ReplicaOptions;
import dev.lockstep.replica.SnapshotOptions;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Configurations of clusters whose members sign, and their keys.
final class ByzantineNodes {

    private ByzantineNodes() {}

    /// Where the keys of such a cluster are.
    static SignatureConfig signatures(Path directory) {
        return new SignatureConfig(
                SignatureProvider.BOUNCY_CASTLE,
                new KeyStore(directory.resolve("cluster.keys"), directory.resolve("keys")),
                1,
                1);
    }

    /// Members 1 to `size`, and the keys of all of them and of client 1.
    static List<NodeConfig> cluster(
            int size, Path directory, Durability durability, SortedMap<String, String> options) {
        SignatureConfig signatures = signatures(directory);
        SignatureLibrary library = SignatureLibrary.open(signatures.provider());
        List<NodeConfig> configs =
                TestNodes.cluster(size, directory, durability, ReplicaLimits.DEFAULT).stream()
                        .map(known -> byzantine(known, signatures, options))
                        .toList();
        for (NodeConfig config : configs) {
            make(signatures, library, KeyOwner.replica(config.self()));
        }
        make(signatures, library, KeyOwner.client(1));
        make(signatures, library, KeyOwner.operator(1));
        return configs;
    }

    /// Makes the key of a further client.
    static void makeClient(Path directory, int client) {
        SignatureConfig signatures = signatures(directory);
        make(signatures, SignatureLibrary.open(signatures.provider()), KeyOwner.client(client));
    }

    private static void make(SignatureConfig signatures, SignatureLibrary library, KeyOwner owner) {
        var _ = signatures.keys().init(library, TestNodes.CLUSTER, owner, Epoch.FIRST);
    }

    private static NodeConfig byzantine(
            NodeConfig known, SignatureConfig signatures, SortedMap<String, String> options) {
        return new NodeConfig(
                known.source(),
                known.clusterId(),
                FaultModel.BYZANTINE,
                "leader",
                new TreeMap<>(options),
                known.durability(),
                known.journalThreading(),
                known.members(),
                known.self(),
                known.dataDirectory(),
                known.service(),
                known.serviceOptions(),
                known.limits(),
                known.snapshots(),
                known.clockMaxSkewNanos(),
                ReplicaOptions.DEFAULT_COMPARE_STATES_NANOS,
                null,
                signatures);
    }

    static NodeConfig with(NodeConfig known, SnapshotOptions snapshots) {
        return new NodeConfig(
                known.source(),
                known.clusterId(),
                known.faults(),
                known.order(),
                known.protocolOptions(),
                known.durability(),
                known.journalThreading(),
                known.members(),
                known.self(),
                known.dataDirectory(),
                known.service(),
                known.serviceOptions(),
                known.limits(),
                snapshots,
                known.clockMaxSkewNanos(),
                known.compareStatesNanos(),
                known.authority(),
                known.signatures());
    }
}
