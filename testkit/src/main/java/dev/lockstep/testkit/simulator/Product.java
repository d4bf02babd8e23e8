package dev.lockstep.testkit.simulator;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingProviders;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.journal.JournalOptions;
import dev.lockstep.journal.SegmentJournal;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaOptions;
import dev.lockstep.replica.ReplicaPorts;

import java.io.IOException;

/// How replicas and journals are made: as the product does it, unless a test wants to see that a
/// broken one is noticed.
///
/// Threading: used by several threads at once if several run seeds.
public interface Product {

    /// The product as it is.
    Product WHOLE = new Product() {};

    /// See [Replica#create].
    default Replica createReplica(
            ReplicaOptions options,
            OrderingProvider<?, ?> provider,
            OrderingProviders others,
            StateMachine machine,
            ReplicaPorts ports) {
        return Replica.create(options, provider, others, machine, ports);
    }

    /// See [SegmentJournal#open].
    ///
    /// @throws IOException if the files cannot be read, or are damaged
    default SegmentJournal openJournal(
            FileStore store, ClusterId cluster, GroupId group, JournalOptions options)
            throws IOException {
        return SegmentJournal.open(store, cluster, group, options);
    }

    /// For how long a replica does nothing else when it takes a snapshot or has received one, in
    /// simulated nanoseconds.
    default long standstillNanos() {
        return 0;
    }
}
