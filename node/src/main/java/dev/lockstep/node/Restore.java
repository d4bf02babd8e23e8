package dev.lockstep.node;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.journal.DirectoryStore;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.journal.SnapshotWriting;
import dev.lockstep.replica.OfflineReplica;
import dev.lockstep.replica.StateDigest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/// Makes the data directories of a new cluster from a backup: the state of the old one at a
/// position, an identity each, no journal. The new cluster's positions go on from there.
///
/// The directories are made by executing the backup's history as the replicas did, so every machine
/// that restores the same backup to the same position begins with the same state.
///
/// Threading: one thread.
public final class Restore {

    /// What was made.
    ///
    /// @param position everything through here is in it
    /// @param time agreed time there
    /// @param digest what the state is: the same wherever this backup is restored to this position
    public record Result(long position, Instant time, StateDigest digest) {}

    private final BackupDirectory backup;
    private final BackupManifest manifest;
    private final ClusterId cluster;
    private final List<NodeConfig> members;

    /// @param cluster the id of the new cluster
    /// @param members the members whose directories are made
    public Restore(BackupDirectory backup, ClusterId cluster, List<NodeConfig> members) {
        this.backup = backup;
        this.manifest = backup.manifest();
        this.cluster = cluster;
        this.members = List.copyOf(members);
    }

    /// Finds what is in the way before anything is written.
    ///
    /// @throws ConfigException if the configuration does not fit, or a directory is not empty
    public void check() throws IOException {
        if (cluster.equals(manifest.origin().cluster())) {
            throw new ConfigException(
                    "%s is the id of the cluster that was backed up, and what is restored is a new cluster: give %s a fresh id, such as that of lockstep init --new"
                            .formatted(cluster, members.getFirst().source()));
        }
        for (NodeConfig member : members) {
            check(member);
        }
    }

    private void check(NodeConfig member) throws IOException {
        if (member.clusterId() != null && !member.clusterId().equals(cluster)) {
            throw new ConfigException(
                    "%s is for cluster %s, and cluster %s is to be restored: make them the same"
                            .formatted(member.source(), member.clusterId(), cluster));
        }
        if (!member.service().equals(manifest.origin().service())) {
            throw new ConfigException(
                    "the backup is of service %s, and %s names service %s: restore it for the service that wrote it"
                            .formatted(
                                    manifest.origin().service(),
                                    member.source(),
                                    member.service()));
        }
        if (member.durability() == Durability.MEMORY) {
            throw new ConfigException(
                    "%s keeps journals in memory, where a restored state is not looked for: choose durability fsync or os"
                            .formatted(member.source()));
        }
        for (NodeConfig other : members) {
            if (!other.self().equals(member.self())
                    && other.dataDirectory().equals(member.dataDirectory())) {
                throw new ConfigException(
                        "%s gives replicas %s and %s the same data directory: write {id} in it, or restore on each machine with --id"
                                .formatted(member.source(), member.self(), other.self()));
            }
        }
        Path directory = member.dataDirectory();
        if (Files.exists(directory)) {
            try (Stream<Path> there = Files.list(directory)) {
                there.map(path -> String.valueOf(path.getFileName()))
                        .filter(name -> !name.equals(DirectoryStore.LOCK_FILE))
                        .findFirst()
                        .ifPresent(
                                name -> {
                                    throw new ConfigException(
                                            "%s, the data directory of replica %s, is not empty (it has %s): a restored replica needs an empty one"
                                                    .formatted(directory, member.self(), name));
                                });
            }
        }
    }

    /// Makes the directories.
    ///
    /// @param position the last position to execute
    /// @param until positions with a later agreed time are not executed
    /// @param progress is told each position
    /// @throws ConfigException if the service cannot be made, or cannot begin with the snapshot
    public Result run(long position, Instant until, LongConsumer progress) throws IOException {
        BackupOrigin origin = manifest.origin();
        StateMachine machine = Services.machine(origin.service(), origin.serviceOptions()).get();
        OfflineReplica replica = new OfflineReplica(origin.cluster(), machine, origin.limits());
        try (InputStream in = backup.content()) {
            replica.restore(in);
        } catch (MalformedException | IllegalArgumentException e) {
            throw new ConfigException(
                    "service %s cannot begin with the backup's snapshot: %s; use the service that wrote it"
                            .formatted(origin.service(), e.getMessage()),
                    e);
        }
        backup.replay(
                entry -> {
                    if (entry.position() > position
                            || BackupHistory.instant(entry.timeNanos()).isAfter(until)) {
                        return false;
                    }
                    replica.execute(entry.position(), entry.batch(), entry.timeNanos());
                    progress.accept(entry.position());
                    return true;
                });
        for (NodeConfig member : members) {
            write(replica, member);
        }
        return new Result(
                replica.position(), BackupHistory.instant(replica.timeNanos()), replica.digest());
    }

    /// The identity comes last: a directory without one is not started on.
    private void write(OfflineReplica replica, NodeConfig member) throws IOException {
        try (DirectoryStore store = DirectoryStore.open(member.dataDirectory())) {
            SnapshotFiles files = SnapshotFiles.open(store, SnapshotStart.labelOf(cluster));
            try (SnapshotWriting writing = files.begin(replica.position())) {
                try (SnapshotContent content = replica.contentFor(cluster)) {
                    content.writeTo(writing.out());
                }
                boolean published = false;
                while (!published) {
                    published = writing.advance();
                }
            }
            long base = replica.position();
            IdentityFile.write(
                    store,
                    new Identity(
                            cluster,
                            member.self(),
                            Identity.incarnationOf(cluster, member.member(), base),
                            0,
                            base));
        }
    }
}
