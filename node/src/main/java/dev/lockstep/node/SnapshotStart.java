package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.journal.SnapshotDamagedException;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.replica.Replica;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Gives a replica that starts the newest snapshot that is intact; one that is not is passed over
/// for the one before it.
final class SnapshotStart {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// What begins with a snapshot.
    @FunctionalInterface
    interface Beginner {
        /// Takes exactly a snapshot's content.
        void restore(InputStream in) throws IOException;
    }

    private SnapshotStart() {}

    /// What every snapshot file of a cluster carries.
    static Bytes labelOf(ClusterId cluster) {
        return Bytes.wrap(cluster.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /// Returns the position of the snapshot that the replica begins with, 0 if there is none.
    ///
    /// @throws ConfigException if a snapshot is intact and cannot be begun with
    static long restore(SnapshotFiles files, Replica replica, NodeConfig config, Mishaps mishaps)
            throws IOException {
        return restore(files, in -> replica.restore(in), config.self(), mishaps);
    }

    /// The same for whatever begins with a snapshot's content.
    static long restore(SnapshotFiles files, Beginner beginner, ReplicaId self, Mishaps mishaps)
            throws IOException {
        for (String sentence : files.damaged()) {
            LOG.warn("replica {}: {}", self, sentence);
            mishaps.snapshotDamaged();
        }
        for (SnapshotDescription newest : files.complete()) {
            if (isIntact(files, newest.position(), self)) {
                restore(files, newest, beginner, self);
                return newest.position();
            }
            mishaps.snapshotDamaged();
        }
        return 0;
    }

    /// Looks through the whole of it first: a service that has begun to restore a damaged state is
    /// of no use any more.
    private static boolean isIntact(SnapshotFiles files, long position, ReplicaId self)
            throws IOException {
        try {
            files.verify(position);
            return true;
        } catch (SnapshotDamagedException damaged) {
            LOG.warn("replica {} passes a damaged snapshot over: {}", self, damaged.getMessage());
            files.markDamaged(position);
            return false;
        }
    }

    private static void restore(
            SnapshotFiles files, SnapshotDescription snapshot, Beginner beginner, ReplicaId self)
            throws IOException {
        try (InputStream in = files.read(snapshot.position())) {
            beginner.restore(in);
        } catch (SnapshotDamagedException damaged) {
            throw damaged;
        } catch (IOException | MalformedException | IllegalArgumentException e) {
            throw new ConfigException(
                    "replica %s cannot begin with its snapshot at position %d: %s; start the service that wrote it"
                            .formatted(self, snapshot.position(), e.getMessage()),
                    e);
        }
    }
}
