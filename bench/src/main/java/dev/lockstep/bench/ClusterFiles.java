package dev.lockstep.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// What is written into the cluster.yaml of replicas on this machine: the same for all, or for each
/// its own, if the others are not where they listen.
///
/// @param directory where everything of the cluster is
/// @param id of the cluster
/// @param settings lines beside members, cluster and data
/// @param ports by replica
record ClusterFiles(Path directory, String id, List<String> settings, List<Ports> ports) {

    /// Where a replica listens.
    record Ports(int peer, int client, int admin, int redis) {}

    /// Where a replica finds another.
    interface PeerPort {

        /// The port at which it is to be dialled.
        ///
        /// @param of the other replica's number
        int find(int of);
    }

    ClusterFiles {
        settings = List.copyOf(settings);
        ports = List.copyOf(ports);
    }

    /// A new cluster on ports that are free now.
    static ClusterFiles create(Path directory, int replicas, List<String> settings)
            throws IOException {
        byte[] id = new byte[16];
        new SecureRandom().nextBytes(id);
        List<Ports> ports = new ArrayList<>();
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < replicas; i++) {
                ports.add(
                        new Ports(freePort(held), freePort(held), freePort(held), freePort(held)));
            }
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
        return new ClusterFiles(directory, HexFormat.of().formatHex(id), settings, ports);
    }

    private static int freePort(List<ServerSocket> held) throws IOException {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        held.add(socket);
        return socket.getLocalPort();
    }

    /// The file in which every replica is where it listens.
    List<String> lines() {
        return lines(other -> ports.get(other - 1).peer());
    }

    /// True if members and clients sign.
    private boolean areSigned() {
        return settings.contains("faults: byzantine");
    }

    List<String> lines(PeerPort where) {
        List<String> lines = new ArrayList<>();
        if (areSigned()) {
            lines.add(
                    "signatures: {public-keys: '%s', private-keys: '%s'}"
                            .formatted(
                                    directory.resolve("cluster.keys").toString().replace("'", "''"),
                                    directory.resolve("keys").toString().replace("'", "''")));
        }
        lines.add("cluster: \"" + id + "\"");
        lines.add("data: '" + directory.resolve("{id}").toString().replace("'", "''") + "'");
        lines.addAll(settings);
        lines.add("members:");
        for (int i = 1; i <= ports.size(); i++) {
            Ports of = ports.get(i - 1);
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "  - {id: %d, host: 127.0.0.1, peer-port: %d, client-port: %d,"
                                    + " admin-port: %d%s}",
                            i,
                            where.find(i),
                            of.client(),
                            of.admin(),
                            areSigned() ? "" : ", redis-port: " + of.redis()));
        }
        return lines;
    }
}
