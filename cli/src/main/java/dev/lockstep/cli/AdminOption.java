package dev.lockstep.cli;

import dev.lockstep.core.FaultModel;
import dev.lockstep.node.ClusterAdmin;
import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The option `--admin`, alike in every command that asks replicas.
final class AdminOption {

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "Ask these admin ports instead of those of the configuration.")
    private List<String> addresses = new ArrayList<>();

    /// As [#clients], `host:port` each.
    List<String> addresses(ConfigOption config, @Nullable CommandSpec spec) {
        return clients(config, spec).stream().map(AdminClient::address).toList();
    }

    /// What changes members: where members may lie, with an operator's key. Whoever names admin
    /// ports has none to sign with, and is told so by the replica.
    ///
    /// @throws dev.lockstep.node.ConfigException if that key is not here
    ClusterAdmin cluster(ConfigOption config, @Nullable CommandSpec spec) {
        if (addresses.isEmpty()) {
            NodeConfig any = ClusterFile.load(config.file());
            if (any.faults() == FaultModel.BYZANTINE) {
                return ClusterAdmin.signing(any);
            }
        }
        return new ClusterAdmin(addresses(config, spec));
    }

    /// The replicas to ask.
    ///
    /// @throws OperatorException if the configuration gives no member an admin port
    /// @throws ParameterException if an address is none
    List<AdminClient> clients(ConfigOption config, @Nullable CommandSpec spec) {
        List<AdminClient> replicas = new ArrayList<>();
        if (!addresses.isEmpty()) {
            addresses.forEach(address -> replicas.add(parse(address, spec)));
            return replicas;
        }
        ClusterFile.load(config.file()).members().stream()
                .filter(member -> member.adminPort() > 0)
                .forEach(
                        m ->
                                replicas.add(
                                        new AdminClient(
                                                m.id().value(), m.adminHost(), m.adminPort())));
        if (replicas.isEmpty()) {
            throw new OperatorException(
                    config.file()
                            + " gives no member a fixed admin-port: name the ports with --admin");
        }
        return replicas;
    }

    private static AdminClient parse(String address, @Nullable CommandSpec spec) {
        int colon = address.lastIndexOf(':');
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            if (colon > 0 && port > 0 && port <= 0xffff) {
                return new AdminClient(address.substring(0, colon), port);
            }
        } catch (NumberFormatException e) {
            // Told below, with all that is not an address.
        }
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "--admin wants HOST:PORT, not '" + address + "'.");
    }
}
