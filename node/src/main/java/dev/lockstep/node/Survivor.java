package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.Member;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.journal.CopyOnWriteStore;
import dev.lockstep.journal.DirectoryStore;
import dev.lockstep.journal.JournalDamagedException;
import dev.lockstep.journal.JournalOptions;
import dev.lockstep.journal.SegmentJournal;
import dev.lockstep.journal.SnapshotDamagedException;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.replica.OfflineReplica;
import dev.lockstep.replica.SurvivingReplica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The data directory of a replica that is left of a cluster, and what is in it. Reading it changes
/// nothing there.
///
/// @param directory where
/// @param cluster of which cluster
/// @param member whose, and in which life
/// @param holdings what it has
public record Survivor(
        Path directory, ClusterId cluster, Member member, SurvivingReplica.Holdings holdings) {

    /// A survivor and its state.
    record Whole(Survivor survivor, OfflineReplica state) {}

    private static final long NO_SALT = 0;

    /// True if it is one of those whose majority decides.
    public boolean isMember() {
        return holdings.reign() != null && holdings.reign().isMember(member);
    }

    /// Reads a directory as a start on it would.
    ///
    /// @param config the service that it belongs to, and the limits of its cluster
    /// @throws ConfigException with a sentence if nothing can be recovered from it
    static Whole read(Path directory, NodeConfig config) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new ConfigException(
                    directory + " is no directory: name the data directories of the survivors");
        }
        try (DirectoryStore locked = DirectoryStore.open(directory);
                CopyOnWriteStore store = new CopyOnWriteStore(locked)) {
            String where = directory.toString();
            if (!IdentityFile.exists(store)) {
                throw new ConfigException(
                        directory + " has no identity: it is no replica's data directory");
            }
            Identity identity = IdentityFile.read(store, where);
            if (identity.boot() == 0 || !SegmentJournal.isIn(store)) {
                throw new ConfigException(
                        "%s, the data directory of replica %s, %s: nothing can be recovered from it, leave it out"
                                .formatted(
                                        directory,
                                        identity.replica(),
                                        identity.boot() == 0
                                                ? "was never started on"
                                                : "has no journal"));
            }
            return read(directory, store, identity, config);
        }
    }

    private static Whole read(
            Path directory, CopyOnWriteStore store, Identity identity, NodeConfig config)
            throws IOException {
        Member self = new Member(identity.replica(), identity.incarnation());
        SurvivingReplica replica =
                new SurvivingReplica(
                        identity.cluster(),
                        self,
                        Services::find,
                        config.faults(),
                        config.order(),
                        Services.machine(config.service(), config.serviceOptions()).get(),
                        config.limits());
        try (SegmentJournal journal =
                SegmentJournal.open(
                        store,
                        identity.cluster(),
                        GroupId.ZERO,
                        new JournalOptions(JournalOptions.MIN_SEGMENT_BYTES, true, NO_SALT))) {
            SnapshotFiles files =
                    SnapshotFiles.open(store, SnapshotStart.labelOf(identity.cluster()));
            long restored =
                    SnapshotStart.restore(
                            files, replica::restore, identity.replica(), new Mishaps());
            if (restored < identity.base()
                    || (restored == 0 && journal.recovery().firstSequence() > 1)) {
                throw new ConfigException(
                        "%s has lost the snapshots that its journal leads on from: nothing can be recovered from it, leave it out"
                                .formatted(directory));
            }
            journal.replay(replica::replay);
            return new Whole(
                    new Survivor(directory, identity.cluster(), self, replica.finish()),
                    replica.state());
        } catch (MalformedException | JournalDamagedException | SnapshotDamagedException e) {
            throw new ConfigException(
                    "%s, the data directory of replica %s, cannot be read: %s; leave it out if there is another, or restore a backup"
                            .formatted(directory, identity.replica(), e.getMessage()),
                    e);
        }
    }
}
