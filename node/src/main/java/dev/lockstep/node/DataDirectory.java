package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.journal.SegmentJournal;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;

/// What a node requires of its data directory before it takes part.
final class DataDirectory {

    private DataDirectory() {}

    /// Writes the first identity of `config`'s replica.
    ///
    /// @throws ConfigException if there is one, or what needs one
    static void init(FileStore store, String where, NodeConfig config) throws IOException {
        if (IdentityFile.exists(store)) {
            Identity there = IdentityFile.read(store, where);
            throw new ConfigException(
                    "%s is the data directory of replica %s of cluster %s already; start it, or choose another directory"
                            .formatted(where, there.replica(), there.cluster()));
        }
        if (!others(store).isEmpty()) {
            throw new ConfigException(
                    "%s has files (%s) but no identity; restore the identity file or choose an empty directory"
                            .formatted(where, others(store).getFirst()));
        }
        ClusterId cluster = config.clusterId();
        if (cluster == null) {
            SecureRandom random = new SecureRandom();
            throw new ConfigException(
                    "%s does not say which cluster this is; add a line such as cluster: \"%s\" for all members"
                            .formatted(
                                    config.source(),
                                    new ClusterId(random.nextLong(), random.nextLong())));
        }
        Incarnation incarnation = Identity.incarnationOf(cluster, config.member(), 0);
        IdentityFile.write(store, new Identity(cluster, config.self(), incarnation, 0));
    }

    /// The identity under which this process is to start: one boot after the last.
    ///
    /// @throws ConfigException if the directory is not this replica's, or has lost something
    static Identity next(FileStore store, String where, NodeConfig config) throws IOException {
        if (!IdentityFile.exists(store)) {
            throw new ConfigException(
                    "%s has no identity: run lockstep init if replica %s has never run; if it has, restore the directory from a backup"
                            .formatted(where, config.self()));
        }
        Identity identity = IdentityFile.read(store, where);
        if (config.clusterId() != null && !config.clusterId().equals(identity.cluster())) {
            throw new ConfigException(
                    "%s belongs to cluster %s, %s is for cluster %s; use the right one of them"
                            .formatted(
                                    where,
                                    identity.cluster(),
                                    config.source(),
                                    config.clusterId()));
        }
        if (!identity.replica().equals(config.self())) {
            throw new ConfigException(
                    "%s belongs to replica %s, this is replica %s; give each its own directory"
                            .formatted(where, identity.replica(), config.self()));
        }
        Incarnation named =
                Identity.incarnationOf(identity.cluster(), config.member(), identity.base());
        if (!identity.incarnation().equals(named)) {
            throw new ConfigException(
                    "%s is in its life %s, %s names the life %s of replica %s; restore the one that is named"
                            .formatted(
                                    where,
                                    identity.incarnation(),
                                    config.source(),
                                    named,
                                    config.self()));
        }
        if (identity.boot() > 0 && config.durability() == Durability.MEMORY) {
            throw new ConfigException(
                    "replica %s has run before with its journal in memory, where it is lost, so it may not take part again; create a new cluster or choose durability fsync"
                            .formatted(config.self()));
        }
        if (identity.boot() > 0 && !SegmentJournal.isIn(store)) {
            throw new ConfigException(
                    "%s has an identity but no journal, though replica %s has run before; restore the directory from a backup"
                            .formatted(where, config.self()));
        }
        return identity.nextBoot();
    }

    /// The files that are not about identity.
    private static List<String> others(FileStore store) throws IOException {
        return store.list().stream().filter(name -> !name.startsWith(IdentityFile.NAME)).toList();
    }
}
