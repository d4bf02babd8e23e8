package dev.lockstep.node;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.replica.OfflineReplica;
import dev.lockstep.replica.StateDigest;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.function.LongConsumer;

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
    private final NewCluster made;

    /// @param cluster the id of the new cluster
    /// @param members the members whose directories are made
    public Restore(BackupDirectory backup, ClusterId cluster, List<NodeConfig> members) {
        this.backup = backup;
        this.manifest = backup.manifest();
        this.cluster = cluster;
        this.members = List.copyOf(members);
        this.made = new NewCluster(cluster, this.members, null);
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
        made.check(manifest.origin().service());
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
        made.write(replica);
        return new Result(
                replica.position(), BackupHistory.instant(replica.timeNanos()), replica.digest());
    }
}
