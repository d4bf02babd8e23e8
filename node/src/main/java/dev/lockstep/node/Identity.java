package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.net.Fork;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Who a data directory belongs to.
///
/// @param cluster of which cluster
/// @param replica which member
/// @param incarnation in which life
/// @param boot how many times a process has started on it; 0 before the first
/// @param base the position at which the cluster began: 0, or that of the backup that it was
///     restored from, or of the cluster that it goes on from
/// @param parent the cluster that it goes on from, because that one lost its majority; null if it
///     began with nothing or with a backup
record Identity(
        ClusterId cluster,
        ReplicaId replica,
        Incarnation incarnation,
        int boot,
        long base,
        @Nullable ClusterId parent) {

    Identity {
        if (boot < 0 || base < 0) {
            throw new IllegalArgumentException("boot " + boot + ", base " + base);
        }
    }

    /// Of a cluster that began with nothing.
    Identity(ClusterId cluster, ReplicaId replica, Incarnation incarnation, int boot) {
        this(cluster, replica, incarnation, boot, 0, null);
    }

    /// Where the cluster comes from; null unless it goes on from one that lost its majority.
    @Nullable Fork fork() {
        return parent == null ? null : new Fork(parent, base);
    }

    /// The first life of a member, which every member can work out: the first 128 bits of SHA-256
    /// over the text `lockstep genesis`, the cluster id and the replica's number, big-endian, and
    /// the base if it is not 0. So members that began with different states, because one was
    /// restored and the other was not, have nothing to do with each other.
    static Incarnation genesis(ClusterId cluster, ReplicaId replica, long base) {
        ByteBuffer text = ByteBuffer.allocate(64);
        text.put("lockstep genesis".getBytes(StandardCharsets.US_ASCII));
        text.putLong(cluster.high()).putLong(cluster.low()).putInt(replica.value());
        if (base != 0) {
            text.putLong(base);
        }
        ByteBuffer hash = ByteBuffer.wrap(sha256(text.flip()));
        return new Incarnation(hash.getLong(), hash.getLong());
    }

    /// The life in which `member` takes part in `cluster`, which began at `base`.
    static Incarnation incarnationOf(ClusterId cluster, MemberConfig member, long base) {
        Incarnation named = member.incarnation();
        return named == null ? genesis(cluster, member.id(), base) : named;
    }

    /// The same life, one process start later.
    Identity nextBoot() {
        return new Identity(cluster, replica, incarnation, Math.addExact(boot, 1), base, parent);
    }

    private static byte[] sha256(ByteBuffer text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(text);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
