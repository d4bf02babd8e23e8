package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;

/// Hears of moments at which much hangs by a thread.
interface Lookout {

    /// Does not care.
    Lookout NONE =
            new Lookout() {
                @Override
                public void onNewEntry(SimNode node) {}

                @Override
                public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {}
            };

    /// A replica has found itself to be the best entry.
    void onNewEntry(SimNode node);

    /// A message of the protocol leaves.
    void onSent(int fromIndex, ReplicaId to, ProtocolMessage message);
}
