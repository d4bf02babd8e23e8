package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.journal.SegmentJournal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;

/// What a node requires of its data directory, and what it makes of one that is new or has lost
/// something: the directory of a new life.
final class DataDirectory {

    private DataDirectory() {}

    /// Under whom this process is to start.
    ///
    /// @param identity one boot after the last
    /// @param reborn why the replica begins a new life, one sentence without its end; null if it
    ///     goes on with the one it had
    record Start(Identity identity, @Nullable String reborn) {}

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
        if (config.member().joins()) {
            throw new ConfigException(
                    "replica %s joins a cluster that exists, so it is not initialised; start it"
                            .formatted(config.self()));
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
        AddressFile.delete(store);
        Incarnation incarnation = Identity.incarnationOf(cluster, config.member(), 0);
        IdentityFile.write(store, new Identity(cluster, config.self(), incarnation, 0));
    }

    /// The identity under which this process is to start. A directory that is empty, or has lost
    /// its identity or its journal, gets a new one.
    ///
    /// @throws ConfigException if the directory is not this replica's, or a new life could never
    ///     become a member
    static Start next(FileStore store, String where, NodeConfig config) throws IOException {
        Identity identity;
        try {
            if (!IdentityFile.exists(store)) {
                throw new IdentityFile.Damaged(
                        "%s has no identity: run lockstep init if replica %s has never run; if it has, restore the directory from a backup"
                                .formatted(where, config.self()));
            }
            identity = IdentityFile.read(store, where);
        } catch (IdentityFile.Damaged damaged) {
            ClusterId cluster = config.clusterId();
            if (cluster == null || !hasOthers(config)) {
                throw damaged;
            }
            boolean isEmpty = !IdentityFile.exists(store) && others(store).isEmpty();
            return reborn(
                    store,
                    config,
                    cluster,
                    where
                            + (isEmpty
                                    ? " is empty"
                                    : IdentityFile.exists(store)
                                            ? " has a damaged identity file"
                                            : " has files and no identity"));
        }
        checkOwner(identity, where, config);
        if (identity.boot() == 0 && identity.base() == 0) {
            // Nothing of this life can be here: it is what another one left.
            FormerLife.putAside(store, identity.incarnation());
            return new Start(identity.nextBoot(), null);
        }
        String lost = lostBy(store, where, config, identity);
        if (lost == null) {
            return new Start(identity.nextBoot(), null);
        }
        return reborn(store, config, identity.cluster(), lost);
    }

    private static void checkOwner(Identity identity, String where, NodeConfig config) {
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
    }

    /// What the directory of a replica that has run lacks; null if nothing.
    private static @Nullable String lostBy(
            FileStore store, String where, NodeConfig config, Identity identity)
            throws IOException {
        if (identity.boot() == 0) {
            return null;
        }
        if (config.durability() == Durability.MEMORY) {
            if (!hasOthers(config)) {
                throw new ConfigException(
                        "replica %s has run before with its journal in memory, where it is lost, so it may not take part again; create a new cluster or choose durability fsync"
                                .formatted(config.self()));
            }
            return "its journal was in memory";
        }
        if (SegmentJournal.isIn(store)) {
            return null;
        }
        if (!hasOthers(config)) {
            throw new ConfigException(
                    "%s has an identity but no journal, though replica %s has run before; restore the directory from a backup"
                            .formatted(where, config.self()));
        }
        return where + " has lost its journal";
    }

    /// Ends the life that the directory holds: what it promised is not known any more for certain.
    /// Crash safe, because the new identity comes first.
    ///
    /// @param why one sentence without its end
    static Start reborn(FileStore store, NodeConfig config, ClusterId cluster, String why)
            throws IOException {
        SecureRandom random = new SecureRandom();
        Incarnation incarnation = new Incarnation(random.nextLong(), random.nextLong());
        Identity identity = new Identity(cluster, config.self(), incarnation, 0);
        IdentityFile.write(store, identity);
        FormerLife.putAside(store, incarnation);
        return new Start(identity.nextBoot(), why);
    }

    /// True if there are others that can bring a new life up to date and take it in.
    static boolean hasOthers(NodeConfig config) {
        return config.founders().stream().anyMatch(each -> !each.id().equals(config.self()));
    }

    /// The files that are not about identity.
    private static List<String> others(FileStore store) throws IOException {
        return store.list().stream()
                .filter(
                        name ->
                                !IdentityFile.isOne(name)
                                        && !AddressFile.isOne(name)
                                        && !EvidenceBook.isOne(name))
                .toList();
    }
}
