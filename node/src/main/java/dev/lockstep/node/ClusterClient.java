package dev.lockstep.node;

import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.FaultModel;
import dev.lockstep.net.keys.ClientKeys;
import dev.lockstep.net.keys.KeyRefusedException;

/// How a program reaches the cluster of a configuration, whatever its faults are: the cluster's
/// file
/// decides whether the client believes one replica or counts votes.
public final class ClusterClient {

    private ClusterClient() {}

    /// A client that is yet to connect. Where clients sign, it is the one whose number
    /// `signatures: {client: …}` names.
    ///
    /// ```java
    /// try (var client = ClusterClient.of(NodeConfig.load(Path.of("cluster.yaml"), 1)).connect()) {
    ///     client.command(bytes).toCompletableFuture().join();
    /// }
    /// ```
    ///
    /// @throws ConfigException if no member has a fixed client port, or the client's key is not in
    ///     order
    public static ClientBuilder of(NodeConfig config) {
        return of(config, config.signatures().client());
    }

    /// The same for the client with this number.
    public static ClientBuilder of(NodeConfig config, int client) {
        ClientBuilder builder = LockstepClient.builder();
        int usable = 0;
        for (MemberConfig member : config.members()) {
            if (member.clientPort() > 0) {
                builder.address(member.host(), member.clientPort());
                usable++;
            }
        }
        if (usable == 0) {
            throw new ConfigException(
                    config.source()
                            + " gives no member a fixed client-port: write the ports that the"
                            + " members log when they start");
        }
        if (config.clusterId() != null) {
            builder.cluster(config.clusterId());
        }
        return voting(builder, config, client);
    }

    /// The same client at other addresses.
    ///
    /// @param builder has the addresses
    public static ClientBuilder voting(ClientBuilder builder, NodeConfig config, int client) {
        if (config.faults() != FaultModel.BYZANTINE) {
            return builder;
        }
        SignatureConfig signatures = config.signatures();
        try {
            return builder.voting(
                    NodeKeys.resilience(config),
                    ClientKeys.load(signatures.provider(), signatures.keys(), client));
        } catch (KeyRefusedException refused) {
            throw new ConfigException(String.valueOf(refused.getMessage()), refused);
        }
    }
}
