package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;

import java.util.List;

/// Hears of moments at which much hangs by a thread.
interface Lookout {

    /// Does not care.
    Lookout NONE =
            new Lookout() {
                @Override
                public void onNewEntry(SimNode node) {}

                @Override
                public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {}

                @Override
                public void onHeard(SimNode from) {}
            };

    /// All of them hear of everything, in this order.
    static Lookout all(List<Lookout> lookouts) {
        return new Lookout() {
            @Override
            public void onNewEntry(SimNode node) {
                lookouts.forEach(lookout -> lookout.onNewEntry(node));
            }

            @Override
            public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {
                lookouts.forEach(lookout -> lookout.onSent(fromIndex, to, message));
            }

            @Override
            public void onHeard(SimNode from) {
                lookouts.forEach(lookout -> lookout.onHeard(from));
            }

            @Override
            public void onTrouble(SimNode node) {
                lookouts.forEach(lookout -> lookout.onTrouble(node));
            }

            @Override
            public void onReceived(SimNode by, ReplicaId from, ProtocolMessage message) {
                lookouts.forEach(lookout -> lookout.onReceived(by, from, message));
            }

            @Override
            public void onSnapshot(SimNode node) {
                lookouts.forEach(lookout -> lookout.onSnapshot(node));
            }

            @Override
            public void onExile(Exile.Banishment banishment) {
                lookouts.forEach(lookout -> lookout.onExile(banishment));
            }
        };
    }

    /// A replica has found itself to be the best entry.
    void onNewEntry(SimNode node);

    /// A message of the protocol leaves.
    void onSent(int fromIndex, ReplicaId to, ProtocolMessage message);

    /// A frame has arrived at another replica.
    void onHeard(SimNode from);

    /// Something begins to go wrong with a replica, and worse will follow.
    default void onTrouble(SimNode node) {}

    /// A message of the protocol has arrived and is about to be heeded.
    default void onReceived(SimNode by, ReplicaId from, ProtocolMessage message) {}

    /// A snapshot of a replica has become durable, its own or another's, and it does not know yet.
    default void onSnapshot(SimNode node) {}

    /// A replica is about to be cut off from the others but from no client.
    default void onExile(Exile.Banishment banishment) {}
}
