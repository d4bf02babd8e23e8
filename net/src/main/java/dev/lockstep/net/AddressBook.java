package dev.lockstep.net;

import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Where replicas are reached: as configured, and as they or others have said since. All of it is a
/// hint: who answers at an address says who it is.
///
/// Threading: one thread.
public final class AddressBook {

    /// No more replicas than this are remembered.
    static final int MAX_REPLICAS = 256;

    private final SortedMap<ReplicaId, ReplicaAddress> configured;
    private final SortedMap<ReplicaId, KnownReplica> learned = new TreeMap<>();
    private final boolean isFixed;

    /// @param configured what is known without anybody's word
    public AddressBook(SortedMap<ReplicaId, ReplicaAddress> configured) {
        this(configured, false);
    }

    /// @param configured what is known without anybody's word
    /// @param isFixed true if a replica that was configured is dialled there and nowhere else,
    ///     whatever is said of it
    public AddressBook(SortedMap<ReplicaId, ReplicaAddress> configured, boolean isFixed) {
        this.configured = new TreeMap<>(configured);
        this.isFixed = isFixed;
    }

    /// A replica itself says who and where it is: true of now.
    ///
    /// @return true if that is news
    public boolean onHandshake(KnownReplica replica) {
        return put(replica);
    }

    /// Somebody says where another replica is. A later boot of a life is believed; of another life
    /// it is not known which came first, so that is believed only of somebody who is connected to
    /// it, by somebody who is connected to neither.
    ///
    /// @param tellerIsConnected whether it who says so is connected to that replica
    /// @param isConnected whether there is a connection to a replica of that number here
    /// @return true if that is news, and believed
    public boolean onHearsay(KnownReplica replica, boolean tellerIsConnected, boolean isConnected) {
        KnownReplica known = learned.get(replica.id());
        boolean isBetter;
        if (known == null) {
            isBetter = true;
        } else if (known.incarnation().equals(replica.incarnation())) {
            isBetter = replica.boot() > known.boot();
        } else {
            isBetter = tellerIsConnected && !isConnected;
        }
        return isBetter && put(replica);
    }

    private boolean put(KnownReplica replica) {
        if (replica.equals(learned.get(replica.id()))) {
            return false;
        }
        if (learned.size() >= MAX_REPLICAS && !learned.containsKey(replica.id())) {
            return false;
        }
        learned.put(replica.id(), replica);
        return true;
    }

    /// Forgets what was said of a replica.
    void forget(ReplicaId id) {
        learned.remove(id);
    }

    boolean isConfigured(ReplicaId id) {
        return configured.containsKey(id);
    }

    /// What this replica has said last, or others of it; null if that is nothing.
    @Nullable KnownReplica known(ReplicaId id) {
        return learned.get(id);
    }

    /// The numbers of all replicas that have an address.
    public SortedSet<ReplicaId> ids() {
        SortedSet<ReplicaId> ids = new TreeSet<>(configured.keySet());
        ids.addAll(learned.keySet());
        return ids;
    }

    /// What replicas have said, by number.
    public Collection<KnownReplica> learned() {
        return Collections.unmodifiableCollection(learned.values());
    }

    /// Where a replica is most probably reached; null if nothing is known.
    public @Nullable ReplicaAddress find(ReplicaId id) {
        KnownReplica known = learned.get(id);
        return known == null ? configured.get(id) : known.address();
    }

    /// Where a replica may be reached, the most probable address first: one that was configured
    /// anew is tried too, in case the replica has moved while nobody could hear of it.
    List<ReplicaAddress> candidates(ReplicaId id) {
        List<ReplicaAddress> candidates = new ArrayList<>(2);
        ReplicaAddress best = find(id);
        ReplicaAddress other = configured.get(id);
        if (isFixed && other != null) {
            return List.of(other);
        }
        if (best != null) {
            candidates.add(best);
        }
        if (other != null && best != null && !isSamePlace(best, other)) {
            candidates.add(other);
        }
        return candidates;
    }

    private static boolean isSamePlace(ReplicaAddress one, ReplicaAddress other) {
        return one.host().equals(other.host()) && one.peerPort() == other.peerPort();
    }
}
