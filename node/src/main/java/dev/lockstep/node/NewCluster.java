package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.journal.DirectoryStore;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.journal.SnapshotWriting;
import dev.lockstep.replica.OfflineReplica;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The data directories of a cluster that begins with a state that another one had.
///
/// @param id the new cluster
/// @param members those whose directories are made
/// @param parent the cluster that it goes on from, because that one lost its majority; null if it
///     was restored from a backup
record NewCluster(ClusterId id, List<NodeConfig> members, @Nullable ClusterId parent) {

    NewCluster {
        members = List.copyOf(members);
    }

    /// Finds what is in the way before anything is written.
    ///
    /// @param service of which service the state is
    /// @throws ConfigException if the configuration does not fit, or a directory is not empty
    void check(String service) throws IOException {
        for (NodeConfig member : members) {
            check(service, member);
        }
    }

    private void check(String service, NodeConfig member) throws IOException {
        if (member.clusterId() != null && !member.clusterId().equals(id)) {
            throw new ConfigException(
                    "%s is for cluster %s, and cluster %s is to be made: make them the same"
                            .formatted(member.source(), member.clusterId(), id));
        }
        if (!member.service().equals(service)) {
            throw new ConfigException(
                    "the state is of service %s, and %s names service %s: name the service that wrote it"
                            .formatted(service, member.source(), member.service()));
        }
        if (member.durability() == Durability.MEMORY) {
            throw new ConfigException(
                    "%s keeps journals in memory, where a state from elsewhere is not looked for: choose durability fsync or os"
                            .formatted(member.source()));
        }
        for (NodeConfig other : members) {
            if (!other.self().equals(member.self())
                    && other.dataDirectory().equals(member.dataDirectory())) {
                throw new ConfigException(
                        "%s gives replicas %s and %s the same data directory: write {id} in it, or make each on its machine with --id"
                                .formatted(member.source(), member.self(), other.self()));
            }
        }
        Path directory = member.dataDirectory();
        if (Files.exists(directory)) {
            try (Stream<Path> there = Files.list(directory)) {
                there.map(path -> String.valueOf(path.getFileName()))
                        .filter(name -> !name.equals(DirectoryStore.LOCK_FILE))
                        .min(Comparator.naturalOrder())
                        .ifPresent(
                                name -> {
                                    throw new ConfigException(
                                            "%s, the data directory of replica %s, is not empty (it has %s): a member of a new cluster needs an empty one"
                                                    .formatted(directory, member.self(), name));
                                });
            }
        }
    }

    /// Makes the directories. Each one's identity comes last: a directory without one is not
    /// started on.
    void write(OfflineReplica state) throws IOException {
        for (NodeConfig member : members) {
            write(state, member);
        }
    }

    private void write(OfflineReplica state, NodeConfig member) throws IOException {
        try (DirectoryStore store = DirectoryStore.open(member.dataDirectory())) {
            SnapshotFiles files = SnapshotFiles.open(store, SnapshotStart.labelOf(id));
            try (SnapshotWriting writing = files.begin(state.position())) {
                try (SnapshotContent content = state.contentFor(id)) {
                    content.writeTo(writing.out());
                }
                boolean published = false;
                while (!published) {
                    published = writing.advance();
                }
            }
            long base = state.position();
            IdentityFile.write(
                    store,
                    new Identity(
                            id,
                            member.self(),
                            Identity.incarnationOf(id, member.member(), base),
                            0,
                            base,
                            parent));
        }
    }
}
